using System.Net;
using System.Text.Json;
using Edge.Tests.Whole;

namespace Edge.Tests.Client;

/// <summary>An application and the real program, which comes and goes.</summary>
public sealed class ClientAndEdgeTests
{
    private const int Registered = 9000;
    private const int GoesOn = 9002;
    private const int Away = 9003;
    private const int NotRemoved = 9007;

    [Fact]
    public async Task It_is_served_by_name_and_no_more_after_its_shutdown()
    {
        await using var edge = EdgeProcess.InExampleFolder();
        await edge.StartAsync();
        await using var app = await RegisteredApp.StartAsync(Settings(edge));
        await RegistersAsync(app);
        using var browser = edge.Browser();
        Assert.Equal("hello from the application", await browser.GetStringAsync("https://hello.nas.example.com/"));
        Assert.Contains("Service hello is served at https://hello.nas.example.com", app.Said, StringComparison.Ordinal);
        await app.StopAsync();
        Assert.Equal(HttpStatusCode.NotFound, (await browser.GetAsync("https://hello.nas.example.com/")).StatusCode);
    }

    [Fact]
    public async Task An_Edge_that_is_away_at_the_start_is_told_once_and_waited_for()
    {
        await using var edge = EdgeProcess.InExampleFolder();
        // Once, so that the token is there; then it is away.
        await edge.StartAsync();
        var settings = Settings(edge);
        await edge.StopAsync();
        await using var app = await RegisteredApp.StartAsync(settings, options => options.RefusalFailsStart = true);
        var until = app.Time.GetUtcNow().AddMinutes(2);
        await app.TurnUntilAsync(() => Task.FromResult(app.Time.GetUtcNow() >= until));
        Assert.Equal(1, app.Times(Away));
        Assert.Equal(HttpStatusCode.OK, await app.AnswersAsync());
        await edge.StartAsync();
        await app.TurnUntilAsync(() => Task.FromResult(app.Times(Registered) == 1));
        using var browser = edge.Browser();
        Assert.Equal("hello from the application", await browser.GetStringAsync("https://hello.nas.example.com/"));
        Assert.Equal(1, app.Times(Away));
    }

    [Fact]
    public async Task When_Edge_is_killed_and_starts_again_the_registration_goes_on()
    {
        await using var edge = EdgeProcess.InExampleFolder();
        await edge.StartAsync();
        await using var app = await RegisteredApp.StartAsync(Settings(edge));
        await RegistersAsync(app);
        var before = await RevisionAsync(edge);
        await edge.KillAsync();
        await app.TurnUntilAsync(() => Task.FromResult(app.Times(Away) == 1));
        await edge.StartAsync();
        await app.TurnUntilAsync(() => Task.FromResult(app.Times(GoesOn) == 1));
        Assert.Equal(before, await RevisionAsync(edge));
        Assert.Equal(1, app.Times(Registered));
    }

    [Fact]
    public async Task A_shutdown_does_not_wait_for_an_Edge_that_is_gone()
    {
        await using var edge = EdgeProcess.InExampleFolder();
        await edge.StartAsync();
        await using var app = await RegisteredApp.StartAsync(Settings(edge));
        await RegistersAsync(app);
        await edge.KillAsync();
        await app.StopAsync();
        Assert.Equal(1, app.Times(NotRemoved));
    }

    private static Task RegistersAsync(RegisteredApp app) => Eventually.TrueAsync(() => Task.FromResult(app.Times(Registered) == 1), () => app.Said);

    private static Dictionary<string, string?> Settings(EdgeProcess edge) => new()
    {
        ["EDGE_URL"] = $"http://127.0.0.1:{edge.Admin}",
        ["EDGE_TOKEN"] = File.ReadAllText(edge.DataFile("admin.token")),
    };

    private static async Task<long> RevisionAsync(EdgeProcess edge)
    {
        using var api = edge.Api();
        using var document = JsonDocument.Parse(await api.GetStringAsync("/v1/services/hello"));
        return document.RootElement.GetProperty("revision").GetInt64();
    }
}
