using System.Security.Cryptography.X509Certificates;
using Edge.Dns.Resolver;
using Edge.Dns.Resolver.Upstreams;
using Edge.Dns.Tests.Interop;
using Edge.Dns.Tests.Transfer;
using Edge.Dns.Wire;
using Xunit;
using static Edge.Dns.Tests.Resolver.ForwarderClient;

namespace Edge.Dns.Tests.Resolver.Upstreams;

/// <summary>Real servers as upstreams, over every protocol they speak.</summary>
public sealed class UpstreamPeersTests : IDisposable
{
    private const int Questions = 40;
    private readonly TestAuthority _authority = new();
    private readonly int _plain = FreePorts.Next();
    private readonly int _tls = FreePorts.Next();
    private readonly int _https = FreePorts.Next();

    public void Dispose() => _authority.Dispose();

    [Theory]
    [InlineData("BIND", "udp")]
    [InlineData("BIND", "tcp")]
    [InlineData("BIND", "tls")]
    [InlineData("BIND", "https")]
    [InlineData("Unbound", "udp")]
    [InlineData("Unbound", "tcp")]
    [InlineData("Unbound", "tls")]
    [InlineData("Unbound", "https")]
    [InlineData("dnsdist", "tls")]
    [InlineData("dnsdist", "https")]
    [InlineData("Knot Resolver", "tls")]
    public async Task A_real_server_answers(string program, string protocol)
    {
        await using var peer = Start(program, "dns.example", daysLeft: 30);
        using var forwarder = new Forwarder(Settings(Server(protocol)));
        await UntilAnswered(forwarder, peer);
        var queries = forwarder.Stats.Upstreams[0].Queries;
        // In handfuls: BIND closes an HTTP/2 connection that brings much more than it has answered.
        var answers = new List<Message>();
        foreach (var handful in Enumerable.Range(0, Questions).Chunk(8))
        {
            answers.AddRange(await Task.WhenAll(handful.Select(i => forwarder.Ask($"h{i}.corp.example"))));
        }

        Assert.All(answers, answer => Assert.True(answer.ExtendedError() is null, answer.ExtendedError()?.Text));
        Assert.All(answers, (answer, i) => Assert.Equal([$"h{i}.corp.example. A 198.51.100.{i}"], answer.Answer.Text().Select(WithoutTtl)));
        Assert.InRange(forwarder.Stats.Upstreams[0].Queries - queries, Questions - 1, Questions * 2);
        Assert.Equal(0, forwarder.Stats.Stale);
    }

    [Theory]
    [InlineData("BIND", "tls", "other.example", 30, "its certificate is not for dns.example but for other.example")]
    [InlineData("BIND", "https", "other.example", 30, "its certificate is not for dns.example but for other.example")]
    [InlineData("BIND", "https", "dns.example", -1, "its certificate expired at ")]
    [InlineData("Unbound", "tls", "dns.example", -1, "its certificate expired at ")]
    public async Task A_real_server_with_a_wrong_certificate_is_down_and_it_is_said_why(string program, string protocol, string name, int daysLeft, string reason)
    {
        await using var peer = Start(program, name, daysLeft);
        using (var plain = new Forwarder(Settings(Server("udp"))))
        {
            await UntilAnswered(plain, peer);
        }

        using var forwarder = new Forwarder(Settings(Server(protocol)));
        var answer = await forwarder.Ask("h1.corp.example");
        Assert.Equal(Rcode.ServFail, answer.Rcode);
        Assert.Contains(reason, answer.ExtendedError()!.Value.Text, StringComparison.Ordinal);
        Assert.True(forwarder.Stats.Upstreams[0].IsDown);
        Assert.StartsWith(reason, forwarder.Stats.Upstreams[0].LastError, StringComparison.Ordinal);
    }

    private static async Task UntilAnswered(Forwarder forwarder, PeerProcess peer)
    {
        var tries = 0;
        while ((await forwarder.Ask("h0.corp.example")).Answer.Count == 0)
        {
            Assert.True(tries++ < 600, $"{forwarder.Stats.Upstreams[0].LastError}\n{peer.Log}");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

    private static string WithoutTtl(string record) => string.Join(' ', record.Split(' ') is var words ? [words[0], .. words[2..]] : []);

    private ForwarderOptions Settings(UpstreamServer server) => new()
    {
        Upstreams = [server],
        ExtraRoots = _authority.Pem,
        AttemptTimeout = TimeSpan.FromSeconds(5),
        TotalTimeout = TimeSpan.FromSeconds(15),
        MaxFailureTtl = TimeSpan.Zero,
    };

    private UpstreamServer Server(string protocol) => UpstreamServer.Parse(
        protocol switch
        {
            "udp" => $"127.0.0.1:{_plain}",
            "tcp" => $"tcp://127.0.0.1:{_plain}",
            "tls" => $"tls://dns.example:{_tls}@127.0.0.1",
            _ => $"https://dns.example:{_https}/dns-query@127.0.0.1",
        },
        out _)!;

    private PeerProcess Start(string program, string name, int daysLeft)
    {
        var peer = new PeerProcess();
        using var certificate = _authority.Issue(name, daysLeft);
        var chain = peer.Write("chain.pem", certificate.ExportCertificatePem() + "\n" + _authority.Pem + "\n");
        var key = peer.Write("key.pem", certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem() + "\n");
        return program switch
        {
            "BIND" => StartBind(peer, chain, key),
            "Unbound" => StartUnbound(peer, chain, key),
            "dnsdist" => StartDnsdist(peer, chain, key),
            _ => StartKresd(peer, chain, key),
        };
    }

    private PeerProcess StartBind(PeerProcess peer, string chain, string key)
    {
        peer.Write("zone", "$TTL 600\n@ SOA ns host 1 2 3 4 5\n@ NS ns\nns A 198.51.100.250\n" + string.Concat(Enumerable.Range(0, Questions).Select(i => $"h{i} A 198.51.100.{i}\n")));
        return peer.StartBind(
            $$"""
            tls t { cert-file "{{chain}}"; key-file "{{key}}"; };
            http h { endpoints { "/dns-query"; }; };
            zone "corp.example" { type primary; file "zone"; };
            """,
            $$"""
            minimal-responses yes;
            listen-on port {{_plain}} { 127.0.0.1; };
            listen-on port {{_tls}} tls t { 127.0.0.1; };
            listen-on port {{_https}} tls t http h { 127.0.0.1; };
            """);
    }

    private PeerProcess StartUnbound(PeerProcess peer, string chain, string key) => peer.Start("unbound", "unbound", "-d", "-c", peer.Write("unbound.conf", $"""
        server:
          interface: 127.0.0.1@{_plain}
          interface: 127.0.0.1@{_tls}
          interface: 127.0.0.1@{_https}
          tls-port: {_tls}
          https-port: {_https}
          tls-service-pem: "{chain}"
          tls-service-key: "{key}"
          do-daemonize: no
          username: ""
          chroot: ""
          pidfile: ""
          use-syslog: no
          local-zone: "." static
        {string.Concat(Enumerable.Range(0, Questions).Select(i => $"  local-data: \"h{i}.corp.example. 600 A 198.51.100.{i}\"\n"))}
        remote-control:
          control-enable: no
        """));

    private PeerProcess StartDnsdist(PeerProcess peer, string chain, string key) => peer.Start("dnsdist", "dnsdist", "--supervised", "-C", peer.Write("dnsdist.conf", $"""
        setLocal("127.0.0.1:{_plain}")
        addTLSLocal("127.0.0.1:{_tls}", "{chain}", "{key}")
        addDOHLocal("127.0.0.1:{_https}", "{chain}", "{key}", "/dns-query")
        newServer("127.0.0.1:1")
        {string.Concat(Enumerable.Range(0, Questions).Select(i => $"addAction(QNameRule(\"h{i}.corp.example\"), SpoofAction(\"198.51.100.{i}\"))\n"))}
        addAction(AllRule(), RCodeAction(DNSRCode.REFUSED))
        """));

    private PeerProcess StartKresd(PeerProcess peer, string chain, string key) => peer.Start("kresd", "knot-resolver", "-n", "-c", peer.Write("kresd.conf", $"""
        net.listen('127.0.0.1', {_tls}, {'{'} kind = 'tls' {'}'})
        net.tls('{chain}', '{key}')
        modules = {'{'} 'hints > iterate' {'}'}
        cache.open(10 * MB, 'lmdb://{peer.Folder}/cache')
        {string.Concat(Enumerable.Range(0, Questions).Select(i => $"hints.set('h{i}.corp.example 198.51.100.{i}')\n"))}
        """), peer.Folder);
}
