using System.Collections.Immutable;
using System.Text.Json;
using Edge.Services;
using Edge.Stores;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Edge.Tests.Services;

/// <summary>A registration from its first PUT to the end of its lease, over HTTP.</summary>
public sealed class RegistrationLifecycleTests : IAsyncLifetime
{
    private const string Hello = """{"to":"http://127.0.0.1:9000"}""";

    private RegistrationHost _host = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await RegistrationHost.StartAsync();
        _host.Token = await _host.NewTokenAsync("laptop");
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task A_new_service_is_live_in_every_reader_when_the_answer_comes()
    {
        var (status, body) = await _host.PutAsync("hello", Hello);

        Assert.Equal(201, status);
        Assert.Equal("hello.nas.example.com", Assert.Single(_host.Names.Current.ByName("hello")!.Hosts));
        Assert.NotNull(_host.Gateway.Current.ByHost("hello.nas.example.com"));
        Assert.Equal("""
            {"name":"hello","hosts":["hello.nas.example.com"],"urls":["https://hello.nas.example.com/"],"to":["http://127.0.0.1:9000"],"expose":"everywhere","owner":"laptop","revision":2,"lease":{"seconds":60,"remaining":60,"ends":"2026-03-01T12:01:00Z","renew":"/v1/services/hello/renew"},"live":{"served":true,"notes":[],"lost":[]}}
            """, Compact(body));
    }

    [Fact]
    public async Task What_is_known_of_names_route_and_certificates_is_in_the_answer()
    {
        await using var host = await RegistrationHost.StartAsync(status: new KnownStatus());
        var (_, body) = await host.PutAsync("hello", Hello, await host.NewTokenAsync("t"));

        Assert.Equal("https://hello.nas.example.com:8443/", body.GetProperty("urls")[0].GetString());
        Assert.Equal("""
            {"served":true,"notes":[],"lost":[],"names":[{"view":"lan","host":"hello.nas.example.com","addresses":["192.168.1.10"]}],"route":"live","certificates":[{"host":"hello.nas.example.com","issuer":"Edge","notAfter":"2026-05-01T00:00:00Z","state":"live"}]}
            """, Compact(body.GetProperty("live")));
    }

    [Fact]
    public async Task A_registration_takes_what_a_container_has_and_gives_it_back_with_its_end()
    {
        _host.Containers.Declare("hello: hello.nas.example.com", "web: web.nas.example.com");
        var (status, body) = await _host.PutAsync("hello", """{"to":"http://h","host":["hello.nas.example.com","web.nas.example.com"]}""");

        Assert.Equal((201, true), (status, body.GetProperty("live").GetProperty("served").GetBoolean()));
        Assert.Equal(SourceKind.Api, _host.Catalog.Current.ByHost("web.nas.example.com")!.Source);
        Assert.Equal(204, (await _host.SendAsync(HttpMethod.Delete, "/v1/services/hello")).Status);
        Assert.Equal([SourceKind.Docker, SourceKind.Docker], _host.Catalog.Current.Services.Select(service => service.Source));
    }

    [Fact]
    public async Task All_services_are_for_admins_to_see()
    {
        Assert.Equal(403, (await _host.SendAsync(HttpMethod.Get, "/v1/services?all=true")).Status);
        var (status, body) = await _host.SendAsync(HttpMethod.Get, "/v1/services?all=true", await _host.NewTokenAsync("root", admin: true));
        Assert.Equal((200, true), (status, body.GetProperty("all").GetBoolean()));
    }

    [Fact]
    public async Task Putting_it_again_replaces_it_and_the_same_again_changes_nothing()
    {
        await _host.PutAsync("hello", Hello);
        var version = _host.Catalog.Current.Version;

        Assert.Equal(200, (await _host.PutAsync("HELLO", Hello)).Status);
        Assert.Equal(version, _host.Catalog.Current.Version);

        var (status, body) = await _host.PutAsync("hello", """{"to":"http://127.0.0.1:9001","host":"hi.nas.example.com","ttl":"5m"}""");
        Assert.Equal(200, status);
        Assert.Equal(300, body.GetProperty("lease").GetProperty("seconds").GetInt32());
        Assert.Null(_host.Names.Current.ByHost("hello.nas.example.com"));
        Assert.Equal("http://127.0.0.1:9001/", _host.Gateway.Current.ByHost("hi.nas.example.com")!.To[0].ToString());
    }

    [Fact]
    public async Task The_end_of_a_lease_is_told_and_a_removal_is_not_taken_for_one()
    {
        await _host.PutAsync("removed", Hello);
        await _host.PutAsync("left", Hello);
        await _host.SendAsync(HttpMethod.Delete, "/v1/services/removed");
        _host.Time.Advance(TimeSpan.FromSeconds(61));
        await Certificates.Eventually.TrueAsync(() => _host.Names.Current.ByName("left") is null, () => string.Join(Environment.NewLine, _host.Log.Lines));

        Assert.Equal(["Information 2022 Service left ended with its lease "], _host.Log.Lines);
    }

    [Theory]
    [InlineData("/v1/services")]
    [InlineData("/v1/services/hello")]
    public async Task HEAD_says_what_GET_says_without_the_document(string path)
    {
        await _host.PutAsync("hello", Hello);
        using var get = await Ask(HttpMethod.Get);
        using var head = await Ask(HttpMethod.Head);

        Assert.Equal((200, 200), ((int)get.StatusCode, (int)head.StatusCode));
        Assert.Equal((get.Content.Headers.ContentLength, "application/json"), (head.Content.Headers.ContentLength, head.Content.Headers.ContentType!.MediaType));
        Assert.Empty(await head.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));

        async Task<HttpResponseMessage> Ask(HttpMethod method)
        {
            using var request = new HttpRequestMessage(method, path);
            request.Headers.Authorization = new("Bearer", _host.Token);
            return await _host.Client.SendAsync(request, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task It_lives_as_long_as_it_is_renewed_and_is_gone_everywhere_when_it_is_not()
    {
        await _host.PutAsync("hello", Hello);
        for (var i = 0; i < 4; i++)
        {
            _host.Time.Advance(TimeSpan.FromSeconds(50));
            Assert.Equal(200, (await _host.SendAsync(HttpMethod.Post, "/v1/services/hello/renew")).Status);
        }

        Assert.NotNull(_host.Names.Current.ByName("hello"));
        _host.Time.Advance(TimeSpan.FromSeconds(61));
        await Until(() => _host.Gateway.Current.ByName("hello") is null);

        Assert.Null(_host.Names.Current.ByName("hello"));
        var (status, body) = await _host.SendAsync(HttpMethod.Post, "/v1/services/hello/renew");
        Assert.Equal(404, status);
        Assert.Contains("register it with PUT", body.GetProperty("detail").GetString());
        Assert.Equal(201, (await _host.PutAsync("hello", Hello)).Status);
    }

    [Fact]
    public async Task A_replaced_registration_does_not_end_with_its_old_lease()
    {
        await _host.PutAsync("hello", Hello);
        await _host.PutAsync("hello", """{"to":"http://127.0.0.1:9000","ttl":"10m"}""");
        _host.Time.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(200, (await _host.SendAsync(HttpMethod.Get, "/v1/services/hello")).Status);
        Assert.NotNull(_host.Names.Current.ByName("hello"));
    }

    [Fact]
    public async Task It_can_be_seen_and_deleted_by_its_owner_and_by_an_admin_and_by_nobody_else()
    {
        await _host.PutAsync("hello", Hello);
        var other = await _host.NewTokenAsync("other");
        var admin = await _host.NewTokenAsync("admin", admin: true);

        Assert.Equal("hello", (await _host.SendAsync(HttpMethod.Get, "/v1/services/hello")).Body.GetProperty("name").GetString());
        foreach (var (method, path) in new[] { (HttpMethod.Get, ""), (HttpMethod.Delete, ""), (HttpMethod.Post, "/renew") })
        {
            Assert.Equal(403, (await _host.SendAsync(method, $"/v1/services/hello{path}", other)).Status);
        }

        Assert.Equal((0, 1, 1), (await Count(other), await Count(admin), await Count(_host.Token)));
        Assert.Equal(204, (await _host.SendAsync(HttpMethod.Delete, "/v1/services/hello", admin)).Status);
        Assert.Null(_host.Names.Current.ByName("hello"));
        Assert.Null(_host.Gateway.Current.ByName("hello"));
        Assert.Equal(404, (await _host.SendAsync(HttpMethod.Delete, "/v1/services/hello")).Status);
    }

    [Fact]
    public async Task Yaml_says_the_same()
    {
        var (status, _) = await _host.PutAsync("hello", "host: [a.nas.example.com, '*.b.nas.example.com']\nto: http://127.0.0.1:9000\nexpose: lan\n", type: "application/yaml");
        Assert.Equal(201, status);
        Assert.Equal(Exposure.Lan, _host.Names.Current.ByHost("*.b.nas.example.com")!.Expose);
    }

    [Fact]
    public async Task A_file_that_comes_later_takes_the_host_and_the_owner_can_see_it()
    {
        await _host.PutAsync("hello", """{"to":"http://127.0.0.1:9000","host":["a.nas.example.com","b.nas.example.com"]}""");
        _host.WriteFile("x.yaml", "services:\n  mine:\n    host: a.nas.example.com\n    to: http://h\n");

        Assert.Equal("mine", _host.Names.Current.ByHost("a.nas.example.com")!.Name);
        var (_, body) = await _host.SendAsync(HttpMethod.Get, "/v1/services/hello");
        Assert.Equal("""{"served":true,"notes":["a.nas.example.com belongs to service mine (proxy-routes/x.yaml:2)"],"lost":["a.nas.example.com"]}""", Compact(body.GetProperty("live")));
    }

    [Fact]
    public async Task Many_at_once_end_with_one_owner_per_host()
    {
        var tokens = new List<string>();
        for (var i = 0; i < 8; i++)
        {
            tokens.Add(await _host.NewTokenAsync($"t{i}"));
        }

        var answers = await Task.WhenAll(tokens.Select((token, i) => _host.PutAsync($"s{i}", """{"to":"http://h","host":"same.nas.example.com"}""", token)));

        Assert.Equal([201, 409, 409, 409, 409, 409, 409, 409], answers.Select(answer => answer.Status).Order());
        Assert.Single(_host.Names.Current.Services);
        Assert.Empty(_host.Catalog.Current.Conflicts);
    }

    [Fact]
    public async Task Registrations_survive_a_restart_with_their_owner_lease_and_seniority()
    {
        var folder = Directory.CreateTempSubdirectory("edge-registrations-");
        try
        {
            string token;
            await using (var host = await RegistrationHost.StartAsync(time => SqliteStore.Open(folder.FullName, time, NullLogger<SqliteStore>.Instance)))
            {
                token = await host.NewTokenAsync("laptop");
                Assert.Equal(201, (await host.PutAsync("hello", Hello, token)).Status);
            }

            await using var again = await RegistrationHost.StartAsync(time => SqliteStore.Open(folder.FullName, time, NullLogger<SqliteStore>.Instance));
            await Until(() => again.Names.Current.ByName("hello") is not null);
            Assert.Equal(200, (await again.SendAsync(HttpMethod.Post, "/v1/services/hello/renew", token)).Status);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string Compact(JsonElement json)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            json.WriteTo(writer);
        }

        return System.Text.Encoding.UTF8.GetString(buffer.ToArray());
    }

    [Fact]
    public async Task A_list_looks_once_for_all_that_is_in_it()
    {
        var status = new CountedStatus();
        await using var host = await RegistrationHost.StartAsync(status: status);
        host.Token = await host.NewTokenAsync("laptop");
        foreach (var name in (string[])["a", "b", "c"])
        {
            await host.PutAsync(name, """{"to":"http://h"}""");
        }

        var before = (status.Looks, status.Asked);
        await host.SendAsync(HttpMethod.Get, "/v1/services");
        Assert.Equal((before.Looks + 1, before.Asked), (status.Looks, status.Asked));
    }

    private static async Task Until(Func<bool> condition)
    {
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        ends.CancelAfter(TimeSpan.FromSeconds(20));
        while (!condition())
        {
            await Task.Delay(5, ends.Token);
        }
    }

    private async Task<int> Count(string token) => (await _host.SendAsync(HttpMethod.Get, "/v1/services", token)).Body.GetProperty("services").GetArrayLength();

    private sealed class CountedStatus : IServiceStatus
    {
        public int Looks { get; private set; }

        public int Asked { get; private set; }

        public ServiceStatus? Of(Service service)
        {
            Asked++;
            return null;
        }

        public Func<Service, ServiceStatus?> Look()
        {
            Looks++;
            return static _ => null;
        }
    }

    private sealed class KnownStatus : IServiceStatus
    {
        public ServiceStatus Of(Service service)
        {
            var host = service.Hosts[0];
            return new ServiceStatus([$"https://{host}:8443/"], [new ServiceStatus.ViewName("lan", host, ["192.168.1.10"])], "live",
                [new ServiceStatus.HostCertificate(host, "Edge", new DateTimeOffset(2026, 5, 1, 0, 0, 0, TimeSpan.Zero), "live")]);
        }
    }
}
