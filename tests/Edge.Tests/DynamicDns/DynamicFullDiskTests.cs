using Edge.Services;
using Edge.Stores;
using Edge.Tests.Services;
using Xunit;

namespace Edge.Tests.DynamicDns;

/// <summary>A full disk ends no name that is sent: whoever sends it is alive.</summary>
public sealed class DynamicFullDiskTests
{
    // A lease of an hour and its tenth.
    [Theory]
    [InlineData("198.51.100.7", false, "nochg 198.51.100.7")]
    [InlineData("198.51.100.8", false, "911")]
    [InlineData("198.51.100.7", true, "kept")]
    [InlineData("198.51.100.8", true, "ServFail")]
    public async Task A_name_that_was_lent_and_is_sent_while_nothing_can_be_written(string address, bool byUpdate, string said)
    {
        FailingStore store = null!;
        using var lab = new DynamicRoomLab(time => store = new FailingStore(time))
        {
            Token = new Token { Name = "cabin", Hash = new byte[32], Scope = new TokenScope(["*"], ["*"]), Created = default, Lease = TimeSpan.FromHours(1) },
        };
        await lab.StartAsync();
        Assert.Equal("good 198.51.100.7", await lab.SendAsync("a"));
        store.Failure = new StoreUnavailableException("the disk is full") { OutOfSpace = true };
        for (var i = 0; i < 4; i++)
        {
            await lab.PassAsync(TimeSpan.FromMinutes(30));
            Assert.Equal(said, byUpdate ? (await lab.ChangeAsync(("a", address)))?.Rcode.ToString() ?? "kept" : await lab.SendAsync("a", address));
            Assert.Equal("a", lab.Answered);
        }

        Assert.Equal("198.51.100.7", lab.Addresses.All.Single().IPv4);
        store.Failure = null;
        await lab.PassAsync(TimeSpan.FromMinutes(55));
        Assert.Equal(("a", "a"), (lab.Answered, await lab.KeptAsync()));
        await lab.PassAsync(TimeSpan.FromMinutes(12));
        Assert.Equal(("", ""), (lab.Answered, await lab.KeptAsync()));
    }
}
