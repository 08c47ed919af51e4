using Edge.Dns.Wire;
using Edge.Services;
using Edge.Tests.Stores;
using Xunit;

namespace Edge.Tests.DynamicDns;

/// <summary>Who was told that a token is revoked does not see it change names, however long what it sent has waited.</summary>
public sealed class DynamicRevokedTests
{
    [Theory]
    [InlineData("revoked", "been revoked")]
    [InlineData("expired", "expired")]
    public async Task What_waited_for_others_when_its_token_ended_changes_nothing(string how, string said)
    {
        Task<string?>? sent = null;
        Task<Edge.Dns.Update.UpdateRefusal?>? changed = null;
        DynamicRoomLab lab = null!;
        using (lab = new DynamicRoomLab(time => new WatchedStore(time, (_, number) =>
        {
            if (number == 1)
            {
                (sent, changed) = (lab.SendAsync("b"), lab.ChangeAsync(("c", "198.51.100.9")));
                lab.TokenState = how == "expired" ? TokenState.Expired : TokenState.Revoked;
            }
        })))
        {
            await lab.StartAsync();
            Assert.Equal("good 198.51.100.7", await lab.SendAsync("a"));
            Assert.Null(await sent!);
            var refusal = await changed!;
            Assert.Equal(Rcode.Refused, refusal!.Rcode);
            Assert.Contains($"the token cabin has {said}", refusal.ToString(), StringComparison.Ordinal);
            Assert.Equal(("a", "a"), (lab.Answered, await lab.KeptAsync()));
        }
    }
}
