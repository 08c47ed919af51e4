using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Edge.Gateway;
using Edge.Connections;
using Edge.Services;
using Edge.Stores;
using Edge.Tests.Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Edge.Tests.Services;

/// <summary>The whole room with a real HTTP server: store, sources, catalog, recording readers, API.</summary>
internal sealed class RegistrationHost : IAsyncDisposable
{
    private readonly DirectoryInfo _files = Directory.CreateTempSubdirectory("edge-registration-");
    private readonly CancellationTokenSource _closing = new();
    private readonly FileServiceSource _fileSource;
    private readonly Registrar _registrar;
    private readonly WebApplication _app;
    private readonly Task _following;

    private RegistrationHost(IStore store, FakeTimeProvider time, IServiceStatus status)
    {
        (Store, Time) = (store, time);
        Tokens = new TokenStore(store, time, NullLogger<TokenStore>.Instance);
        var reader = new ServiceReader("example.com", "nas");
        _fileSource = new FileServiceSource(_files.FullName, "proxy-routes", reader, TimeProvider.System, NullLogger<FileServiceSource>.Instance);
        Source = new RegistrationSource(store, TimeProvider.System, new Logger<RegistrationSource>(Log));
        Catalog = new ServiceCatalog([_fileSource, Source, Containers], new RecordingReader(), Gateway, Names, NullLogger<ServiceCatalog>.Instance);
        _registrar = new Registrar(store, Tokens, Source, Catalog, reader, new DestinationCheck(new OwnAddresses(() => [IPEndPoint.Parse("127.0.0.1:8443")])), TimeProvider.System);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        var answer = new RegistrationAnswer(status, time);
        new RegistrationEndpoint(_registrar, Tokens, answer, new RegistrationWatch(store, Source, _registrar, answer, Tokens, TimeProvider.System, _app.Lifetime.ApplicationStopping), context => context.Response.WriteAsync("""{"all":true}"""), NullLogger<RegistrationEndpoint>.Instance).Map(_app);
        _following = Source.FollowAsync(_closing.Token);
    }

    public IStore Store { get; }

    public LogLines Log { get; } = new();

    public FakeTimeProvider Time { get; }

    public TokenStore Tokens { get; }

    public RegistrationSource Source { get; }

    public StillSource Containers { get; } = new(SourceKind.Docker);

    public ServiceCatalog Catalog { get; }

    public RecordingReader Gateway { get; } = new();

    public RecordingReader Names { get; } = new();

    /// <summary>What the API takes: "GET /v1/services".</summary>
    public IEnumerable<string> Operations => ((IEndpointRouteBuilder)_app).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
        .SelectMany(endpoint => endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods, (endpoint, method) => $"{method} {endpoint.RoutePattern.RawText}");

    public HttpClient Client { get; private set; } = null!;

    public string Token { get; set; } = "";

    public static async Task<RegistrationHost> StartAsync(Func<FakeTimeProvider, IStore>? open = null, IServiceStatus? status = null)
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
        var host = new RegistrationHost(open?.Invoke(time) ?? new MemoryStore(time, NullLogger<MemoryStore>.Instance), time, status ?? new NoServiceStatus());
        await host._app.StartAsync();
        host.Client = new HttpClient(new SocketsHttpHandler { ResponseDrainTimeout = TimeSpan.Zero }) { BaseAddress = new Uri(host._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()) };
        return host;
    }

    public void WriteFile(string name, string text)
    {
        File.WriteAllText(Path.Combine(_files.FullName, name), text);
        _fileSource.Load();
    }

    public async Task<string> NewTokenAsync(string name, string hosts = "*.nas.example.com", string services = "*", DateTimeOffset? expires = null, bool admin = false, bool lanOnly = false, string ports = "")
    {
        var made = await Tokens.CreateAsync(name, new TokenScope([.. hosts.Split(' ')], [.. services.Split(' ')]) { IsForLanOnly = lanOnly, Ports = [.. ports.Split(' ', StringSplitOptions.RemoveEmptyEntries)] }, expires, admin, CancellationToken.None);
        return made.Secret ?? throw new InvalidOperationException(made.Problem);
    }

    public Task<(int Status, JsonElement Body)> PutAsync(string name, string body, string? token = null, string type = "application/json") =>
        SendAsync(HttpMethod.Put, $"/v1/services/{name}", token, new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue(type)));

    public async Task<(int Status, JsonElement Body)> SendAsync(HttpMethod method, string path, string? token = null, HttpContent? content = null)
    {
        using var response = await AnswerAsync(method, path, token, content);
        var text = await response.Content.ReadAsStringAsync();
        return ((int)response.StatusCode, text.Length == 0 ? default : JsonDocument.Parse(text).RootElement);
    }

    /// <summary>The whole answer, to a request with headers such as "If-Match: *".</summary>
    public async Task<HttpResponseMessage> AnswerAsync(HttpMethod method, string path, string? token = null, HttpContent? content = null, params string[] headers)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {token ?? Token}");
        foreach (var header in headers)
        {
            request.Headers.TryAddWithoutValidation(header.Split(": ")[0], header.Split(": ")[1]);
        }

        return await Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await _following;
        Client.Dispose();
        await _app.DisposeAsync();
        await Store.DisposeAsync();
        _closing.Dispose();
        _files.Delete(recursive: true);
    }
}
