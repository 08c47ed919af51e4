using System.Text;
using System.Text.Json;
using Edge.Services;
using Edge.Stores;
using Xunit;

namespace Edge.Tests.Services;

/// <summary>openapi.json says what the endpoints do: every operation, every status, every field.</summary>
public sealed class OpenApiTests : IAsyncLifetime
{
    private const string Hello = """{"to":"http://h"}""";

    // These need a store that is slow or that others write to.
    private static readonly string[] NotSeenHere =
        ["PUT /v1/services/{name} 202", "DELETE /v1/services/{name} 202", "GET /v1/services 503", "GET /v1/services/{name} 503", "POST /v1/services/{name}/renew 503"];

    private readonly SortedSet<string> _seen = new(StringComparer.Ordinal);
    private RegistrationHost _host = null!;
    private JsonElement _document;
    private OpenApiSchema _schema = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await RegistrationHost.StartAsync(time => new FailingStore(time), new AllKnown());
        _host.Token = await _host.NewTokenAsync("laptop");
        _document = JsonDocument.Parse(await _host.Client.GetStringAsync("/v1/openapi.json")).RootElement;
        _schema = new OpenApiSchema(_document);
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public void Every_operation_is_described_and_no_other()
    {
        var described = Operations().Select(operation => operation.Name).Order(StringComparer.Ordinal);
        Assert.Equal(_host.Operations.Where(operation => !operation.StartsWith("HEAD ", StringComparison.Ordinal)).Order(StringComparer.Ordinal), described);
    }

    [Fact]
    public async Task Every_answer_is_as_it_is_described_and_every_described_one_comes()
    {
        var other = await _host.NewTokenAsync("other");
        _host.WriteFile("a.yaml", "services:\n  held:\n    to: http://h\n");
        await SeeAsync("GET", "/v1/openapi.json");
        await SeeAsync("PUT", "/v1/services/a", Hello);
        await SeeAsync("PUT", "/v1/services/a", """{"to":["http://h",{"url":"http://i","weight":2}],"host":["a.nas.example.com","b.nas.example.com"],"expose":"lan","ttl":"5m","allow":["lan"],"name":"a"}""");
        await SeeAsync("GET", "/v1/services/a");
        await SeeAsync("GET", "/v1/services");
        await SeeAsync("POST", "/v1/services/a/renew");
        foreach (var (method, path) in ((string, string)[])[("GET", "/v1/services/a"), ("PUT", "/v1/services/a"), ("DELETE", "/v1/services/a"), ("POST", "/v1/services/a/renew"), ("GET", "/v1/services")])
        {
            var body = method == "PUT" ? Hello : null;
            await SeeAsync(method, path, body, "no such token");
            await SeeAsync(method, path, body, null, "If-Match: nonsense");
            if (path != "/v1/services")
            {
                await SeeAsync(method, path, body, other);
                await SeeAsync(method, method == "POST" ? "/v1/services/none/renew" : "/v1/services/none", body is null ? null : "{");
                if (method != "GET")
                {
                    await SeeAsync(method, path, body, null, "If-Match: \"0\"");
                }
            }
        }

        await SeeAsync("GET", "/v1/services?all=true");
        await SeeAsync("PUT", "/v1/services/held", Hello);
        await SeeAsync("PUT", "/v1/services/a", """{"to":"nonsense"}""");
        await SeeAsync("PUT", "/v1/services/a", """{"to":"http://h","host":"elsewhere.example.org"}""");
        await SeeAsync("PUT", "/v1/services/a", new string(' ', 70_000));
        await SeeAsync("PUT", "/v1/services/a", Hello, type: "text/plain");
        foreach (var isFull in (bool[])[true, false])
        {
            ((FailingStore)_host.Store).Failure = new StoreUnavailableException("the store is away: wait", null) { OutOfSpace = isFull };
            await SeeAsync("PUT", "/v1/services/new", Hello);
            await SeeAsync("DELETE", "/v1/services/a");
        }

        ((FailingStore)_host.Store).Failure = null;
        await SeeAsync("DELETE", "/v1/services/a");
        Assert.Equal(Operations().SelectMany(operation => operation.Answers.Select(answer => $"{operation.Name} {answer}")).Except(NotSeenHere).Order(StringComparer.Ordinal), _seen);
    }

    [Theory]
    [InlineData("""{"to":"http://h"}""", true)]
    [InlineData("""{"to":["http://h"],"host":"a.nas.example.com","expose":"lan","ttl":"1m"}""", true)]
    [InlineData("""{"to":7}""", false)]
    [InlineData("""{"to":"http://h","expose":"all"}""", false)]
    [InlineData("""{"to":"http://h","host":{}}""", false)]
    public async Task What_the_schema_of_a_declaration_lets_pass_is_taken_and_what_not_is_refused(string body, bool isFit)
    {
        var wrong = _schema.Wrong(_document.GetProperty("components").GetProperty("schemas").GetProperty("Declaration"), JsonDocument.Parse(body).RootElement).ToList();
        Assert.True(isFit == (wrong.Count == 0), string.Join('\n', wrong));
        Assert.Equal(isFit ? 201 : 422, (await _host.PutAsync("a", body)).Status);
    }

    private IEnumerable<(string Name, IEnumerable<string> Answers)> Operations() =>
        from path in _document.GetProperty("paths").EnumerateObject()
        from operation in path.Value.EnumerateObject()
        where operation.Name != "parameters"
        select ($"{operation.Name.ToUpperInvariant()} {path.Name}", operation.Value.GetProperty("responses").EnumerateObject().Select(answer => answer.Name));

    private async Task SeeAsync(string method, string path, string? body = null, string? token = null, string? header = null, string type = "application/json")
    {
        var content = body is null ? null : new StringContent(body, Encoding.UTF8, type);
        using var answer = await _host.AnswerAsync(new HttpMethod(method), path, token, content, header is null ? [] : [header]);
        var name = path.Split('?')[0].Split('/') is [_, _, "services", _, ..] parts ? $"/v1/services/{{name}}{(parts.Length > 4 ? "/renew" : "")}" : path.Split('?')[0];
        var status = ((int)answer.StatusCode).ToString();
        var responses = _document.GetProperty("paths").GetProperty(name).GetProperty(method.ToLowerInvariant()).GetProperty("responses");
        Assert.True(responses.TryGetProperty(status, out var described), $"{method} {path} answers {status}, which is not described: {await answer.Content.ReadAsStringAsync()}");
        described = _schema.Follow(described);
        _seen.Add($"{method} {name} {status}");
        if (!described.TryGetProperty("content", out var contents))
        {
            Assert.Equal("", await answer.Content.ReadAsStringAsync());
            return;
        }

        Assert.True(contents.TryGetProperty(answer.Content.Headers.ContentType!.MediaType!, out var media), $"{method} {path} answers {status} with {answer.Content.Headers.ContentType}");
        Assert.Equal([], _schema.Wrong(media.GetProperty("schema"), JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement).Select(wrong => $"{method} {path} {status} {wrong}"));
        Assert.Equal(described.TryGetProperty("headers", out _), answer.Headers.ETag is not null);
    }

    private sealed class AllKnown : IServiceStatus
    {
        public ServiceStatus? Of(Service service) => new(
            ["https://a/"], [new ServiceStatus.ViewName("lan", service.Hosts[0], ["192.0.2.1"]), new ServiceStatus.ViewName("public", service.Hosts[0], [], "b.example.com")], "live",
            [new ServiceStatus.HostCertificate(service.Hosts[0], "Edge", DateTimeOffset.UnixEpoch, "live"), new ServiceStatus.HostCertificate(service.Hosts[0], "none", null, "ordered")]);
    }
}
