using System.Net;
using Edge.Client;
using Edge.Tests.Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Edge.Tests.Client;

/// <summary>A real ASP.NET Core application on a free port that registers itself; its clock is turned by hand.</summary>
internal sealed class RegisteredApp : IAsyncDisposable
{
    private readonly WebApplication _app;

    private RegisteredApp(WebApplication app, LogLines log, FakeTimeProvider time) => (_app, Log, Time) = (app, log, time);

    public LogLines Log { get; }

    public FakeTimeProvider Time { get; }

    /// <summary>Where it listens, as its server says.</summary>
    public string Address => _app.Urls.Single();

    public string Said => string.Join('\n', Log.Lines);

    public static async Task<RegisteredApp> StartAsync(IReadOnlyDictionary<string, string?> settings, Action<EdgeRegistrationOptions>? configure = null, FakeTimeProvider? time = null, string name = "hello", string listen = "http://127.0.0.1:0", Action<IEndpointConventionBuilder>? health = null)
    {
        var log = new LogLines();
        time ??= new FakeTimeProvider();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.AddInMemoryCollection(settings);
        builder.WebHost.UseUrls(listen);
        builder.Services.AddSingleton<ILoggerFactory>(log);
        builder.Services.AddSingleton<TimeProvider>(time);
        builder.Services.AddHealthChecks();
        builder.Services.AddEdgeRegistration(name, configure);
        var app = builder.Build();
        var checks = app.MapHealthChecks("/healthz");
        health?.Invoke(checks);
        app.MapGet("/", () => "hello from the application");
        try
        {
            await app.StartAsync();
            return new RegisteredApp(app, log, time);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    /// <summary>How often an event was logged.</summary>
    public int Times(int id) => Log.Lines.Count(line => line.Split(' ')[1] == $"{id}");

    /// <summary>Turns the clock, second by second, until something is so.</summary>
    public Task TurnUntilAsync(Func<Task<bool>> condition) => Whole.Eventually.TrueAsync(
        async () =>
        {
            Time.Advance(TimeSpan.FromSeconds(1));
            return await condition();
        },
        () => Said);

    /// <summary>It answers whoever asks it directly.</summary>
    public async Task<HttpStatusCode> AnswersAsync()
    {
        using var http = new HttpClient();
        return (await http.GetAsync(Address)).StatusCode;
    }

    /// <summary>The graceful end.</summary>
    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}
