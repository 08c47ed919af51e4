using System.Net;
using Edge.Access;
using Edge.Access.Oidc;
using Edge.Services;
using Edge.Tests.Gateway;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Xunit;

namespace Edge.Tests.Access;

/// <summary>The cookies of logins are between the gateway and its clients: no service sees them, and none sets them.</summary>
public sealed class LoginCookieTests
{
    private static readonly string[] Planted =
    [
        "own=1; Path=/", "__Secure-edge-session=mine; Domain=example.com; Secure", "__secure-EDGE-session=mine; Domain=example.com; Secure",
        "=__Secure-edge-session=mine; Domain=example.com", "__Secure-edge-login-abc=; Max-Age=0", "last=2",
    ];

    [Theory]
    [InlineData("a=1; __Secure-edge-session=x; b=2", "a=1; b=2")]
    [InlineData("__Secure-edge-session=x", null)]
    [InlineData("a=1|__Secure-edge-session=x; b=2", "a=1; b=2")]
    [InlineData("a=1|__Secure-edge-login-abc=x|b=2", "a=1; b=2")]
    [InlineData("__secure-edge-SESSION=x; a=1", "a=1")]
    [InlineData("=__Secure-edge-session=x; a=1", "a=1")]
    [InlineData("a=__Secure-edge-session=x", "a=__Secure-edge-session=x")]
    [InlineData("a=1|b=2", "a=1|b=2")]
    public void No_service_sees_them_whatever_lines_they_come_in(string lines, string? rest)
    {
        var context = new DefaultHttpContext();
        context.Request.Headers.Cookie = lines.Split('|');
        LoginCookies.Hide(context.Request);
        Assert.Equal(rest is null ? StringValues.Empty : new StringValues(rest.Split('|')), context.Request.Headers.Cookie);
    }

    [Theory]
    [InlineData("open", "GET", "1.1")]
    [InlineData("open", "GET", "2.0")]
    [InlineData("open", "POST", "1.1")]
    [InlineData("guarded", "GET", "1.1")]
    [InlineData("guarded", "GET", "2.0")]
    [InlineData("file", "GET", "1.1")]
    public async Task No_service_sets_or_ends_them(string service, string method, string version)
    {
        await using var backend = await Backend.StartAsync(context =>
        {
            context.Response.Headers.SetCookie = Planted;
            return context.Response.WriteAsync("in");
        });
        await using var gateway = await RunningGateway.StartAsync();
        gateway.Serve(
            RunningGateway.Service("open", backend.Uri),
            RunningGateway.Service("guarded", backend.Uri) with { Access = new ServiceAccess { Allow = [AllowedClients.Parse("127.0.0.0/8")!] } });
        gateway.ServeFile("own.yaml", $$"""
            Routes: { own: { ClusterId: own, Match: { Hosts: [file.example.com] } } }
            Clusters: { own: { Destinations: { one: { Address: "{{backend.Uri}}" } } } }
            """);
        // While nobody logs in here, the cookies may be those of another gateway behind this one.
        Assert.Equal(Planted.Length, (await CookiesAsync(gateway, service, method, version)).Length);
        gateway.Access.Use(new AccessOptions { Oidc = new OidcOptions { Issuer = "https://id.example.com", ClientId = "edge", CallbackHost = "nas.example.com", Domain = "example.com" } });

        Assert.Equal(["own=1; Path=/", "last=2"], await CookiesAsync(gateway, service, method, version));
    }

    private static async Task<string[]> CookiesAsync(RunningGateway gateway, string service, string method, string version)
    {
        using var client = gateway.Client(Version.Parse(version));
        using var request = new HttpRequestMessage(new HttpMethod(method), $"https://{service}.example.com/") { Version = Version.Parse(version), VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        request.Content = method == "POST" ? new StringContent("x") : null;
        using var response = await client.SendAsync(request, RunningGateway.Cancel);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return [.. response.Headers.GetValues("Set-Cookie")];
    }
}
