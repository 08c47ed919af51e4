using System.Net;
using System.Text.Json;
using Edge.Services;
using Edge.Tests.HouseRules;
using Edge.Tests.Services;
using Microsoft.AspNetCore.Builder;
using Xunit;

namespace Edge.Tests.Client;

/// <summary>An application registers itself with a real registration API.</summary>
public sealed class ClientLifecycleTests : IAsyncLifetime
{
    private const int Registered = 9000;
    private const int Away = 9003;
    private const int Refused = 9004;
    private const int StandsBy = 9005;

    private RegistrationHost _host = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await RegistrationHost.StartAsync();
        _host.Token = await _host.NewTokenAsync("laptop");
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task It_appears_with_its_address_and_its_health_and_goes_with_the_shutdown()
    {
        await using var app = await StartAsync();
        await AppearsAsync(app);
        var service = _host.Catalog.Current.ByName("hello")!;
        Assert.Equal(["hello.nas.example.com"], service.Hosts);
        Assert.Equal(app.Address + "/", service.To.Single().AbsoluteUri);
        Assert.Equal("/healthz", service.Routing!.Routes.Single().Traffic.Health!.Path);
        Assert.Equal(Exposure.Everywhere, service.Expose);
        await app.StopAsync();
        Assert.Null(_host.Catalog.Current.ByName("hello"));
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync()).Status);
        Assert.Equal(1, app.Times(9006));
    }

    [Fact]
    public async Task What_is_said_about_it_is_registered()
    {
        await using var app = await RegisteredApp.StartAsync(
            Settings(),
            options =>
            {
                options.Hosts.Add("a.nas.example.com");
                options.Hosts.Add("b.nas.example.com");
                options.Expose = Edge.Client.EdgeExposure.Lan;
                options.TimeToLive = TimeSpan.FromMinutes(5);
                options.HealthPath = "";
                options.Destination = new Uri("http://192.168.1.20:9000/base");
            });
        await AppearsAsync(app);
        var service = _host.Catalog.Current.ByName("hello")!;
        Assert.Equal(["a.nas.example.com", "b.nas.example.com"], service.Hosts);
        Assert.Equal("http://192.168.1.20:9000/base", service.To.Single().AbsoluteUri);
        Assert.Equal(Exposure.Lan, service.Expose);
        Assert.Null(service.Routing);
        Assert.Equal(300, (await GetAsync()).Body.GetProperty("lease").GetProperty("seconds").GetInt32());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_health_check_that_would_refuse_Edge_is_not_registered(bool wantsLogin)
    {
        await using var app = await RegisteredApp.StartAsync(Settings(), health: checks => _ = wantsLogin ? checks.RequireAuthorization() : checks.RequireHost("inside.example.com"));
        await AppearsAsync(app);
        Assert.Null(_host.Catalog.Current.ByName("hello")!.Routing);
    }

    [Theory]
    [InlineData("EDGE_URL", "EDGE_TOKEN")]
    [InlineData("Edge:Url", "Edge:Token")]
    public async Task Address_and_token_come_from_the_environment_or_the_settings(string url, string token)
    {
        var settings = new Dictionary<string, string?> { [url] = _host.Client.BaseAddress!.ToString(), [token] = _host.Token };
        await using var app = await RegisteredApp.StartAsync(settings);
        await AppearsAsync(app);
    }

    [Fact]
    public async Task It_is_renewed_at_a_third_of_its_lease_and_is_the_same_registration_all_the_time()
    {
        await using var app = await StartAsync();
        await AppearsAsync(app);
        var revision = (await GetAsync()).Body.GetProperty("revision").GetInt64();
        for (var renewals = 0; renewals < 4; renewals++)
        {
            // The lease goes by Edge's clock: 30 seconds, which four times 20 would be the end of.
            _host.Time.Advance(TimeSpan.FromSeconds(20));
            var turned = 0;
            await app.TurnUntilAsync(async () =>
            {
                turned++;
                return (await GetAsync()).Body.GetProperty("lease").GetProperty("remaining").GetInt32() == 30;
            });

            // 8 seconds at the least; the clock may have been turned once before this began to count.
            Assert.InRange(turned, 7, int.MaxValue);
        }

        Assert.Equal(revision, (await GetAsync()).Body.GetProperty("revision").GetInt64());
        Assert.Equal(1, app.Times(Registered));
    }

    [Fact]
    public async Task When_the_lease_is_gone_it_is_registered_anew()
    {
        await using var app = await StartAsync();
        await AppearsAsync(app);
        await _host.SendAsync(HttpMethod.Delete, "/v1/services/hello");
        await app.TurnUntilAsync(async () => (await GetAsync()).Status == HttpStatusCode.OK);
    }

    [Fact]
    public async Task Of_two_with_one_name_the_later_has_it_and_the_earlier_stands_by_until_it_is_free()
    {
        await using var first = await StartAsync();
        await AppearsAsync(first);
        await using var second = await StartAsync();
        await first.TurnUntilAsync(() => Task.FromResult(first.Times(StandsBy) == 1));
        await RunForAsync(first, 120);
        Assert.Equal(second.Address + "/", Destination());
        Assert.Equal((1, 0), (first.Times(StandsBy), second.Times(StandsBy)));

        await second.StopAsync();
        await first.TurnUntilAsync(() => Task.FromResult(Destination() == first.Address + "/"));
    }

    [Fact]
    public async Task One_that_stands_by_takes_nothing_away_when_it_ends()
    {
        await using var first = await StartAsync();
        await AppearsAsync(first);
        await using var second = await StartAsync();
        await first.TurnUntilAsync(() => Task.FromResult(first.Times(StandsBy) == 1));
        await first.StopAsync();
        Assert.Equal(second.Address + "/", Destination());
    }

    [Fact]
    public async Task A_wrong_token_is_told_once_and_the_application_runs()
    {
        await using var app = await RegisteredApp.StartAsync(Settings(token: "edge_of_nobody"));
        await IsRefusedAsync(app, "Nobody knows this token; edge token create makes one.");
    }

    [Fact]
    public async Task Without_a_token_it_is_said_where_one_is_given()
    {
        await using var app = await RegisteredApp.StartAsync(Settings(token: ""));
        await IsRefusedAsync(app, "EDGE_TOKEN");
    }

    [Theory]
    [InlineData("mail.example.com", "host[0]: token laptop may not register the host mail.example.com (it may register *.nas.example.com)")]
    [InlineData("not a host", "host[0]: \"not a host\"")]
    public async Task What_Edge_has_against_a_field_is_told(string host, string says)
    {
        await using var app = await RegisteredApp.StartAsync(Settings(), options => options.Hosts.Add(host));
        await IsRefusedAsync(app, says);
    }

    [Fact]
    public async Task A_name_that_a_file_holds_is_told_and_had_as_soon_as_the_file_lets_it_go()
    {
        _host.WriteFile("house.yaml", "services:\n  hello:\n    to: http://192.168.1.10:9000\n");
        await using var app = await StartAsync();
        await IsRefusedAsync(app, "name: \"hello\" is declared in proxy-routes/house.yaml:2");
        _host.WriteFile("house.yaml", "services: {}\n");
        await app.TurnUntilAsync(async () => (await GetAsync()).Status == HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_refusal_fails_the_start_of_who_wants_that()
    {
        var refused = await Assert.ThrowsAsync<Edge.Client.EdgeRegistrationRefusedException>(() => RegisteredApp.StartAsync(Settings(token: "edge_of_nobody"), options => options.RefusalFailsStart = true));
        Assert.Contains("Nobody knows this token", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_Edge_that_cannot_at_the_moment_is_told_once_and_asked_again_and_again()
    {
        await using var busy = new BusyEdge();
        await using var app = await RegisteredApp.StartAsync(new Dictionary<string, string?> { ["Edge:Url"] = await busy.StartAsync(), ["Edge:Token"] = _host.Token });
        await app.TurnUntilAsync(() => Task.FromResult(busy.Asked >= 6));
        Assert.Equal(1, app.Times(Away));
        Assert.Contains("The store is not available", app.Said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Edge:Url", "192.168.1.10:8480", "Url (EDGE_URL)")]
    [InlineData("EDGE_URL", "192.168.1.10:8480", "Url (EDGE_URL)")]
    [InlineData("Edge:TimeToLive", "00:00:01", "TimeToLive is not from 5 seconds")]
    [InlineData("Edge:Destination", "ftp://192.168.1.10/", "Destination is not an http or https URL")]
    public async Task Settings_that_make_no_sense_fail_the_start(string key, string value, string says)
    {
        var wrong = await Assert.ThrowsAnyAsync<Exception>(() => RegisteredApp.StartAsync(new Dictionary<string, string?> { [key] = value }));
        Assert.Contains(says, wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_examples_compile()
    {
        var examples = ((string[])["docs/registration.md", "src/Edge.Client/README.md"]).SelectMany(CSharpExamples.In).ToList();
        Assert.Equal(2, examples.Count(example => example.Contains("AddEdgeRegistration", StringComparison.Ordinal)));
        Offences.None(examples.SelectMany(CSharpExamples.Errors));
        Assert.NotEmpty(CSharpExamples.Errors(examples[0].Replace("AddEdgeRegistration", "AddEdgeRegistrations", StringComparison.Ordinal)));
    }

    private Task<RegisteredApp> StartAsync() => RegisteredApp.StartAsync(Settings());

    private Dictionary<string, string?> Settings(string? token = null) => new() { ["Edge:Url"] = _host.Client.BaseAddress!.ToString(), ["Edge:Token"] = token ?? _host.Token };

    private string? Destination() => _host.Catalog.Current.ByName("hello")?.To.Single().AbsoluteUri;

    private async Task<(HttpStatusCode Status, JsonElement Body)> GetAsync()
    {
        var (status, body) = await _host.SendAsync(HttpMethod.Get, "/v1/services/hello");
        return ((HttpStatusCode)status, body);
    }

    private Task AppearsAsync(RegisteredApp app) => Whole.Eventually.TrueAsync(() => Task.FromResult(app.Times(Registered) == 1 && Destination() is not null), () => app.Said);

    // However often it is tried in two minutes.
    private static async Task IsRefusedAsync(RegisteredApp app, string says)
    {
        await Whole.Eventually.TrueAsync(() => Task.FromResult(app.Times(Refused) == 1), () => app.Said);
        await RunForAsync(app, 120);
        Assert.Equal((1, 0), (app.Times(Refused), app.Times(Away)));
        Assert.Contains(says, app.Said, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, await app.AnswersAsync());
    }

    private static async Task RunForAsync(RegisteredApp app, int seconds)
    {
        var until = app.Time.GetUtcNow().AddSeconds(seconds);
        await app.TurnUntilAsync(() => Task.FromResult(app.Time.GetUtcNow() >= until));
    }
}
