using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using Edge.Access;
using Edge.Services;
using Edge.Tests.Gateway;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Edge.Tests.Access;

/// <summary>auth: forward, beside a server that answers as Authelia and Authentik do.</summary>
public sealed class ForwardAuthTests : IAsyncLifetime
{
    private readonly ConcurrentQueue<Dictionary<string, string>> _asked = new();
    private Backend _auth = null!;
    private Backend _service = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _service = await Backend.EchoingAsync();
        _auth = await Backend.StartAsync(AnswerAsync);
    }

    public async ValueTask DisposeAsync()
    {
        await _service.DisposeAsync();
        await _auth.DisposeAsync();
    }

    [Fact]
    public async Task The_server_is_asked_with_the_request_and_says_who_it_is()
    {
        await using var gateway = await StartAsync(_auth.Uri + "verify");
        using var response = await SendAsync(gateway, HttpMethod.Post, "https://photos.example.com/a%20b?q=1", ("Cookie", "session=good"), ("Remote-User", "intruder"), ("X-Forwarded-For", "6.6.6.6"));
        var seen = await response.Content.ReadAsStringAsync(Cancel);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains("Remote-User: anna", seen);
        Assert.Contains("Remote-Groups: family,admins", seen);
        Assert.Contains("X-authentik-uid: 17", seen);
        Assert.DoesNotContain("intruder", seen);
        Assert.DoesNotContain("X-Secret", seen);
        Assert.Contains("session=renewed; Path=/", response.Headers.GetValues("Set-Cookie"));
        Assert.True(_asked.TryDequeue(out var asked));
        Assert.Equal(
            ("GET", "POST", "https", "photos.example.com", "/a%20b?q=1", "127.0.0.1", "session=good"),
            (asked[":method"], asked["X-Forwarded-Method"], asked["X-Forwarded-Proto"], asked["X-Forwarded-Host"], asked["X-Forwarded-Uri"], asked["X-Forwarded-For"], asked["Cookie"]));
        Assert.DoesNotContain("Remote-User", asked.Keys);
        Assert.DoesNotContain("Content-Length", asked.Keys);
        Assert.Equal(new Uri(_auth.Uri).Authority, asked["Host"]);
    }

    [Fact]
    public async Task Its_cookies_are_the_clients_also_where_the_service_does_not_answer()
    {
        await using var gateway = await StartAsync(_auth.Uri);
        gateway.Serve(RunningGateway.Service("photos", $"http://127.0.0.1:{Backend.DeadPort()}/") with { Access = new ServiceAccess { Auth = AuthKind.Forward } });
        using var response = await SendAsync(gateway, HttpMethod.Get, "https://photos.example.com/", ("Cookie", "session=good"));

        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.Equal("session=renewed; Path=/", Assert.Single(response.Headers.GetValues("Set-Cookie")));
    }

    [Fact]
    public async Task It_is_not_shown_the_cookies_of_logins()
    {
        await using var gateway = await StartAsync(_auth.Uri);
        var oidc = new Edge.Access.Oidc.OidcOptions { Issuer = "https://id.example.com", ClientId = "edge", CallbackHost = "nas.example.com", Domain = "example.com" };
        gateway.Access.Use(new AccessOptions { Forward = new ForwardAuthOptions(new Uri(_auth.Uri), ["Remote-*"]), Oidc = oidc });
        using var response = await SendAsync(gateway, HttpMethod.Get, "https://photos.example.com/", ("Cookie", "__Secure-edge-session=secret; session=good; __secure-EDGE-login-x=secret"));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.True(_asked.TryDequeue(out var asked));
        Assert.Equal("session=good", asked["Cookie"]);
    }

    // What the service would get: neither a slash nor a percent sign of it is decoded.
    [Fact]
    public async Task The_server_is_asked_with_the_path_as_the_client_wrote_it()
    {
        await using var gateway = await StartAsync(_auth.Uri);
        using var response = await SendAsync(gateway, HttpMethod.Get, "https://photos.example.com/a%2541/b%2Fc?d=%2541", ("Cookie", "session=good"));
        Assert.Contains("GET /aA", (await response.Content.ReadAsStringAsync(Cancel)).Replace("%41", "A", StringComparison.Ordinal));
        Assert.True(_asked.TryDequeue(out var asked));
        Assert.Equal(("/a%2541/b%2Fc?d=%2541", "https://photos.example.com/a%2541/b%2Fc?d=%2541"), (asked["X-Forwarded-Uri"], asked["X-Original-URL"]));
    }

    [Theory]
    [InlineData("session=none", HttpStatusCode.Redirect, "https://auth.example.com/?rd=x", "go there")]
    [InlineData("session=api", HttpStatusCode.Unauthorized, null, "401 here")]
    [InlineData("session=denied", HttpStatusCode.Forbidden, null, "403 here")]
    public async Task Whatever_else_it_says_goes_to_the_client(string cookie, HttpStatusCode expected, string? location, string body)
    {
        await using var gateway = await StartAsync(_auth.Uri);
        using var response = await SendAsync(gateway, HttpMethod.Get, "https://photos.example.com/", ("Cookie", cookie));

        Assert.Equal((expected, location, body), (response.StatusCode, response.Headers.Location?.OriginalString, await response.Content.ReadAsStringAsync(Cancel)));
        Assert.Equal("login=begun; Path=/", Assert.Single(response.Headers.GetValues("Set-Cookie")));
    }

    // Half a page, maybe compressed, is none.
    [Theory]
    [InlineData(256 << 10, HttpStatusCode.Unauthorized)]
    [InlineData((256 << 10) + 1, HttpStatusCode.ServiceUnavailable)]
    public async Task An_answer_goes_to_the_client_whole_or_not_at_all(int length, HttpStatusCode expected)
    {
        foreach (var how in new[] { "long", "chunked" })
        {
            await using var gateway = await StartAsync(_auth.Uri);
            using var response = await SendAsync(gateway, HttpMethod.Get, "https://photos.example.com/", ("Cookie", $"session={how}-{length}"));
            var body = await response.Content.ReadAsStringAsync(Cancel);
            Assert.Equal(expected, response.StatusCode);
            Assert.Equal(expected == HttpStatusCode.Unauthorized, body == new string('x', length));
            Assert.Equal(expected != HttpStatusCode.Unauthorized, gateway.Logged.Any(line => line.StartsWith("Error 5220", StringComparison.Ordinal)));
        }
    }

    [Theory]
    [InlineData("dead")]
    [InlineData("broken")]
    [InlineData("unset")]
    [InlineData("circle")]
    public async Task Without_its_answer_nobody_gets_in(string how)
    {
        var url = how switch { "dead" => $"http://127.0.0.1:{Backend.DeadPort()}/", "broken" => _auth.Uri, _ => null };
        await using var gateway = await StartAsync(url);
        if (how == "circle")
        {
            gateway.Access.Use(new AccessOptions { Forward = new ForwardAuthOptions(new Uri($"http://127.0.0.1:{gateway.Http}/"), ["Remote-*"]) });
        }

        using var response = await SendAsync(gateway, HttpMethod.Get, "https://photos.example.com/", ("Cookie", "session=broken"));
        var body = await response.Content.ReadAsStringAsync(Cancel);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Contains("nobody is let in", body);
        Assert.DoesNotContain("127.0.0.1:", body);
        Assert.Contains(gateway.Logged, line => line.StartsWith("Error 522", StringComparison.Ordinal));
    }

    private static async Task<HttpResponseMessage> SendAsync(RunningGateway gateway, HttpMethod method, string uri, params (string Name, string Value)[] headers)
    {
        using var client = gateway.Client();
        using var request = new HttpRequestMessage(method, uri);
        if (method == HttpMethod.Post)
        {
            request.Content = new StringContent("a body");
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await client.SendAsync(request, Cancel);
    }

    private async Task<RunningGateway> StartAsync(string? url)
    {
        var gateway = await RunningGateway.StartAsync(access: new AccessOptions { Forward = url is null ? null : new ForwardAuthOptions(new Uri(url), ["Remote-*", "X-authentik-*"]) });
        gateway.Serve(RunningGateway.Service("photos", _service.Uri) with { Access = new ServiceAccess { Auth = AuthKind.Forward } });
        return gateway;
    }

    private Task AnswerAsync(HttpContext context)
    {
        var asked = context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        asked[":method"] = context.Request.Method;
        _asked.Enqueue(asked);
        var headers = context.Response.Headers;
        switch (context.Request.Headers.Cookie.ToString())
        {
            case "session=good":
                headers["Remote-User"] = "anna";
                headers["Remote-Groups"] = "family,admins";
                headers["X-authentik-uid"] = "17";
                headers["X-Secret"] = "of the server";
                headers.SetCookie = "session=renewed; Path=/";
                return Task.CompletedTask;
            case "session=none":
                headers.Location = "https://auth.example.com/?rd=x";
                return SayAsync(context, 302, "go there");
            case "session=api":
                return SayAsync(context, 401, "401 here");
            case "session=denied":
                return SayAsync(context, 403, "403 here");
            case var large when large.Split('-') is [var how, var length]:
                context.Response.ContentLength = how == "session=long" ? int.Parse(length, CultureInfo.InvariantCulture) : null;
                return SayAsync(context, 401, new string('x', int.Parse(length, CultureInfo.InvariantCulture)));
            default:
                return SayAsync(context, 500, "a stack trace with secrets");
        }
    }

    private static Task SayAsync(HttpContext context, int status, string text)
    {
        context.Response.StatusCode = status;
        context.Response.Headers.SetCookie = "login=begun; Path=/";
        return context.Response.WriteAsync(text);
    }
}
