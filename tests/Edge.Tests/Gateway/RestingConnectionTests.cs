using System.Net;
using Edge.Access;
using Edge.Acme;
using Edge.Stores;
using Edge.Tests.Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Edge.Tests.Gateway;

/// <summary>A connection that was answered anything at all rests, and is closed when Edge ends: waited for is only who has not asked yet.</summary>
public sealed class RestingConnectionTests
{
    private const string Challenge = "/.well-known/acme-challenge/token-1";

    private static readonly ChallengeAnswer Answer = new()
    {
        Type = ChallengeType.Http01,
        Identifier = AcmeIdentifier.Of("raw.example.com"),
        Token = "token-1",
        KeyAuthorization = "token-1.thumb",
        Account = new Uri("https://ca.test/account/opaque-1"),
    };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("an unknown host", "GET / HTTP/1.1\r\nHost: raw.example.com\r\n\r\n", 404)]
    [InlineData("no host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", 400)]
    [InlineData("a circle", "GET / HTTP/1.1\r\nHost: raw.example.com\r\nCDN-Loop: LOOP\r\n\r\n", 508)]
    [InlineData("a CA that looks", "GET " + Challenge + " HTTP/1.1\r\nHost: raw.example.com\r\n\r\n", 200)]
    [InlineData("a client that is banned", "GET / HTTP/1.1\r\nHost: raw.example.com\r\n\r\n", 403)]
    public async Task Whoever_was_answered_has_asked(string who, string request, int status)
    {
        var http = new HttpChallenges();
        await using var store = new MemoryStore(TimeProvider.System, NullLogger<MemoryStore>.Instance);
        var bans = new BanManager(new BanSetup { Options = new BanOptions { Never = [] }, IsLan = _ => false, Store = store, Time = TimeProvider.System, Log = NullLogger.Instance });
        await bans.LoadAsync(Cancel);
        await using var gateway = await RunningGateway.StartAsync(http: http, bans: bans);
        await using var shown = await http.PresentAsync([Answer], Cancel);
        await using var silent = await RawClient.ConnectAsync(gateway.Https);
        await using var client = await RawClient.ConnectAsync(gateway.Https);
        if (who.EndsWith("banned", StringComparison.Ordinal))
        {
            await bans.AddAsync(IPNetwork.Parse("127.0.0.1/32"), "by hand", Ban.ByAdmin, null, Cancel);
        }

        await client.SendAsync(request.Replace("LOOP", gateway.Loops.Id, StringComparison.Ordinal));
        Assert.StartsWith($"HTTP/1.1 {status} ", await client.ReadAsync("\r\n\r\n"), StringComparison.Ordinal);
        gateway.Listeners.Open.EndIdle();
        var ended = client.ReadAsync();
        await Eventually.TrueAsync(() => ended.IsCompleted, () => $"the connection of {who} is kept as one that has not asked");
        Assert.False(silent.ReadAsync().IsCompleted);
    }
}
