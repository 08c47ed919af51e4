using Edge.Names;
using Edge.Settings;

namespace Edge.Tests.Names;

/// <summary>The keys of "dns" that say whom names are asked of that are not ours.</summary>
public sealed class ForwardingOptionsTests
{
    private static ForwardingOptions Read(string yaml, out string[] problems)
    {
        var found = new ProblemList();
        var options = EdgeOptionsFile.Parse(yaml, "edge.yaml", found);
        problems = [.. found.All.Select(problem => problem.ToString())];
        return options.Dns.Forwarding;
    }

    [Fact]
    public void Everything_said()
    {
        const string Yaml = """
            dns:
              upstreams: [9.9.9.9, "tls://9.9.9.9#dns.quad9.net", "tls://dns.quad9.net@9.9.9.9,149.112.112.112", "https://cloudflare-dns.com/dns-query@1.1.1.1", "tls://one.one.one.one"]
              bootstrap: ["9.9.9.10", "[2620:fe::10]:5353"]
              forward:
                corp.example: [10.0.0.53, "tcp://10.0.0.54:5353"]
                168.192.in-addr.arpa: 192.168.1.1
            """;
        var options = Read(Yaml, out var problems);
        Assert.Empty(problems);
        Assert.Equal(
            ["9.9.9.9:53", "tls://dns.quad9.net@9.9.9.9", "tls://dns.quad9.net@9.9.9.9,149.112.112.112", "https://cloudflare-dns.com/dns-query@1.1.1.1", "tls://one.one.one.one"],
            options.Upstreams.Select(server => server.ToString()));
        Assert.Equal("9.9.9.10:53 [2620:fe::10]:5353", string.Join(' ', options.Bootstrap));
        Assert.Equal(
            ["corp.example. 10.0.0.53:53 tcp://10.0.0.54:5353", "168.192.in-addr.arpa. 192.168.1.1:53"],
            options.Forward.Select(rule => $"{rule.Zone} {string.Join(' ', rule.Servers)}"));
        Assert.Equal(options, Read(Yaml, out _));
        Assert.NotEqual(options, Read(Yaml.Replace("10.0.0.53", "10.0.0.55", StringComparison.Ordinal), out _));
    }

    [Fact]
    public void Nothing_said() => Assert.Equal(new ForwardingOptions(), Read("domain: example.com", out _));

    [Theory]
    [InlineData("dns:\n  upstreams: [9.9.9.9, nowhere]", "edge.yaml:2: dns.upstreams[1]: \"nowhere\" is not ADDRESS or ADDRESS:PORT; a name can be given for tls:// and https:// only")]
    [InlineData("dns:\n  upstreams: [\"quic://9.9.9.9\"]", "edge.yaml:2: dns.upstreams[0]: \"quic\" is no protocol known here; write 9.9.9.9,")]
    [InlineData("dns:\n  upstreams:\n    - tls://dns.quad9.net", "edge.yaml:3: dns.upstreams[0]: nobody is there to find the address of dns.quad9.net (write its address as well, tls://dns.quad9.net@ADDRESS, or a resolver in dns.bootstrap)")]
    [InlineData("dns:\n  upstreams: {a: b}", "edge.yaml:2: dns.upstreams: is a mapping; an upstream is needed here")]
    [InlineData("dns:\n  bootstrap: [x]", "edge.yaml:2: dns.bootstrap[0]: \"x\" is not ADDRESS or ADDRESS:PORT")]
    [InlineData("dns:\n  forward:\n    a..b: 10.0.0.1", "edge.yaml:3: dns.forward.a..b: \"a..b\" is not a zone:")]
    [InlineData("dns:\n  forward:\n    .: 10.0.0.1", "the root is everything (write these servers in dns.upstreams)")]
    [InlineData("dns:\n  forward:\n    corp.example: [10.0.0.300]", "edge.yaml:3: dns.forward.corp.example[0]: \"10.0.0.300\" is not ADDRESS")]
    [InlineData("dns:\n  upstream-ca: nowhere.pem", "edge.yaml:2: dns.upstream-ca: /nowhere.pem cannot be read: it is not there")]
    public void A_mistake_is_told(string yaml, string problem)
    {
        Read(yaml, out var problems);
        Assert.Contains(problem, Assert.Single(problems), StringComparison.Ordinal);
    }

    [Fact]
    public void Roots_are_read_from_a_file_beside_edge_yaml()
    {
        var folder = Directory.CreateTempSubdirectory("edge-roots");
        try
        {
            var empty = Path.Combine(folder.FullName, "empty.pem");
            File.WriteAllText(empty, "no certificate\n");
            Read($"dns:\n  upstream-ca: {empty}", out var problems);
            Assert.Contains("holds no certificate in PEM", Assert.Single(problems), StringComparison.Ordinal);
            using var key = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
            using var root = new System.Security.Cryptography.X509Certificates.CertificateRequest("CN=root", key, System.Security.Cryptography.HashAlgorithmName.SHA256)
                .CreateSelfSigned(DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddDays(1));
            File.WriteAllText(empty, root.ExportCertificatePem());
            Assert.Equal(root.ExportCertificatePem(), Read($"dns:\n  upstream-ca: {empty}", out problems).Roots);
            Assert.Empty(problems);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
