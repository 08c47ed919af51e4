using Edge.Dns.Tests.Signing;
using Edge.Dns.Transfer;
using Xunit;

namespace Edge.Dns.Tests.Transfer;

/// <summary>A zone that its primary signs: who validates sees no difference between the primary and Edge.</summary>
public sealed class SignedElsewhereTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("edge-signed-elsewhere");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("off")]
    [InlineData("on")]
    public async Task What_Knot_signs_validates_at_its_secondary(string nsec3)
    {
        await using var peer = new PeerProcess();
        peer.Write("example.com.zone", TransferringServer.Zone);
        Start(peer, nsec3);
        await peer.UntilAnswered("example.com DNSKEY");
        await using var server = new FollowingServer(_folder.FullName, null, 0, FollowingServer.From(peer.Port));
        await server.Until(() => server.Serial() is { } serial && serial == peer.SerialOf("example.com"));

        var key = Dig.Records($"@127.0.0.1 -p {peer.Port} example.com DNSKEY")[0].Split(' ', 8);
        using var anchors = new AnchorFile($"trust-anchors {{ \"example.com.\" static-key {key[4]} {key[5]} {key[6]} \"{key[7]}\"; }};\n");
        foreach (var (name, type) in ((string, string)[])[("www", "A"), ("gone", "A"), ("www", "MX"), ("x.y.w", "AAAA"), ("x.y.w", "MX"), ("w", "A"), ("sub", "DS"), ("a.b.c", "TXT"), ("odd", "TYPE65280")])
        {
            var output = anchors.Delv(server.Port, "127.0.0.1", $"{name}.example.com", type);
            Assert.True(output.Contains("fully validated", StringComparison.Ordinal) && !output.Contains("unsigned", StringComparison.Ordinal), $"{name} {type}: {output}");
        }
    }

    private static void Start(PeerProcess peer, string nsec3) => peer.StartKnot($"""
        acl:
          - id: give
            address: 127.0.0.1
            action: transfer
        policy:
          - id: own
            algorithm: ecdsap256sha256
            single-type-signing: on
            nsec3: {nsec3}
        zone:
          - domain: example.com
            file: example.com.zone
            zonefile-load: difference
            dnssec-signing: on
            dnssec-policy: own
            acl: give
        """);
}
