using System.Net.Http.Headers;
using System.Text.Json;
using Edge.Services;
using Edge.Stores;
using Xunit;

namespace Edge.Tests.Services;

/// <summary>Every refusal is one problem document that names every field at fault, and nothing else is disturbed.</summary>
public sealed class RegistrationRefusalTests : IAsyncLifetime
{
    private RegistrationHost _host = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await RegistrationHost.StartAsync();
        _host.Token = await _host.NewTokenAsync("laptop", "*.nas.example.com example.org", "hello web-*");
        await _host.PutAsync("hello", """{"to":"http://h","host":"hello.nas.example.com"}""");
        var other = await _host.NewTokenAsync("other");
        await _host.PutAsync("web-other", """{"to":"http://h","host":["held.nas.example.com","held2.nas.example.com"]}""", other);
        _host.WriteFile("a.yaml", "services:\n  web-file:\n    host: file.nas.example.com\n    to: http://h\n");
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Theory]
    [InlineData("a port of the token's", "2222", "tcp://192.168.1.10:22", "2222", 201, "")]
    [InlineData("ports of its range", "30000-30100", "udp://192.168.1.10:22", "[30000,30100]", 201, "")]
    [InlineData("any port", "*", "tcp://192.168.1.10:22", "22", 201, "")]
    [InlineData("TLS that passes through opens none", "2222", "tls://192.168.1.10:443", null, 201, "")]
    [InlineData("another port", "2222 30000-30100", "tcp://192.168.1.10:22", "[2222,22]", 403, "listen: token gamer may not have port 22 opened (it may have 2222, 30000-30100)")]
    [InlineData("no ports", "", "tcp://192.168.1.10:22", "2222", 422, "to: \"tcp://192.168.1.10:22\" is not an http or https URL (tcp://, tls:// and udp:// need a token that may have ports opened: edge token create NAME --port 2222)")]
    [InlineData("no port for TLS", "", "tls://192.168.1.10:22", null, 422, "to: \"tls://192.168.1.10:22\" is not an http or https URL (tcp://, tls:// and udp:// need a token that may have ports opened: edge token create NAME --port 2222)")]
    public async Task Ports_are_opened_for_tokens_that_may(string why, string ports, string to, string? listen, int status, string told)
    {
        var token = await _host.NewTokenAsync("gamer", ports: ports);
        var (code, body) = await _host.PutAsync("game", $"{{\"to\":\"{to}\"{(listen is null ? "" : $",\"listen\":{listen}")}}}", token);
        var said = code >= 400 ? string.Join('\n', body.GetProperty("errors").EnumerateArray().Select(error => $"{error.GetProperty("field").GetString()}: {error.GetProperty("message").GetString()} ({error.GetProperty("hint").GetString()})")) : "";
        Assert.Equal((why, status, told), (why, code, said));
        Assert.Equal(code == 201 ? to : null, _host.Catalog.Current.ByName("game")?.Stream?.To[0].OriginalString);
        Assert.Equal(code == 201 ? to : null, code == 201 ? body.GetProperty("to")[0].GetString() : null);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("70000")]
    [InlineData("20-10")]
    [InlineData("1-2-3")]
    [InlineData("ssh")]
    public async Task A_token_for_what_is_no_port_is_not_made(string port) =>
        Assert.Contains($"port \"{port}\" is neither a port", (await _host.Tokens.CreateAsync("x", new TokenScope(["*"], ["*"]) { Ports = [port] }, null, false, CancellationToken.None)).Problem, StringComparison.Ordinal);

    [Theory]
    [InlineData("a malformed field", "hello", """{"to":"nonsense"}""", 422, "to")]
    [InlineData("several malformed fields", "hello", """{"to":["http://h",7],"expose":"x","host":"a b"}""", 422, "host to[1] expose")]
    [InlineData("a name that is none", "web-_", """{"to":"http://h","host":"a.nas.example.com"}""", 422, "name")]
    [InlineData("a host outside the scope", "hello", """{"to":"http://h","host":"a.example.com"}""", 403, "host")]
    [InlineData("two hosts outside the scope, one inside", "hello", """{"to":"http://h","host":["a.example.com","b.nas.example.com","example.net"]}""", 403, "host[0] host[2]")]
    [InlineData("a name outside the scope", "mine", """{"to":"http://h"}""", 403, "name")]
    [InlineData("the zone above the scope", "hello", """{"to":"http://h","host":"nas.example.com"}""", 403, "host")]
    [InlineData("a wildcard above the scope", "hello", """{"to":"http://h","host":"*.example.com"}""", 403, "host")]
    [InlineData("hosts that another holds", "hello", """{"to":"http://h","host":["held.nas.example.com","hello.nas.example.com","held2.nas.example.com"]}""", 409, "host[0] host[2]")]
    [InlineData("a name that another holds", "web-other", """{"to":"http://h","host":"a.nas.example.com"}""", 409, "name")]
    [InlineData("a host that a file holds", "hello", """{"to":"http://h","host":"file.nas.example.com"}""", 409, "host")]
    [InlineData("a name that a file holds", "web-file", """{"to":"http://h","host":"a.nas.example.com"}""", 409, "name")]
    [InlineData("a host of another service of one's own", "web-1", """{"to":"http://h","host":"hello.nas.example.com"}""", 409, "host")]
    [InlineData("everything at once", "web-file", """{"to":"http://h:0","host":["held.nas.example.com","a.example.com"]}""", 422, "to host[1] name host[0]")]
    [InlineData("a destination that is the gateway itself", "hello", """{"to":"https://localhost:8443"}""", 422, "to")]
    [InlineData("one of several", "hello", """{"to":["http://h","https://127.0.0.1:8443"]}""", 422, "to[1]")]
    [InlineData("and another that is no URL", "hello", """{"to":["nonsense","https://127.0.0.1:8443"]}""", 422, "to[0] to[1]")]
    [InlineData("not JSON", "hello", "{", 400, "")]
    [InlineData("not an object", "hello", "[]", 400, "")]
    [InlineData("a key twice", "hello", """{"to":"http://h","to":"http://h"}""", 400, "")]
    public async Task A_declaration_is_refused_with_its_fields(string why, string name, string body, int status, string fields)
    {
        var before = _host.Catalog.Current;
        var revision = (await _host.Store.ListAsync("", default)).Revision;

        var (code, problem) = await _host.PutAsync(name, body);

        Assert.Equal((why, status, fields), (why, code, string.Join(' ', problem.GetProperty("errors").EnumerateArray().Select(error => error.GetProperty("field").GetString()))));
        Assert.Equal(status, problem.GetProperty("status").GetInt32());
        Assert.StartsWith("urn:edge:problem:", problem.GetProperty("type").GetString());
        Assert.Contains("othing was changed", problem.GetProperty("detail").GetString());
        Assert.All(problem.GetProperty("errors").EnumerateArray(), error => Assert.NotEqual("", error.GetProperty("message").GetString()));
        Assert.Same(before, _host.Catalog.Current);
        Assert.Equal(revision, (await _host.Store.ListAsync("", default)).Revision);
    }

    [Theory]
    [InlineData("""{"to":"http://h"}""", 403)]
    [InlineData("""{"to":"http://h","expose":"everywhere"}""", 403)]
    [InlineData("""{"to":"http://h","expose":"lan"}""", 201)]
    public async Task A_token_for_the_LAN_registers_for_nobody_else(string body, int status)
    {
        var (code, answer) = await _host.PutAsync("inside", body, await _host.NewTokenAsync("inner", lanOnly: true));
        Assert.Equal(status, code);
        if (status == 403)
        {
            Assert.Equal("expose", Assert.Single(answer.GetProperty("errors").EnumerateArray()).GetProperty("field").GetString());
        }
    }

    [Fact]
    public async Task The_holder_of_a_host_is_named()
    {
        var (_, problem) = await _host.PutAsync("hello", """{"to":"http://h","host":["held.nas.example.com","file.nas.example.com"]}""");
        Assert.Equal(["held.nas.example.com belongs to service web-other (token other)", "file.nas.example.com belongs to service web-file (proxy-routes/a.yaml:2)"],
            problem.GetProperty("errors").EnumerateArray().Select(error => error.GetProperty("message").GetString()));
    }

    [Theory]
    [InlineData("{\"to\":\"nonsense\"}", "\"message\": \"\\\"nonsense\\\" is not")]
    [InlineData("{\"to\":", "line 1: is not JSON: ")]
    public async Task A_refusal_can_be_read_in_a_terminal(string body, string line)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, "/v1/services/hello") { Content = new StringContent(body, new MediaTypeHeaderValue("application/json")) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _host.Token);
        using var response = await _host.Client.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        Assert.Contains(line, text);
        Assert.DoesNotContain("\\u00", text);
        Assert.DoesNotContain("LineNumber", text);
        Assert.EndsWith("}\n", text);
    }

    [Theory]
    [InlineData("Nobody knows this token", "unknown")]
    [InlineData("Token old expired on 2026-03-01 12:00 UTC", "old")]
    [InlineData("Token gone was revoked", "gone")]
    [InlineData("Send the header Authorization", null)]
    public async Task A_token_that_does_not_hold_is_told_why(string detail, string? kind)
    {
        var secrets = new Dictionary<string, string>
        {
            ["unknown"] = "edge_unknown",
            ["old"] = await _host.NewTokenAsync("old", expires: _host.Time.GetUtcNow().AddSeconds(30)),
            ["gone"] = await _host.NewTokenAsync("gone"),
        };
        Assert.True(await _host.Tokens.RevokeAsync("gone", default));
        _host.Time.Advance(TimeSpan.FromSeconds(31));
        foreach (var (method, path) in new[] { ("GET", ""), ("GET", "/hello"), ("PUT", "/hello"), ("DELETE", "/hello"), ("POST", "/hello/renew") })
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), $"/v1/services{path}");
            request.Headers.Authorization = kind is null ? null : new AuthenticationHeaderValue("Bearer", secrets[kind]);
            using var response = await _host.Client.SendAsync(request, TestContext.Current.CancellationToken);
            var problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement;

            Assert.Equal(401, (int)response.StatusCode);
            Assert.Equal("Bearer", response.Headers.WwwAuthenticate.Single().Scheme);
            Assert.Equal(ProblemDocument.ContentType, response.Content.Headers.ContentType!.MediaType);
            Assert.StartsWith(detail, problem.GetProperty("detail").GetString());
        }

        Assert.NotNull(_host.Names.Current.ByName("hello"));
    }

    [Theory]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("text/plain")]
    public async Task A_body_of_another_type_is_refused(string type) =>
        Assert.Equal(415, (await _host.PutAsync("hello", """{"to":"http://h"}""", type: type)).Status);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_body_above_64_KiB_is_refused(bool chunked)
    {
        using var content = new StreamContent(new MemoryStream(new byte[(64 << 10) + 1]));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        if (chunked)
        {
            content.Headers.ContentLength = null;
        }

        Assert.Equal(413, (await _host.SendAsync(HttpMethod.Put, "/v1/services/hello", content: content)).Status);
    }

    [Theory]
    [InlineData("a: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[")]
    [InlineData("a: *nothing")]
    [InlineData("\"a")]
    public async Task Yaml_that_is_none_is_refused(string body) =>
        Assert.Equal(400, (await _host.PutAsync("hello", body, type: "application/yaml")).Status);

    [Theory]
    [InlineData(true, 507)]
    [InlineData(false, 503)]
    public async Task A_store_that_is_away_is_said_and_what_is_served_stays(bool outOfSpace, int status)
    {
        await using var host = await RegistrationHost.StartAsync(time => new FailingStore(time));
        host.Token = await host.NewTokenAsync("laptop");
        await host.PutAsync("hello", """{"to":"http://h"}""");
        ((FailingStore)host.Store).Failure = new StoreUnavailableException("the store is away: wait", null) { OutOfSpace = outOfSpace };

        var (code, problem) = await host.PutAsync("two", """{"to":"http://h"}""");
        Assert.Equal((status, "The store is away: wait. Nothing was changed."), (code, problem.GetProperty("detail").GetString()));
        Assert.Equal(200, (await host.SendAsync(HttpMethod.Get, "/v1/services/hello")).Status);
        Assert.Equal(200, (await host.SendAsync(HttpMethod.Post, "/v1/services/hello/renew")).Status);
        Assert.Equal(status, (await host.SendAsync(HttpMethod.Delete, "/v1/services/hello")).Status);
        Assert.NotNull(host.Names.Current.ByName("hello"));

        ((FailingStore)host.Store).Failure = null;
        Assert.Equal(201, (await host.PutAsync("two", """{"to":"http://h"}""")).Status);
    }
}
