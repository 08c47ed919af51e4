using System.Net;
using Xunit;

namespace Edge.Tests.Gateway;

/// <summary>What a route makes of a request on the way, and what the gateway answers itself.</summary>
public sealed class RewriteTests
{
    [Theory]
    [InlineData("strip-prefix: /api", "/api/x/y?q=1", "/x/y?q=1")]
    [InlineData("strip-prefix: /api", "/api", "/")]
    [InlineData("strip-prefix: /api", "/API/x", "/x")]
    [InlineData("strip-prefix: /api", "/apix", "/apix")]
    [InlineData("add-prefix: /base", "/x", "/base/x")]
    [InlineData("add-prefix: /base", "/", "/base/")]
    [InlineData("{ strip-prefix: /api, add-prefix: /v1 }", "/api/x", "/v1/x")]
    [InlineData("replace-path: { match: \"^/u/([0-9]+)$\", with: /user/$1/home }", "/u/17", "/user/17/home")]
    [InlineData("replace-path: { match: \"^/u/([0-9]+)$\", with: /user/$1/home }", "/u/x", "/u/x")]
    [InlineData("replace-path: { match: \"^/old/(.*)\", with: \"$1\" }", "/old/a%20b%3Fc", "/a%20b%3Fc")]
    [InlineData("replace-path: { match: \"b\", with: \" \\\"?#\" }", "/abc", "/a%20%22%3F%23c")]
    // What the route leaves alone goes on as it was written.
    [InlineData("strip-prefix: /api", "/api/v4/group%2Fproject/a%E9b?q=%2F", "/v4/group%2Fproject/a%E9b?q=%2F")]
    [InlineData("strip-prefix: /api", "/api/a%252Fb/%E9u", "/a%252Fb/%E9u")]
    [InlineData("strip-prefix: /api", "/api/x%2f..%2fy", "/x%252f..%252fy")]
    [InlineData("add-prefix: /base", "/group%2Fproject", "/base/group%2Fproject")]
    [InlineData("{ strip-prefix: /api, add-prefix: \"/v 1\" }", "/api/group%2Fproject", "/v%201/group%2Fproject")]
    [InlineData("replace-path: { match: \"^/([^/]+)/old$\", with: /$1/new }", "/group%2Fproject/old", "/group%2Fproject/new")]
    [InlineData("replace-path: { match: \"^/([^/]+)/old$\", with: /$1/new }", "/group%252Fproject/old", "/group%252Fproject/new")]
    [InlineData("replace-path: { match: \"^/x\", with: /y }", "/x//a%2Fb", "/y//a%2Fb")]
    public async Task The_path_is_changed(string rewrite, string asked, string seen)
    {
        string? target = null;
        await using var backend = await Backend.StartAsync(context =>
        {
            target = context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()!.RawTarget;
            return Task.CompletedTask;
        });
        await using var gateway = await RunningGateway.StartAsync();
        gateway.ServeShort(Echo(backend, rewrite));
        await gateway.TextAsync("https://echo.example.com" + asked);
        Assert.Equal(seen, target);
    }

    [Fact]
    public async Task Headers_of_requests_and_answers_are_set_added_and_removed()
    {
        await using var backend = await Backend.StartAsync(context =>
        {
            context.Response.Headers["X-Powered-By"] = "secret";
            context.Response.Headers["X-Both"] = "theirs";
            return context.Response.Body.WriteAsync(System.Text.Encoding.UTF8.GetBytes(string.Concat(context.Request.Headers.Select(header => $"{header.Key}: {header.Value}\n")))).AsTask();
        });
        await using var gateway = await RunningGateway.StartAsync();
        gateway.ServeShort($$"""
            services:
              echo:
                to: {{backend.Uri}}
                request-headers:
                  set: { X-Kind: ours, Content-Type: text/special }
                  add: { X-More: two }
                  remove: [Cookie, X-Gone]
                response-headers:
                  set: { X-Frame-Options: DENY }
                  add: { X-Both: ours }
                  remove: X-Powered-By
                to-host: "inner.example:8080"
            """);
        using var client = gateway.Client();
        using var request = new HttpRequestMessage(HttpMethod.Post, "https://echo.example.com/") { Content = new StringContent("x") };
        foreach (var (name, value) in new[] { ("X-Kind", "theirs"), ("X-More", "one"), ("Cookie", "a=b"), ("X-Gone", "1") })
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await client.SendAsync(request, RunningGateway.Cancel);
        var seen = await response.Content.ReadAsStringAsync(RunningGateway.Cancel);
        Assert.Contains("X-Kind: ours\n", seen);
        Assert.Contains("Content-Type: text/special\n", seen);
        Assert.Contains("X-More: one,two\n", seen.Replace(", ", ","));
        Assert.Contains("Host: inner.example:8080\n", seen);
        Assert.Contains("X-Forwarded-Host: echo.example.com\n", seen);
        Assert.DoesNotContain("Cookie", seen);
        Assert.DoesNotContain("X-Gone", seen);
        Assert.Equal("DENY", Assert.Single(response.Headers.GetValues("X-Frame-Options")));
        Assert.Equal(["theirs", "ours"], response.Headers.GetValues("X-Both"));
        Assert.False(response.Headers.Contains("X-Powered-By"));
    }

    [Fact]
    public async Task A_route_takes_headers_from_its_service_and_not_its_path_changes()
    {
        await using var backend = await Backend.EchoingAsync();
        await using var gateway = await RunningGateway.StartAsync();
        gateway.ServeShort($$"""
            services:
              echo: { to: "{{backend.Uri}}", add-prefix: /main, request-headers: { set: { X-A: service } }, routes: [ { path: /r/*, strip-prefix: /r }, { path: /s/*, request-headers: { set: { X-B: route } } } ] }
            """);
        Assert.StartsWith("GET /main/x ", await gateway.TextAsync("https://echo.example.com/x"));
        var stripped = await gateway.TextAsync("https://echo.example.com/r/x");
        Assert.StartsWith("GET /x ", stripped);
        Assert.Contains("\nX-A: service\n", stripped);
        Assert.Contains("\nX-Forwarded-Prefix: /r\n", stripped);
        Assert.DoesNotContain("X-A", await gateway.TextAsync("https://echo.example.com/s/x"));
    }

    [Theory]
    [InlineData("redirect: https://new.example.org", "/a%20b?c=d", 308, "https://new.example.org/a%20b?c=d")]
    [InlineData("redirect: https://new.example.org", "/a%2541/b%2Fc?d=%2541", 308, "https://new.example.org/a%2541/b%2Fc?d=%2541")]
    [InlineData("redirect: { replace-path: { match: \"^/go/(.*)/x$\", with: \"/$1\" } }", "/go/a%2541/x", 308, "https://echo.example.com/a%2541")]
    [InlineData("redirect: new.example.org", "/", 308, "https://new.example.org/")]
    [InlineData("redirect: { to: \"http://new.example.org:8080\", status: 302 }", "/x", 302, "http://new.example.org:8080/x")]
    [InlineData("redirect: { to: \"https://new.example.org/base\" }", "/x", 308, "https://new.example.org/base/x")]
    [InlineData("redirect: { to: \"https://new.example.org/other?a=b\", path: drop, status: 301 }", "/x?y", 301, "https://new.example.org/other?a=b")]
    [InlineData("redirect: { replace-path: { match: \"^/blog/([0-9]{4})/(.*)\", with: \"/$2-$1\" }, status: 307 }", "/blog/2024/hi?x", 307, "https://echo.example.com/hi-2024?x")]
    [InlineData("redirect: { replace-path: { match: \"^/go(/.*)\", with: \"$1\" } }", "/go//evil.example/x", 308, "https://echo.example.com//evil.example/x")]
    [InlineData("redirect: { replace-path: { match: \"^/go/(.*)\", with: \"/$1\" } }", "/go/a%0D%0ASet-Cookie:%20x", 308, "https://echo.example.com/a%0D%0ASet-Cookie:%20x")]
    public async Task A_redirect(string said, string asked, int status, string location)
    {
        await using var gateway = await RunningGateway.StartAsync();
        gateway.ServeShort($"services:\n  echo:\n    {said}\n");
        using var response = await gateway.GetAsync("https://echo.example.com" + asked);
        Assert.Equal((status, location), ((int)response.StatusCode, Assert.Single(response.Headers.GetValues("Location"))));
        Assert.True(response.Headers.Contains("X-Request-Id"));
    }

    [Fact]
    public async Task From_www_to_the_bare_name()
    {
        await using var backend = await Backend.SayingAsync("site");
        await using var gateway = await RunningGateway.StartAsync();
        gateway.ServeShort($$"""
            services:
              site:
                host: [site.example.com, www.site.example.com]
                to: {{backend.Uri}}
                routes:
                  - { host: www.site.example.com, redirect: "https://site.example.com" }
            """);
        Assert.Equal("site", await gateway.TextAsync("https://site.example.com/"));
        using var response = await gateway.GetAsync("https://www.site.example.com/x?y");
        Assert.Equal("https://site.example.com/x?y", Assert.Single(response.Headers.GetValues("Location")));
    }

    [Theory]
    [InlineData("respond: pong", "GET", 200, "text/plain; charset=utf-8", "pong")]
    [InlineData("respond: { status: 410, type: text/html, text: \"<p>gone</p>\" }", "GET", 410, "text/html", "<p>gone</p>")]
    [InlineData("respond: { status: 204, text: ignored }", "GET", 204, null, "")]
    [InlineData("respond: pong", "HEAD", 200, "text/plain; charset=utf-8", "")]
    public async Task A_fixed_answer_with_the_headers_of_the_route(string said, string method, int status, string? type, string text)
    {
        await using var gateway = await RunningGateway.StartAsync();
        gateway.ServeShort($"services:\n  echo:\n    {said}\n    response-headers: {{ set: {{ X-A: b }} }}\n");
        using var response = await gateway.GetAsync("https://echo.example.com/", method: new HttpMethod(method));
        Assert.Equal((status, type, text), ((int)response.StatusCode, response.Content.Headers.ContentType?.ToString(), await response.Content.ReadAsStringAsync(RunningGateway.Cancel)));
        Assert.Equal("b", Assert.Single(response.Headers.GetValues("X-A")));
    }

    [Theory]
    [InlineData("strip-prefix: api", "strip-prefix: \"api\" is not a prefix such as /api")]
    [InlineData("add-prefix: /a/../b", "add-prefix: \"/a/../b\" is not a prefix")]
    [InlineData("replace-path: { match: \"(\", with: x }", "replace-path.match: \"(\" is not a regular expression")]
    [InlineData("replace-path: { match: x }", "replace-path: needs both match and with")]
    [InlineData("request-headers: { set: { \"A B\": c } }", "\"A B\" is not the name of a header")]
    [InlineData("request-headers: { set: { X-A: \"b\\r\\nSet-Cookie: c\" } }", "request-headers.set.X-A: is not the value of a header (one line of ASCII characters; line breaks would make headers of their own)")]
    [InlineData("response-headers: { add: { X-A: \"b\\nc\" } }", "response-headers.add.X-A: is not the value of a header")]
    [InlineData("response-headers: { set: { X-A: \"\\0\" } }", "is not the value of a header")]
    [InlineData("request-headers: { set: { Transfer-Encoding: chunked } }", "Transfer-Encoding cannot be changed")]
    [InlineData("request-headers: { remove: [content-length] }", "content-length cannot be changed")]
    [InlineData("request-headers: { set: { Host: x } }", "Host cannot be changed: it belongs to the connection or to the gateway (to-host sets the host)")]
    [InlineData("to-host: \"a b\"", "to-host: \"a b\" is neither a host name nor \"destination\"")]
    [InlineData("to-host: \"*.x\"", "to-host: \"*.x\" is neither")]
    [InlineData("redirect: \"https://x\"", "to: is never asked, because the gateway answers itself here")]
    public void A_mistake_is_told_with_its_field(string said, string expected)
    {
        var (services, problems) = ShortForm.Read($"services:\n  echo:\n    to: http://192.0.2.1\n    {said}\n");
        Assert.Empty(services);
        Assert.Contains(expected, Assert.Single(problems).ToString());
    }

    [Theory]
    [InlineData("redirect: { status: 308 }", "redirect: leads nowhere (say to: https://example.com, or replace-path)")]
    [InlineData("redirect: { to: x.example, status: 303 }", "redirect.status: \"303\" is not one of 301, 302, 307, 308")]
    [InlineData("redirect: \"javascript://alert\"", "redirect: \"javascript://alert\" is not a URL or a host")]
    [InlineData("redirect: \"https://x\\r\\ny\"", "is not a URL or a host")]
    [InlineData("redirect: [a]", "redirect: is a list; a URL, or a mapping with to or match, is needed here")]
    [InlineData("respond: { status: 99 }", "respond.status: \"99\" is not a whole number from 200 to 599")]
    [InlineData("respond: { type: \"text/html\\r\\nX: y\" }", "respond.type: ")]
    [InlineData("{ respond: a, redirect: x.example }", "says two answers (leave one of redirect, respond and files)")]
    public void A_mistake_of_an_answer_is_told(string said, string expected)
    {
        var (services, problems) = ShortForm.Read($"services:\n  echo: {(said.StartsWith('{') ? said : $"\n    {said}")}\n");
        Assert.Empty(services);
        Assert.Contains(expected, Assert.Single(problems).ToString());
    }

    private static string Echo(Backend backend, string said) => said.TrimStart().StartsWith('{')
        ? $"services:\n  echo:\n    to: {backend.Uri}\n    routes: [ {said.Trim()} ]\n"
        : $"services:\n  echo:\n    to: {backend.Uri}\n    {said}\n";
}
