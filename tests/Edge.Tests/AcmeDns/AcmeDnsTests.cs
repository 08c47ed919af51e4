using System.Collections.Immutable;
using System.Net;
using System.Text;
using System.Text.Json;
using Edge.AcmeDns;
using Edge.Dns.Wire;
using Edge.Settings;
using Edge.Stores;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Edge.Tests.AcmeDns;

/// <summary>Registrations and updates as acme-dns takes them, case by case.</summary>
public sealed class AcmeDnsTests : IAsyncDisposable
{
    private const string Text = "LHDhK3oGRvkiefQnx7OOczTY5Tic_xZ6HcMOc_gmtoM";
    private const string Other = "___validation_token_received_from_the_ca___";
    private const string Third = "third_validation_token_received_from_ca____";
    private const string Key = "0123456789abcdef";

    private readonly FakeTimeProvider _time = new();
    private readonly MemoryStore _store;
    private readonly AcmeDnsRecords _records = new();
    private readonly List<IPAddress> _refused = [];
    private readonly List<AcmeDnsRoom> _rooms = [];

    public AcmeDnsTests() => _store = new MemoryStore(_time, NullLogger<MemoryStore>.Instance);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        _rooms.ForEach(room => room.Dispose());
        await _store.DisposeAsync();
    }

    [Theory]
    [InlineData("", "[]")]
    [InlineData("{}", "[]")]
    [InlineData("""{"allowfrom": []}""", "[]")]
    [InlineData("""{"allowfrom": null}""", "[]")]
    [InlineData("""{"allowfrom": ["192.168.100.1/24", "1.2.3.4/32", "2002:c0a8:2a00::0/40"]}""", """["192.168.100.1/24","1.2.3.4/32","2002:c0a8:2a00::0/40"]""")]
    public async Task A_registration_is_answered_with_all_that_is_needed(string body, string allowed)
    {
        var (status, json) = await AskAsync(Room(), "POST", "register", body);

        Assert.Equal(201, status);
        Assert.Equal(40, json.GetProperty("password").GetString()!.Length);
        Assert.True(Guid.TryParse(json.GetProperty("username").GetString(), out _));
        Assert.True(Guid.TryParse(json.GetProperty("subdomain").GetString(), out _));
        Assert.Equal(json.GetProperty("subdomain").GetString() + ".auth.example.com", json.GetProperty("fulldomain").GetString());
        Assert.Equal(allowed, json.GetProperty("allowfrom").GetRawText());
    }

    [Theory]
    [InlineData("nonsense", 400, "malformed_json_payload")]
    [InlineData("[]", 400, "malformed_json_payload")]
    [InlineData("null", 400, "malformed_json_payload")]
    [InlineData("""{"allowfrom": "1.2.3.4/32"}""", 400, "malformed_json_payload")]
    [InlineData("""{"allowfrom": ["1.2.3.4/33"]}""", 400, "invalid_allowfrom_cidr")]
    [InlineData("""{"allowfrom": ["1.2.3.4"]}""", 400, "invalid_allowfrom_cidr")]
    [InlineData("""{"allowfrom": ["home"]}""", 400, "invalid_allowfrom_cidr")]
    [InlineData("""{"allowfrom": [null]}""", 400, "invalid_allowfrom_cidr")]
    [InlineData(null, 400, "malformed_json_payload")]
    public async Task A_bad_registration_is_refused(string? body, int status, string error) =>
        Assert.Equal((status, error), await RefusalAsync(Room(), "POST", "register", body ?? new string(' ', 20_000)));

    [Theory]
    [InlineData("Nobody", null, "192.0.2.1", null, 403)]
    [InlineData("Lan", null, "192.0.2.1", null, 403)]
    [InlineData("Lan", null, "10.0.0.1", null, 201)]
    [InlineData("Lan", Key, "10.0.0.1", null, 403)]
    [InlineData("Lan", Key, "192.0.2.1", "Bearer " + Key, 403)]
    [InlineData("Everybody", null, "192.0.2.1", null, 201)]
    [InlineData("Everybody", Key, "192.0.2.1", null, 403)]
    [InlineData("Everybody", Key, "192.0.2.1", "Bearer wrong", 403)]
    [InlineData("Everybody", Key, "192.0.2.1", "Bearer " + Key, 201)]
    [InlineData("Everybody", Key, "192.0.2.1", "Basic YW55OjAxMjM0NTY3ODlhYmNkZWY=", 201)]
    [InlineData("Everybody", Key, "192.0.2.1", "Basic !", 403)]
    public async Task Who_may_register(string right, string? key, string client, string? shown, int expected)
    {
        var room = Room(new AcmeDnsOptions { Domain = Name.Parse("auth.example.com."), Register = Enum.Parse<RegistrationRight>(right), Key = key });
        Assert.Equal(expected, (await AskAsync(room, "POST", "register", "", client, ("Authorization", shown))).Status);
    }

    [Theory]
    [InlineData("user", "key", "own", Text, 200, null)]
    [InlineData("user", "wrong", "own", Text, 401, "forbidden")]
    [InlineData("user", "", "own", Text, 401, "forbidden")]
    [InlineData("wrong", "key", "own", Text, 401, "forbidden")]
    [InlineData("user", "key", "another", Text, 401, "forbidden")]
    [InlineData("user", "key", null, Text, 401, "forbidden")]
    [InlineData("user", "key", "own", "", 400, "bad_txt")]
    [InlineData("user", "key", "own", "short", 400, "bad_txt")]
    [InlineData("user", "key", "own", Text + "a", 400, "bad_txt")]
    [InlineData("user", "key", "own", "LHDhK3oGRvkiefQnx7OOczTY5Tic_xZ6HcMOc_gmto+", 400, "bad_txt")]
    [InlineData("user", "key", "own", null, 400, "bad_txt")]
    public async Task An_update(string user, string key, string? subdomain, string? text, int expected, string? error)
    {
        var room = Room();
        var mine = await RegisteredAsync(room);
        var another = await RegisteredAsync(room);
        var body = new Dictionary<string, string?> { ["subdomain"] = subdomain switch { "own" => mine.Subdomain, "another" => another.Subdomain, var said => said }, ["txt"] = text };
        var (status, json) = await AskAsync(room, "POST", "update", JsonSerializer.Serialize(body), "192.0.2.1", ("X-Api-User", user == "user" ? mine.User : user), ("X-Api-Key", key == "key" ? mine.Key : key));

        Assert.Equal(expected, status);
        Assert.Equal(error ?? text, json.GetProperty(error is null ? "txt" : "error").GetString());
        Assert.Equal(expected == 200 ? [$"{mine.Subdomain}.auth.example.com TXT \"{text}\""] : [], Published());
    }

    [Theory]
    [InlineData("nonsense", 401, "forbidden")]
    [InlineData("", 401, "forbidden")]
    [InlineData("[]", 401, "forbidden")]
    public async Task An_update_that_cannot_be_read(string body, int status, string error)
    {
        var room = Room();
        var mine = await RegisteredAsync(room);
        Assert.Equal((status, error), await RefusalAsync(room, "POST", "update", body, ("X-Api-User", mine.User), ("X-Api-Key", mine.Key)));
    }

    [Theory]
    [InlineData("198.51.100.77", 200)]
    [InlineData("198.51.101.77", 401)]
    [InlineData("2001:db8::7", 200)]
    [InlineData("::ffff:198.51.100.77", 200)]
    public async Task Only_the_networks_that_were_named_may_update(string client, int expected)
    {
        var room = Room();
        var mine = await RegisteredAsync(room, """{"allowfrom": ["198.51.100.1/24", "2001:db8::/64"]}""");
        Assert.Equal(expected, await UpdateAsync(room, mine, Text, client));
    }

    [Fact]
    public async Task The_two_newest_answers_stand_and_are_there_after_a_restart()
    {
        var room = Room();
        var mine = await RegisteredAsync(room);
        foreach (var text in (string[])[Text, Other, Other, Third, Third])
        {
            Assert.Equal(200, await UpdateAsync(room, mine, text));
        }

        string[] expected = [$"{mine.Subdomain}.auth.example.com TXT \"{Other}\"", $"{mine.Subdomain}.auth.example.com TXT \"{Third}\""];
        Assert.Equal(expected.Order(), Published().Order());
        _records.Publish(Name.Parse("auth.example.com."), []);
        var later = Room();
        await later.LoadAsync(Cancel);
        Assert.Equal(expected.Order(), Published().Order());
        Assert.Equal(200, await UpdateAsync(later, mine, Text));
        Assert.DoesNotContain(mine.Key, string.Concat((await _store.ListAsync("", Cancel)).Entries.Select(entry => Encoding.UTF8.GetString(entry.Value.Span))));
    }

    [Fact]
    public async Task Wrong_keys_are_noted()
    {
        var room = Room();
        var mine = await RegisteredAsync(room);
        await UpdateAsync(room, mine with { Key = "guess" }, Text, "192.0.2.66");
        Assert.Equal(401, await UpdateAsync(room, mine with { User = "", Key = "" }, Text, "192.0.2.67"));
        Assert.Equal([IPAddress.Parse("192.0.2.66")], _refused);
    }

    [Fact]
    public async Task There_is_an_end_to_it_and_what_is_in_use_stays()
    {
        var room = Room();
        var all = new List<Registered>();
        for (var i = 0; i < AcmeDnsAccounts.Most; i++)
        {
            all.Add(await RegisteredAsync(room));
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(200, await UpdateAsync(room, all[0], Text));
        var late = await RegisteredAsync(room);
        Assert.Equal((200, 401, 200, 200), (await UpdateAsync(room, all[0], Other), await UpdateAsync(room, all[1], Text), await UpdateAsync(room, all[2], Text), await UpdateAsync(room, late, Text)));
        Assert.Equal(AcmeDnsAccounts.Most, (await _store.ListAsync("acme-dns/", Cancel)).Entries.Length);
        foreach (var one in all.Skip(3))
        {
            Assert.Equal(200, await UpdateAsync(room, one, Text));
        }

        Assert.Equal((503, "too_many_registrations"), await RefusalAsync(room, "POST", "register", ""));
    }

    [Fact]
    public async Task Who_asks_too_often_is_told()
    {
        var room = Room(allows: false);
        Assert.Equal((429, "too_many_requests"), await RefusalAsync(room, "POST", "register", ""));
        Assert.Equal((429, "too_many_requests"), await RefusalAsync(room, "POST", "update", ""));
    }

    [Fact]
    public async Task A_domain_that_is_not_ours_is_told() =>
        Assert.Equal((503, "no_zone"), await RefusalAsync(Room(isOurs: false), "POST", "register", ""));

    [Theory]
    [InlineData("GET", "health", 200)]
    [InlineData("GET", "register", 405)]
    [InlineData("GET", "update", 405)]
    [InlineData("POST", "health", 405)]
    [InlineData("GET", "", 404)]
    [InlineData("POST", "register/", 404)]
    public async Task Other_requests(string method, string path, int expected) =>
        Assert.Equal(expected, (await AskAsync(Room(), method, path, "")).Status);

    [Theory]
    [InlineData("acme-dns: off", null, "Nobody")]
    [InlineData("acme-dns: auth.example.com", "auth.example.com", "Nobody")]
    [InlineData("acme-dns: { domain: auth.example.com, register: lan }", "auth.example.com", "Lan")]
    [InlineData("acme-dns: { domain: auth.example.com, register: open }", "auth.example.com", "Everybody")]
    [InlineData("acme-dns: { domain: auth.example.com, register-key: 0123456789abcdef }", "auth.example.com", "Everybody")]
    [InlineData("acme-dns: { domain: auth.example.com, register-key: 0123456789abcdef, register: closed }", "auth.example.com", "Nobody")]
    public void Settings(string yaml, string? domain, string right)
    {
        var problems = new ProblemList();
        var options = EdgeOptionsFile.Parse(yaml + "\n", "edge.yaml", problems).AcmeDns;
        Assert.Empty(problems.All);
        Assert.Equal((domain, right), (options.Domain?.ToHostString(), options.Register.ToString()));
    }

    [Theory]
    [InlineData("acme-dns: on", "\"on\" is not off, or a domain in a zone")]
    [InlineData("acme-dns: [a.example]", "is neither \"off\" nor a domain nor a mapping")]
    [InlineData("acme-dns: { register: open }", "needs domain")]
    [InlineData("acme-dns: { domain: auth.example.com, register: all }", "acme-dns.register: \"all\" is not one of closed, lan, open")]
    [InlineData("acme-dns: { domain: auth.example.com, register-key: short }", "acme-dns.register-key: is not a key")]
    [InlineData("acme-dns: { domain: auth.example.com, regster: open }", "did you mean \"register\"?")]
    public void Mistakes_in_the_settings(string yaml, string expected)
    {
        var problems = new ProblemList();
        EdgeOptionsFile.Parse(yaml + "\n", "edge.yaml", problems);
        Assert.Contains(expected, Assert.Single(problems.All).ToString());
    }

    private AcmeDnsRoom Room(AcmeDnsOptions? options = null, bool allows = true, bool isOurs = true)
    {
        var room = new AcmeDnsRoom(
            new AcmeDnsSetup
            {
                Options = options ?? new AcmeDnsOptions { Domain = Name.Parse("auth.example.com."), Register = RegistrationRight.Everybody },
                Store = _store,
                IsLan = client => client.ToString().StartsWith("10.", StringComparison.Ordinal),
                IsOurs = _ => isOurs,
                Allows = (_, _) => allows,
                Refused = _refused.Add,
                Time = _time,
                Log = NullLogger.Instance,
            },
            _records);
        _rooms.Add(room);
        return room;
    }

    private IEnumerable<string> Published() => _records.Current.Overlay.Select(overlay => $"{overlay.Record.Owner.ToHostString()} TXT \"{Encoding.ASCII.GetString(overlay.Record.Data.Wire[1..])}\"");

    private static async Task<Registered> RegisteredAsync(AcmeDnsRoom room, string body = "")
    {
        var (status, json) = await AskAsync(room, "POST", "register", body);
        Assert.Equal(201, status);
        return new Registered(json.GetProperty("username").GetString()!, json.GetProperty("password").GetString()!, json.GetProperty("subdomain").GetString()!);
    }

    private static async Task<int> UpdateAsync(AcmeDnsRoom room, Registered mine, string text, string client = "192.0.2.1") =>
        (await AskAsync(room, "POST", "update", $$"""{"subdomain":"{{mine.Subdomain}}","txt":"{{text}}"}""", client, ("X-Api-User", mine.User), ("X-Api-Key", mine.Key))).Status;

    private static async Task<(int Status, string? Error)> RefusalAsync(AcmeDnsRoom room, string method, string path, string body, params (string Name, string? Value)[] headers)
    {
        var (status, json) = await AskAsync(room, method, path, body, "192.0.2.1", headers);
        return (status, json.GetProperty("error").GetString());
    }

    private static async Task<(int Status, JsonElement Json)> AskAsync(AcmeDnsRoom room, string method, string path, string body, string client = "192.0.2.1", params (string Name, string? Value)[] headers)
    {
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = IPAddress.Parse(client);
        context.Request.Scheme = "https";
        context.Request.Method = method;
        context.Request.Path = AcmeDnsRoom.Root + path;
        context.Request.Body = new MemoryStream(Encoding.UTF8.GetBytes(body));
        foreach (var (name, value) in headers.Where(header => header.Value is not null))
        {
            context.Request.Headers[name] = value;
        }

        using var answer = new MemoryStream();
        context.Response.Body = answer;
        Assert.True(AcmeDnsRoom.Takes(context));
        await room.AnswerAsync(context);
        return (context.Response.StatusCode, answer.Length == 0 ? default : JsonDocument.Parse(answer.ToArray()).RootElement);
    }

    private sealed record Registered(string User, string Key, string Subdomain);
}
