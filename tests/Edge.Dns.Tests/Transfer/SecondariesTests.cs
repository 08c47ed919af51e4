using System.Collections.Immutable;
using Edge.Dns.Transfer;
using Edge.Dns.Wire;
using Xunit;

namespace Edge.Dns.Tests.Transfer;

/// <summary>BIND, Knot and NSD as secondaries: each holds exactly one horizon, and follows it by NOTIFY and IXFR.</summary>
public sealed class SecondariesTests
{
    [Theory]
    [InlineData("BIND", "lan-key.", "lan")]
    [InlineData("BIND", "public-key.", "public")]
    [InlineData("Knot", "lan-key.", "lan")]
    [InlineData("Knot", "public-key.", "public")]
    [InlineData("NSD", "lan-key.", "lan")]
    [InlineData("NSD", "public-key.", "public")]
    public async Task It_holds_the_horizon_of_its_key_and_follows(string program, string key, string view)
    {
        await using var peer = new PeerProcess();
        await using var server = new TransferringServer(new TransferPolicy(
            [KeyValuePair.Create(Name.Parse("example.com."), ImmutableArray.Create(new TransferPeer(peer.EndPoint, Name.Parse(key))))], []));
        peer.StartSecondary(program, server.Port, key.TrimEnd('.'));
        await peer.UntilSerial("example.com", 10);
        Assert.Equal(server.Content(view), Held(peer));

        // The refresh time is an hour: whoever follows sooner was told.
        server.Change(11, "more A 192.0.2.99\nmore AAAA 2001:db8::99\n");
        await peer.UntilSerial("example.com", 11);
        Assert.Equal(server.Content(view), Held(peer));
        server.Change(12, "more A 192.0.2.98\n");
        await peer.UntilSerial("example.com", 12);
        Assert.Equal(server.Content(view), Held(peer));
        await server.UntilLogged($"({view}) serial 12 was sent to 127.0.0.1 as IXFR");
        Assert.DoesNotContain(server.Content(view == "lan" ? "public" : "lan").Except(server.Content(view)), line => Held(peer).Contains(line));
    }

    private static List<string> Held(PeerProcess peer) => TransferringServer.Sorted(Dig.Records($"@127.0.0.1 -p {peer.Port} example.com AXFR"));
}
