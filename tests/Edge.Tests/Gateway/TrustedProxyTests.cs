using System.Net;
using Edge.Gateway;
using Edge.Settings;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Edge.Tests.Gateway;

/// <summary>Who asked, when the request came over proxies: RFC 7239 and X-Forwarded-For, believed only from whom the settings name.</summary>
public sealed class TrustedProxyTests
{
    [Theory]
    [InlineData("a stranger is not believed", "203.0.113.9", "X-Forwarded-For=6.6.6.6", "203.0.113.9", null)]
    [InlineData("nothing was said", "10.0.0.1", "", "10.0.0.1", null)]
    [InlineData("one proxy", "10.0.0.1", "X-Forwarded-For=198.51.100.7", "198.51.100.7", "198.51.100.7, 10.0.0.1")]
    [InlineData("what the client itself wrote is dropped", "10.0.0.1", "X-Forwarded-For=6.6.6.6, 198.51.100.7", "198.51.100.7", "198.51.100.7, 10.0.0.1")]
    [InlineData("two proxies", "10.0.0.1", "X-Forwarded-For=198.51.100.7, 10.0.0.2", "198.51.100.7", "198.51.100.7, 10.0.0.2, 10.0.0.1")]
    [InlineData("all of them are believed", "10.0.0.1", "X-Forwarded-For=10.0.0.3, 10.0.0.2", "10.0.0.3", "10.0.0.3, 10.0.0.2, 10.0.0.1")]
    [InlineData("a name that is no address ends the way", "10.0.0.1", "X-Forwarded-For=198.51.100.7, unknown, 10.0.0.2", "10.0.0.2", "10.0.0.2, 10.0.0.1")]
    [InlineData("with a port", "10.0.0.1", "X-Forwarded-For=198.51.100.7:4711", "198.51.100.7", "198.51.100.7, 10.0.0.1")]
    [InlineData("IPv6", "10.0.0.1", "X-Forwarded-For=2001:db8::7", "2001:db8::7", "2001:db8::7, 10.0.0.1")]
    [InlineData("the peer in IPv6 dress", "::ffff:10.0.0.1", "X-Forwarded-For=198.51.100.7", "198.51.100.7", "198.51.100.7, 10.0.0.1")]
    [InlineData("rubbish", "10.0.0.1", "X-Forwarded-For=;;,1,\u00e4", "10.0.0.1", null)]
    [InlineData("RFC 7239 section 4", "10.0.0.1", "Forwarded=for=192.0.2.60;proto=http;by=203.0.113.43", "192.0.2.60", "192.0.2.60, 10.0.0.1")]
    [InlineData("RFC 7239 section 6", "10.0.0.1", "Forwarded=For=\"[2001:db8:cafe::17]:4711\"", "2001:db8:cafe::17", "2001:db8:cafe::17, 10.0.0.1")]
    [InlineData("RFC 7239 section 7.1", "10.0.0.1", "Forwarded=for=6.6.6.6, for=198.51.100.17;by=10.0.0.2, for=10.0.0.2", "198.51.100.17", "198.51.100.17, 10.0.0.2, 10.0.0.1")]
    [InlineData("a hidden client", "10.0.0.1", "Forwarded=for=_secret, for=10.0.0.2", "10.0.0.2", "10.0.0.2, 10.0.0.1")]
    [InlineData("not well-formed", "10.0.0.1", "Forwarded=for=192.0.2.60 proto", "10.0.0.1", null)]
    [InlineData("a quote without an end", "10.0.0.1", "Forwarded=for=\"192.0.2.60", "10.0.0.1", null)]
    [InlineData("both headers agree", "10.0.0.1", "Forwarded=for=192.0.2.60|X-Forwarded-For=192.0.2.60", "192.0.2.60", "192.0.2.60, 10.0.0.1")]
    [InlineData("both disagree: a stranger wrote one of them", "10.0.0.1", "Forwarded=for=192.0.2.60|X-Forwarded-For=192.0.2.61", "10.0.0.1", null)]
    public void The_client_is_found(string why, string peer, string said, string client, string? chain)
    {
        var context = Context(peer, said);
        new TrustedProxies([IPNetwork.Parse("10.0.0.0/24")]).Take(context);
        Assert.True(IPAddress.Parse(client).Equals(context.Connection.RemoteIpAddress), $"{why}: {context.Connection.RemoteIpAddress}");
        Assert.Equal(chain, ForwardedChain.Of(context)?.List);
    }

    [Theory]
    [InlineData("X-Forwarded-For=192.0.2.1|X-Forwarded-Proto=https", "https")]
    [InlineData("X-Forwarded-For=192.0.2.1|X-Forwarded-Proto=gopher", "http")]
    [InlineData("X-Forwarded-For=192.0.2.1, 10.0.0.2|X-Forwarded-Proto=https, http", "https")]
    [InlineData("X-Forwarded-For=6.6.6.6, 192.0.2.1|X-Forwarded-Proto=https, http", "http")]
    [InlineData("Forwarded=for=192.0.2.1;proto=https", "https")]
    [InlineData("X-Forwarded-Proto=https", "http")]
    public void The_scheme_is_found(string said, string scheme)
    {
        var context = Context("10.0.0.1", said);
        new TrustedProxies([IPNetwork.Parse("10.0.0.0/24")]).Take(context);
        Assert.Equal(scheme, context.Request.Scheme);
    }

    [Fact]
    public void A_chain_has_an_end()
    {
        var context = Context("10.0.0.1", "X-Forwarded-For=" + string.Join(",", Enumerable.Repeat("10.0.0.2", 33)));
        new TrustedProxies([IPNetwork.Parse("10.0.0.0/24")]).Take(context);
        Assert.Equal("10.0.0.1", context.Connection.RemoteIpAddress!.ToString());
    }

    [Fact]
    public async Task The_chain_goes_on_to_the_service_and_the_client_decides_what_is_shown()
    {
        await using var backend = await Backend.EchoingAsync();
        await using var gateway = await RunningGateway.StartAsync(isLan: client => client.ToString() == "192.168.1.5", options: new GatewayOptions
        {
            Http = [new(IPAddress.Loopback, 0)],
            Https = [new(IPAddress.Loopback, 0)],
            TrustedProxies = [IPNetwork.Parse("127.0.0.0/8")],
        });
        gateway.ServeShort($"services:\n  echo: {{ to: \"{backend.Uri}\", expose: lan }}\n");
        using var client = gateway.Client();

        var seen = await AskAsync(client, "for=192.168.1.5;proto=https");
        Assert.Contains("\nX-Forwarded-For: 192.168.1.5, 127.0.0.1\n", seen);
        Assert.Contains("\nX-Real-IP: 192.168.1.5\n", seen);
        Assert.Contains("\nForwarded: for=192.168.1.5;proto=https;host=\"echo.example.com\", for=127.0.0.1\n", seen);
        Assert.Contains("There is no service", await AskAsync(client, "for=192.168.1.6"), StringComparison.OrdinalIgnoreCase);

        // The connection is the same, and remembers nothing of the request before.
        Assert.Contains("There is no service", await AskAsync(client, null), StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("trusted-proxies: [10.0.0.1, 172.16.0.0/12, \"fd00::1\"]", "10.0.0.1/32 172.16.0.0/12 fd00::1/128", null)]
    [InlineData("trusted-proxies: [0.0.0.0/0]", "", "gateway.trusted-proxies[0]: \"0.0.0.0/0\" is not an address, or a network such as 172.16.0.0/12 (not everybody)")]
    [InlineData("trusted-proxies: lan", "", "\"lan\" is not an address")]
    public void The_settings(string yaml, string networks, string? problem)
    {
        var problems = new ProblemList();
        var options = EdgeOptionsFile.Parse($"gateway:\n  {yaml}\n", "edge.yaml", problems);
        Assert.Equal(networks, string.Join(' ', options.Gateway.TrustedProxies));
        Assert.Equal(problem is not null, problems.All.Any(one => one.ToString().Contains(problem!, StringComparison.Ordinal)));
    }

    private static async Task<string> AskAsync(HttpClient client, string? forwarded)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "https://echo.example.com/");
        if (forwarded is not null)
        {
            request.Headers.TryAddWithoutValidation("Forwarded", forwarded);
        }

        using var response = await client.SendAsync(request, RunningGateway.Cancel);
        return await response.Content.ReadAsStringAsync(RunningGateway.Cancel);
    }

    private static DefaultHttpContext Context(string peer, string said)
    {
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = IPAddress.Parse(peer);
        context.Request.Scheme = "http";
        foreach (var header in said.Split('|', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = header.IndexOf('=');
            context.Request.Headers[header[..equals]] = header[(equals + 1)..];
        }

        return context;
    }
}
