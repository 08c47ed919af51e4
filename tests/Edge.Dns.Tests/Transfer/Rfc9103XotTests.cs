using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Edge.Dns.Tests.Interop;
using Edge.Dns.Tests.Listeners;
using Edge.Dns.Transfer;
using Edge.Dns.Wire;
using Xunit;

namespace Edge.Dns.Tests.Transfer;

/// <summary>Transfers over TLS (RFC 9103), with BIND on the other side.</summary>
public sealed class Rfc9103XotTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("edge-xot");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task BIND_has_the_zone_from_us_over_TLS_only()
    {
        await using var peer = new PeerProcess();
        var policy = new TransferPolicy(
            [KeyValuePair.Create(Name.Parse("example.com."), ImmutableArray.Create(new TransferPeer(peer.EndPoint, Name.Parse("public-key."), TlsOnly: true)))], []);
        await using var server = new TransferringServer(policy);
        Assert.Contains("REFUSED", server.DigRaw($"example.com AXFR {TransferringServer.Sign("public-key.")} +noall +comments"), StringComparison.Ordinal);
        var root = peer.Write("root.pem", TestCertificate.Context.TargetCertificate.ExportCertificatePem());
        peer.StartBind($$"""
            key "public-key" { algorithm hmac-sha256; secret "{{TransferringServer.Secret}}"; };
            tls edge { ca-file "{{root}}"; remote-hostname "ns.example.com"; };
            zone "example.com" { type secondary; file "held"; primaries { 127.0.0.1 port {{server.TlsPort}} key "public-key" tls edge; }; allow-transfer { any; };
                                 allow-notify { 127.0.0.1; }; };
            """);
        await peer.UntilSerial("example.com", 10);
        Assert.Equal(server.Content("public"), TransferringServer.Sorted(Dig.Records($"@127.0.0.1 -p {peer.Port} example.com AXFR")));
    }

    [Theory]
    [InlineData("the name and the CA", null)]
    [InlineData("the public key", null)]
    [InlineData("another name", "TLS fails: its certificate is not for ns.example.net but for ns.example.com")]
    [InlineData("another CA", "TLS fails: its certificate is not trusted by the root CN=other: ")]
    [InlineData("another public key", "TLS fails: its public key has the pin PIN and not AAAA")]
    [InlineData("what the system trusts", "TLS fails: its certificate is not trusted by this system: ")]
    public async Task We_have_the_zone_from_who_proves_to_be_the_primary(string proof, string? doubt)
    {
        await using var primary = new TransferringServer(TransferringServer.ByKey);
        var certificate = TestCertificate.Context.TargetCertificate;
        var pin = Convert.ToBase64String(SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo()));
        var tls = proof switch
        {
            "the name and the CA" => new PrimaryTls("ns.example.com", Root: certificate.ExportCertificatePem()),
            "the public key" => new PrimaryTls(Pin: pin),
            "another name" => new PrimaryTls("ns.example.net", Root: certificate.ExportCertificatePem()),
            "another CA" => new PrimaryTls("ns.example.com", Root: Unknown()),
            "another public key" => new PrimaryTls("ns.example.com", Pin: Convert.ToBase64String(new byte[32])),
            _ => new PrimaryTls("ns.example.com"),
        };
        await using var server = new FollowingServer(_folder.FullName, null, 0, FollowingServer.From(primary.TlsPort, "public-key.", tls));
        await server.Until(() => server.Serial() == 10 || server.Logs.Lines.Any(line => line.Contains("TLS fails", StringComparison.Ordinal)));
        Assert.Equal((proof, doubt is null), (proof, server.Serial() == 10));
        if (doubt is not null)
        {
            Assert.Contains(server.Logs.Lines, line => line.Contains(doubt.Replace("PIN", pin, StringComparison.Ordinal), StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task We_have_the_zone_from_BIND()
    {
        await using var peer = new PeerProcess();
        var port = FreePorts.Next();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=peer.test", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("peer.test");
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        var pem = peer.Write("cert.pem", certificate.ExportCertificatePem());
        var secret = peer.Write("key.pem", key.ExportPkcs8PrivateKeyPem());
        peer.Write("example.com.zone", TransferringServer.Zone);
        peer.StartBind(
            $$"""
            key "public-key" { algorithm hmac-sha256; secret "{{TransferringServer.Secret}}"; };
            tls own { cert-file "{{pem}}"; key-file "{{secret}}"; };
            zone "example.com" { type primary; file "example.com.zone"; allow-transfer port {{port}} transport tls { key "public-key"; }; notify no; };
            """,
            $"listen-on port {port} tls own {{ 127.0.0.1; }};");
        await peer.UntilSerial("example.com", 10);
        await using var server = new FollowingServer(_folder.FullName, null, 0, FollowingServer.From(port, "public-key.", new PrimaryTls("peer.test", Root: certificate.ExportCertificatePem())));
        await server.Until(() => server.Serial() == 10);
    }

    private static string Unknown()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var other = new CertificateRequest("CN=other", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return other.ExportCertificatePem();
    }
}
