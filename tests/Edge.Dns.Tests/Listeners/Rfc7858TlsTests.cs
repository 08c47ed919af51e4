using System.Net.Security;
using System.Security.Authentication;
using Edge.Dns.Tests.Nameserver;
using Edge.Dns.Wire;
using Xunit;

namespace Edge.Dns.Tests.Listeners;

/// <summary>DNS over TLS (RFC 7858), beside what holds for every stream.</summary>
public sealed class Rfc7858TlsTests
{
    [Theory]
    [InlineData("dig", "@127.0.0.1 +tls web.example.com A", "192.0.2.80")]
    [InlineData("kdig", "@127.0.0.1 +tls web.example.com AAAA", "2001:db8::80")]
    [InlineData("kdig", "@127.0.0.1 +tls +tls-sni=ns.example.com example.com MX", "10 web.example.com.")]
    public async Task Real_clients_get_their_answer(string program, string arguments, string expected)
    {
        await using var server = new ListeningServer();
        Assert.Equal(expected, server.Run(program, $"-p {server.TlsPort} +short {arguments}").Trim());
    }

    [Theory]
    [InlineData("§3.2: a client that offers dot gets dot", "dot", "dot")]
    [InlineData("a client that offers nothing is served", "", "")]
    [InlineData("dot is chosen among others", "h2 dot", "dot")]
    public async Task ALPN(string what, string offered, string chosen)
    {
        await using var server = new ListeningServer();
        await using var stream = await server.ConnectTlsAsync(protocols: offered.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        await stream.WriteAsync(ListeningServer.Framed(TestNameserver.Query("web.example.com.", "A")), TestContext.Current.CancellationToken);
        Assert.Single((await ListeningServer.ReadFramedAsync(stream)).Answer);
        Assert.Equal((what, chosen), (what, stream.NegotiatedApplicationProtocol.ToString()));
    }

    [Theory]
    [InlineData("RFC 7301 §3.2: another protocol only gets an alert", "ns.example.com", "http/1.1")]
    [InlineData("no certificate, no handshake", "nobody.example.com", "dot")]
    public async Task Is_not_served(string what, string name, string offered)
    {
        await using var server = new ListeningServer();
        var error = await Record.ExceptionAsync(() => server.ConnectTlsAsync(name, offered));
        Assert.True(error is AuthenticationException or IOException, what);
        Assert.Equal("192.0.2.80", server.Run("dig", $"-p {server.TlsPort} @127.0.0.1 +tls +short web.example.com A").Trim());
    }

    [Fact]
    public async Task RFC_7766_6_2_1_1_queries_may_follow_each_other_without_waiting()
    {
        await using var server = new ListeningServer();
        await using var stream = await server.ConnectTlsAsync();
        var queries = Enumerable.Range(0, 300).SelectMany(i => ListeningServer.Framed(TestNameserver.Query($"n{i}.nas.example.com.", "A")));
        await stream.WriteAsync(queries.ToArray(), TestContext.Current.CancellationToken);
        for (var i = 0; i < 300; i++)
        {
            Assert.Equal(Name.Parse($"n{i}.nas.example.com."), (await ListeningServer.ReadFramedAsync(stream)).Questions[0].Name);
        }
    }

    [Fact]
    public async Task A_query_that_waits_for_an_upstream_holds_up_nobody()
    {
        var recursor = new SlowRecursor();
        await using var server = new ListeningServer(recursor: recursor);
        await using var stream = await server.ConnectTlsAsync();
        await stream.WriteAsync(
            (byte[])[.. ListeningServer.Framed(TestNameserver.Query("www.elsewhere.org.", "A", flags: MessageFlags.RecursionDesired)),
                .. ListeningServer.Framed(TestNameserver.Query("web.example.com.", "A"))],
            TestContext.Current.CancellationToken);
        Assert.Equal(Name.Parse("web.example.com."), (await ListeningServer.ReadFramedAsync(stream)).Questions[0].Name);
        recursor.Let();
        Assert.Equal(Name.Parse("www.elsewhere.org."), (await ListeningServer.ReadFramedAsync(stream)).Answer.Single().Owner);
    }
}
