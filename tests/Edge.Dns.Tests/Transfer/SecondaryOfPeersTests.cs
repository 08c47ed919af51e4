using Edge.Dns.Tests.Interop;
using Edge.Dns.Transfer;
using Xunit;

namespace Edge.Dns.Tests.Transfer;

/// <summary>Edge as secondary of BIND and Knot: it has what they have, follows, and has it still after a restart.</summary>
public sealed class SecondaryOfPeersTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("edge-secondary");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("BIND")]
    [InlineData("Knot")]
    public async Task It_follows_by_NOTIFY_and_IXFR_and_survives_a_restart(string program)
    {
        await using var peer = new PeerProcess();
        var port = FreePorts.Next();
        WriteZone(peer, 10, "");
        Start(program, peer, port);
        await peer.UntilSerial("example.com", 10);
        await using (var server = new FollowingServer(_folder.FullName, null, port, FollowingServer.From(peer.Port, "public-key.")))
        {
            await server.Until(() => server.Serial() == 10);
            Assert.Equal(Held(peer), server.Content());

            // The refresh time is an hour: what comes sooner was told.
            WriteZone(peer, 11, "more A 192.0.2.99\n");
            peer.Reload();
            await server.Until(() => server.Serial() == 11);
            Assert.Equal(Held(peer), server.Content());
            Assert.Contains(server.Logs.Lines, line => line.Contains("serial 11 came from", StringComparison.Ordinal) && line.Contains("as IXFR", StringComparison.Ordinal));
        }

        var before = Held(peer);
        peer.Kill();
        await using var again = new FollowingServer(_folder.FullName, null, 0, FollowingServer.From(peer.Port, "public-key."));
        Assert.Equal(before, again.Content());
    }

    private static List<string> Held(PeerProcess peer) =>
        TransferringServer.Sorted(Dig.Records($"@127.0.0.1 -p {peer.Port} {TransferringServer.Sign("public-key.")} example.com AXFR"));

    private static void WriteZone(PeerProcess peer, uint serial, string added) => peer.Write(
        "example.com.zone", TransferringServer.Zone.Replace("hostmaster 10 ", $"hostmaster {serial} ", StringComparison.Ordinal) + "\n" + added);

    private static void Start(string program, PeerProcess peer, int secondary)
    {
        if (program == "BIND")
        {
            peer.StartBind($$"""
                key "public-key" { algorithm hmac-sha256; secret "{{TransferringServer.Secret}}"; };
                zone "example.com" { type primary; file "example.com.zone"; ixfr-from-differences yes; allow-transfer { key "public-key"; };
                                     notify explicit; also-notify { 127.0.0.1 port {{secondary}} key "public-key"; }; };
                """);
            return;
        }

        peer.StartKnot($"""
            key:
              - id: public-key
                algorithm: hmac-sha256
                secret: {TransferringServer.Secret}
            remote:
              - id: edge
                address: 127.0.0.1@{secondary}
                key: public-key
            acl:
              - id: give
                address: 127.0.0.1
                key: public-key
                action: transfer
            zone:
              - domain: example.com
                file: example.com.zone
                zonefile-load: difference
                notify: edge
                acl: give
            """);
    }
}
