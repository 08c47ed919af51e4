using System.Net;
using Edge.Access;
using Edge.Gateway;
using Edge.Settings;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
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
    [InlineData("what a stranger wrote left of an address is not read", "10.0.0.1", "X-Forwarded-For=unknown, 198.51.100.7, 10.0.0.2", "198.51.100.7", "198.51.100.7, 10.0.0.2, 10.0.0.1")]
    [InlineData("RFC 9110 section 5.6.1.2: empty elements", "10.0.0.1", "X-Forwarded-For=198.51.100.7, ,10.0.0.2,", "198.51.100.7", "198.51.100.7, 10.0.0.2, 10.0.0.1")]
    [InlineData("only empty elements", "10.0.0.1", "X-Forwarded-For= ,", "10.0.0.1", null)]
    [InlineData("with a port", "10.0.0.1", "X-Forwarded-For=198.51.100.7:4711", "198.51.100.7", "198.51.100.7, 10.0.0.1")]
    [InlineData("IPv6", "10.0.0.1", "X-Forwarded-For=2001:db8::7", "2001:db8::7", "2001:db8::7, 10.0.0.1")]
    [InlineData("the peer in IPv6 dress", "::ffff:10.0.0.1", "X-Forwarded-For=198.51.100.7", "198.51.100.7", "198.51.100.7, 10.0.0.1")]
    [InlineData("RFC 7239 section 4", "10.0.0.1", "Forwarded=for=192.0.2.60;proto=http;by=203.0.113.43", "192.0.2.60", "192.0.2.60, 10.0.0.1")]
    [InlineData("RFC 7239 section 4: empty pairs", "10.0.0.1", "Forwarded=;for=192.0.2.60;;proto=http; ,", "192.0.2.60", "192.0.2.60, 10.0.0.1")]
    [InlineData("RFC 7239 section 6", "10.0.0.1", "Forwarded=For=\"[2001:db8:cafe::17]:4711\"", "2001:db8:cafe::17", "2001:db8:cafe::17, 10.0.0.1")]
    [InlineData("RFC 7239 section 7.1", "10.0.0.1", "Forwarded=for=6.6.6.6, for=198.51.100.17;by=10.0.0.2, for=10.0.0.2", "198.51.100.17", "198.51.100.17, 10.0.0.2, 10.0.0.1")]
    [InlineData("a hidden client of a stranger", "10.0.0.1", "Forwarded=for=_secret, for=198.51.100.17, for=10.0.0.2", "198.51.100.17", "198.51.100.17, 10.0.0.2, 10.0.0.1")]
    [InlineData("one of the headers says nothing of who asks", "10.0.0.1", "Forwarded=proto=https|X-Forwarded-For=192.0.2.60", "192.0.2.60", "192.0.2.60, 10.0.0.1")]
    [InlineData("both headers agree", "10.0.0.1", "Forwarded=for=192.0.2.60|X-Forwarded-For=192.0.2.60", "192.0.2.60", "192.0.2.60, 10.0.0.1")]
    public void The_client_is_found(string why, string peer, string said, string client, string? chain)
    {
        var context = Context(peer, said);
        Assert.True(new TrustedProxies([IPNetwork.Parse("10.0.0.0/24")]).Take(context), why);
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

    [Theory]
    [InlineData("both headers disagree: a stranger wrote one of them", "Forwarded=for=192.0.2.60|X-Forwarded-For=192.0.2.61")]
    [InlineData("a stranger spoils the one that the proxy writes", "Forwarded=\", for=198.51.100.7|X-Forwarded-For=10.0.0.5")]
    [InlineData("rubbish", "X-Forwarded-For=;;,1,\u00e4")]
    [InlineData("no address", "X-Forwarded-For=198.51.100.7, unknown, 10.0.0.2")]
    [InlineData("RFC 7239 section 6.3: a hidden client", "Forwarded=for=_secret, for=10.0.0.2")]
    [InlineData("not well-formed", "Forwarded=for=192.0.2.60 proto")]
    [InlineData("a quote without an end", "Forwarded=for=\"192.0.2.60")]
    [InlineData("the last one names nobody", "Forwarded=for=192.0.2.60, proto=https")]
    public void Who_cannot_be_made_out_is_nobody_and_not_the_proxy(string why, string said) =>
        Assert.False(new TrustedProxies([IPNetwork.Parse("10.0.0.0/24")]).Take(Context("10.0.0.1", said)), why);

    [Theory]
    [InlineData("X-Forwarded-For=", "192.168.1.5, ")]
    [InlineData("Forwarded=", "for=192.168.1.5, for=")]
    public void However_much_a_stranger_writes_the_proxy_says_who_it_was(string header, string between)
    {
        var context = Context("10.0.0.1", header + string.Concat(Enumerable.Repeat(between, 40)) + "198.51.100.7");
        Assert.True(new TrustedProxies([IPNetwork.Parse("10.0.0.0/24")]).Take(context));
        Assert.Equal("198.51.100.7, 10.0.0.1", ForwardedChain.Of(context)?.List);
    }

    [Theory]
    [InlineData(32, true)]
    [InlineData(33, false)]
    public void Proxies_that_are_believed_without_end_are_a_circle(int proxies, bool isTaken)
    {
        var context = Context("10.0.0.1", "X-Forwarded-For=" + string.Join(",", Enumerable.Repeat("10.0.0.2", proxies)));
        Assert.Equal(isTaken, new TrustedProxies([IPNetwork.Parse("10.0.0.0/24")]).Take(context));
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

        var seen = (await AskAsync(client, "Forwarded=for=192.168.1.5;proto=https")).Text;
        Assert.Contains("\nX-Forwarded-For: 192.168.1.5, 127.0.0.1\n", seen);
        Assert.Contains("\nX-Real-IP: 192.168.1.5\n", seen);
        Assert.Contains("\nForwarded: for=192.168.1.5;proto=https;host=\"echo.example.com\", for=127.0.0.1\n", seen);
        Assert.Contains("There is no service", (await AskAsync(client, "Forwarded=for=192.168.1.6")).Text, StringComparison.OrdinalIgnoreCase);

        // The connection is the same, and remembers nothing of the request before.
        Assert.Contains("There is no service", (await AskAsync(client, null)).Text, StringComparison.OrdinalIgnoreCase);
    }

    // The proxy is of the LAN, is allowed, and is never banned: none of it is for whom it speaks for.
    [Theory]
    [InlineData("X-Forwarded-For=198.51.100.7", 403)]
    [InlineData("X-Forwarded-For=198.51.100.7|Forwarded=for=1.2.3.4", 400)]
    [InlineData("Forwarded=for=_hidden", 400)]
    [InlineData("X-Forwarded-For=127.0.0.1", 200)]
    [InlineData(null, 200)]
    public async Task A_stranger_behind_the_proxy_is_not_let_in_for_the_proxy(string? said, int status)
    {
        await using var backend = await Backend.SayingAsync("secret");
        await using var gateway = await RunningGateway.StartAsync(isLan: IPAddress.IsLoopback, options: new GatewayOptions
        {
            Http = [new(IPAddress.Loopback, 0)],
            Https = [new(IPAddress.Loopback, 0)],
            TrustedProxies = [IPNetwork.Parse("127.0.0.0/8")],
        });
        gateway.ServeShort($"services:\n  echo: {{ to: \"{backend.Uri}\", allow: [lan] }}\n");
        using var client = gateway.Client();
        Assert.Equal(status, (await AskAsync(client, said)).Status);
    }

    [Fact]
    public async Task Who_is_banned_stays_so_behind_the_proxy_whatever_is_said()
    {
        await using var backend = await Backend.SayingAsync("here");
        var bans = new BanManager(new BanSetup { Options = new BanOptions { Never = [] }, IsLan = IPAddress.IsLoopback, Store = null, Time = TimeProvider.System, Log = NullLogger.Instance });
        await bans.AddAsync(IPNetwork.Parse("198.51.100.7/32"), "test", Ban.ByAdmin, TimeSpan.FromHours(1), RunningGateway.Cancel);
        await using var gateway = await RunningGateway.StartAsync(bans: bans, options: new GatewayOptions
        {
            Http = [new(IPAddress.Loopback, 0)],
            Https = [new(IPAddress.Loopback, 0)],
            TrustedProxies = [IPNetwork.Parse("127.0.0.0/8")],
        });
        gateway.ServeShort($"services:\n  echo: {{ to: \"{backend.Uri}\" }}\n");
        using var client = gateway.Client();

        Assert.Equal(200, (await AskAsync(client, "X-Forwarded-For=198.51.100.8")).Status);
        Assert.Equal(403, (await AskAsync(client, "X-Forwarded-For=198.51.100.7")).Status);
        Assert.Equal(403, (await AskAsync(client, "X-Forwarded-For=" + string.Concat(Enumerable.Repeat("127.0.0.2, ", 40)) + "198.51.100.7")).Status);
        Assert.Equal(400, (await AskAsync(client, "X-Forwarded-For=198.51.100.7|Forwarded=for=198.51.100.8")).Status);
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

    private static async Task<(int Status, string Text)> AskAsync(HttpClient client, string? said)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "https://echo.example.com/");
        foreach (var header in said?.Split('|') ?? [])
        {
            var equals = header.IndexOf('=');
            request.Headers.TryAddWithoutValidation(header[..equals], header[(equals + 1)..]);
        }

        using var response = await client.SendAsync(request, RunningGateway.Cancel);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(RunningGateway.Cancel));
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
