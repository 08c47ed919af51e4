using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Edge.Tests.Whole;

/// <summary>Every registration that cannot be is one problem document that names all that is wrong, and changes nothing.</summary>
public sealed class BadRegistrationsTests(RunningEdge running) : IClassFixture<RunningEdge>
{
    private const string Good = """{"to":"http://127.0.0.1:9"}""";

    public static TheoryData<string, string, string, int, string[]> Bodies => new()
    {
        { "a word that is not JSON", "x", "services?", 400, [""] },
        { "JSON that ends too early", "x", """{"to":""", 400, [""] },
        { "a list where a mapping belongs", "x", "[1]", 400, [""] },
        { "no destination", "x", "{}", 422, ["to"] },
        { "everything wrong at once", "x", """{"to":"ftp://x","host":"a b","expose":"mars","ttl":"soon","colour":"red"}""", 422, ["to", "host", "expose", "ttl", "colour"] },
        { "a host that a file holds", "x", """{"to":"http://127.0.0.1:9","host":"photos.nas.example.com"}""", 409, ["host"] },
        { "a name that a file holds", "photos", Good, 409, ["name", "host"] },
        { "a name that is no label", "-x-", Good, 422, ["name"] },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task A_bad_body_is_refused_with_every_field_at_fault(string what, string name, string body, int status, string[] fields)
    {
        using var admin = running.Edge.Api();
        var before = await CatalogAsync(admin);
        using var problem = await ProblemAsync(await PutAsync(admin, name, body), status);
        var named = problem.RootElement.GetProperty("errors").EnumerateArray().Select(error => error.GetProperty("field").GetString()!).ToList();
        Assert.All(fields, field => Assert.True(named.Any(given => given == field || given.StartsWith(field + "[", StringComparison.Ordinal)), $"{what}: {field} is not among {string.Join(", ", named)}\n{problem.RootElement}"));
        Assert.Equal(before, await CatalogAsync(admin));
    }

    [Theory]
    [InlineData("PATCH", "/v1/services/x", "GET, HEAD, PUT, DELETE")]
    [InlineData("POST", "/v1/services", "GET, HEAD")]
    [InlineData("DELETE", "/v1/status", "GET, HEAD")]
    [InlineData("PUT", "/v1/tokens", "POST, GET, HEAD")]
    public async Task A_method_that_is_not_taken_is_told_with_those_that_are(string method, string path, string allowed)
    {
        using var admin = running.Edge.Api();
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        var answer = await admin.SendAsync(request);
        Assert.Equal(allowed.Split(", ").Order(), answer.Content.Headers.Allow.Order());
        using var problem = await ProblemAsync(answer, 405);
        Assert.Contains(method, problem.RootElement.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/healthz")]
    [InlineData("/v1/status")]
    [InlineData("/v1/services")]
    [InlineData("/v1/tokens")]
    public async Task What_can_be_read_can_be_asked_for_by_HEAD(string path)
    {
        using var admin = running.Edge.Api();
        using var request = new HttpRequestMessage(HttpMethod.Head, path);
        var answer = await admin.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Empty(await answer.Content.ReadAsByteArrayAsync());
    }

    [Theory]
    [InlineData("{\"name\":")]
    [InlineData("{\"name\":7}")]
    [InlineData("{\"name\":\"\\ud800\"}")]
    [InlineData("{\"name\":\"q\",\"service\":[\"x\"]}")]
    [InlineData("{\"name\":\"q\",\"hosts\":\"x\"}")]
    public async Task A_token_that_is_not_described_rightly_is_told_without_the_parsers_own_words(string body)
    {
        using var admin = running.Edge.Api();
        var answer = await admin.PostAsync("/v1/tokens", new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json")));
        using var problem = await ProblemAsync(answer, 400);
        var detail = problem.RootElement.GetProperty("detail").GetString()!;
        Assert.DoesNotContain("LineNumber", detail, StringComparison.Ordinal);
        Assert.DoesNotContain("Path:", detail, StringComparison.Ordinal);
        Assert.DoesNotContain("Edge.Admin", detail, StringComparison.Ordinal);
        Assert.DoesNotContain("System.", detail, StringComparison.Ordinal);
        Assert.Contains("line 1", detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_that_is_no_text_is_told()
    {
        using var admin = running.Edge.Api();
        using var problem = await ProblemAsync(await PutAsync(admin, "x", """{"to":"\ud800"}"""), 400);
        Assert.Contains("is not Unicode", problem.RootElement.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_huge_body_is_refused_without_being_read()
    {
        using var admin = running.Edge.Api();
        var before = await CatalogAsync(admin);
        using var problem = await ProblemAsync(await PutAsync(admin, "x", $$"""{"to":"{{new string('a', 5 << 20)}}"}"""), 413);
        Assert.Contains("64 KiB", problem.RootElement.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(before, await CatalogAsync(admin));
    }

    [Fact]
    public async Task A_token_that_is_unknown_expired_or_revoked_opens_nothing()
    {
        using var admin = running.Edge.Api();
        var revoked = (await running.Edge.CommandAsync("token", "create", "laptop")).Output.Trim();
        Assert.Equal(0, (await running.Edge.CommandAsync("token", "revoke", "laptop")).ExitCode);
        var expired = (await running.Edge.CommandAsync("token", "create", "guest", "--expires", "1s")).Output.Trim();
        using var guest = running.Edge.Api(expired);
        await Eventually.TrueAsync(async () => (await guest.GetAsync("/v1/services")).StatusCode == HttpStatusCode.Unauthorized, () => running.Edge.Output);
        var before = await CatalogAsync(admin);
        foreach (var (token, words) in ((string, string)[])[("edge_nobody_made_this", "Nobody knows this token"), (revoked, "was revoked"), (expired, "expired")])
        {
            using var api = running.Edge.Api(token);
            using var problem = await ProblemAsync(await PutAsync(api, "x", Good), 401);
            Assert.Contains(words, problem.RootElement.GetProperty("detail").GetString(), StringComparison.Ordinal);
            using var other = await ProblemAsync(await api.GetAsync("/v1/certificates"), 401);
        }

        using var nobody = new HttpClient { BaseAddress = admin.BaseAddress };
        using var nothing = await ProblemAsync(await PutAsync(nobody, "x", Good), 401);
        Assert.Equal(before, await CatalogAsync(admin));
    }

    [Theory]
    [InlineData("banana", 1, "lies in no zone of this Edge")]
    [InlineData("*.example.org", 1, "lies in no zone of this Edge")]
    [InlineData("*.fruit.nas.example.com", 0, "edge_")]
    [InlineData("example.com", 0, "edge_")]
    [InlineData("*", 0, "edge_")]
    public async Task A_token_is_made_for_names_in_our_zones(string pattern, int code, string says)
    {
        var made = await running.Edge.CommandAsync("token", "create", "fruit", "--host", pattern);
        await running.Edge.CommandAsync("token", "revoke", "fruit");
        Assert.True(made.ExitCode == code && made.Output.Contains(says, StringComparison.Ordinal), $"{made.ExitCode}: {made.Output}");
    }

    [Fact]
    public async Task A_token_for_the_LAN_is_made_listed_and_held_to_it()
    {
        Assert.NotEqual(0, (await running.Edge.CommandAsync("token", "create", "inner", "--expose", "inside")).ExitCode);
        var secret = (await running.Edge.CommandAsync("token", "create", "inner", "--expose", "lan")).Output.Trim();
        Assert.Matches(@"(?m)^inner +\S+ +\* +\S+ +lan ", (await running.Edge.CommandAsync("token", "list")).Output);
        using var api = running.Edge.Api(secret);
        using var problem = await ProblemAsync(await PutAsync(api, "inner", """{"to":"http://h"}"""), 403);
        (await PutAsync(api, "inner", """{"to":"http://h","expose":"lan"}""")).EnsureSuccessStatusCode();
        Assert.Equal(HttpStatusCode.NoContent, (await api.DeleteAsync("/v1/services/inner")).StatusCode);
    }

    [Fact]
    public async Task A_token_goes_as_far_as_its_scope()
    {
        using var admin = running.Edge.Api();
        var before = await CatalogAsync(admin);
        var secret = (await running.Edge.CommandAsync("token", "create", "desk", "--host", "*.desk.nas.example.com")).Output.Trim();
        using var desk = running.Edge.Api(secret);
        using var problem = await ProblemAsync(await PutAsync(desk, "x", """{"to":"http://127.0.0.1:9","host":["router.example.com","nas.example.com"]}"""), 403);
        Assert.Equal(2, problem.RootElement.GetProperty("errors").GetArrayLength());
        using var refused = await ProblemAsync(await desk.GetAsync("/v1/tokens"), 403);
        Assert.Equal(before, await CatalogAsync(admin));
    }

    [Theory]
    [InlineData("http")]
    [InlineData("https")]
    [InlineData("admin")]
    public async Task A_service_that_leads_back_to_Edge_itself_is_refused_and_of_a_file_answered_508(string which)
    {
        var edge = running.Edge;
        var to = which switch { "http" => $"http://127.0.0.1:{edge.Http}", "https" => $"https://localhost:{edge.Https}", _ => $"http://127.0.0.1:{edge.Admin}" };
        using var admin = edge.Api();
        var before = await CatalogAsync(admin);
        using var problem = await ProblemAsync(await PutAsync(admin, $"self-{which}", $$"""{"to":["{{to}}"]}"""), 422);
        var error = problem.RootElement.GetProperty("errors")[0];
        Assert.Equal("to[0]", error.GetProperty("field").GetString());
        Assert.Contains("is this gateway itself", error.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(before, await CatalogAsync(admin));

        using var browser = edge.Browser();
        var file = Path.Combine(edge.Folder, "proxy-routes", "self.yaml");
        await File.WriteAllTextAsync(file, $"services:\n  self-{which}:\n    to: {to}\n");
        await Eventually.TrueAsync(async () => (await browser.GetAsync($"https://self-{which}.nas.example.com/healthz")).StatusCode == HttpStatusCode.LoopDetected, () => edge.Output);
        await Eventually.TrueAsync(async () => (await CatalogAsync(admin)).Contains($"self-{which}", StringComparison.Ordinal), () => edge.Output);
        File.Delete(file);
        await Eventually.TrueAsync(async () => await CatalogAsync(admin) == before, () => edge.Output);
    }

    [Fact]
    public async Task The_API_is_not_reached_through_the_gateway_by_a_name_either()
    {
        // Whatever resolves to this box: the host's own name does, where it resolves at all.
        var own = System.Net.Dns.GetHostName();
        var addresses = await System.Net.Dns.GetHostAddressesAsync(own).ContinueWith(found => found.IsCompletedSuccessfully ? found.Result : [], TaskScheduler.Default);
        Assert.SkipUnless(addresses.Any(IPAddress.IsLoopback), $"{own} does not resolve to the loopback here");
        using var admin = running.Edge.Api();
        (await PutAsync(admin, "back", $$"""{"to":"http://{{own}}:{{running.Edge.Admin}}"}""")).EnsureSuccessStatusCode();
        using var browser = running.Edge.Browser();
        Assert.Equal(HttpStatusCode.LoopDetected, (await browser.GetAsync("https://back.nas.example.com/healthz")).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await admin.DeleteAsync("/v1/services/back")).StatusCode);
    }

    private static Task<HttpResponseMessage> PutAsync(HttpClient api, string name, string body) =>
        api.PutAsync($"/v1/services/{name}", new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json")));

    private static Task<string> CatalogAsync(HttpClient admin) => admin.GetStringAsync("/v1/services?all=true");

    private static async Task<JsonDocument> ProblemAsync(HttpResponseMessage answer, int status)
    {
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(status == (int)answer.StatusCode, $"{answer.StatusCode}: {text}");
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        var problem = JsonDocument.Parse(text);
        Assert.Equal(status, problem.RootElement.GetProperty("status").GetInt32());
        Assert.NotEmpty(problem.RootElement.GetProperty("detail").GetString()!);
        return problem;
    }
}
