using System.Collections.Immutable;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Edge.Access;
using Edge.Acme;
using Edge.Connections;
using Edge.Connections.Tls;
using Edge.Gateway;
using Edge.Gateway.Front;
using Edge.Gateway.Straight;
using Edge.Observability;
using Edge.Services;
using Edge.Settings;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Edge.Tests.Gateway;

/// <summary>The gateway on real Kestrel, on free ports of the loopback, and a client that trusts it.</summary>
internal sealed class RunningGateway : IAsyncDisposable
{
    private static readonly X509Certificate2 Certificate = SelfSigned();
    private static readonly SslStreamCertificateContext Context = SslStreamCertificateContext.Create(Certificate, null, offline: true);

    /// <summary>Both, for a law that holds whatever carries the connections.</summary>
    public static readonly TransportKind[] Transports = [TransportKind.Epoll, TransportKind.Sockets];

    // All tests that do not say what they are about can be run over the framework's sockets as well.
    private static readonly TransportKind Transport = Environment.GetEnvironmentVariable("EDGE_TRANSPORT") == "sockets" ? TransportKind.Sockets : TransportKind.Epoll;

    // And with the framework's TLS on our loops.
    private static readonly TlsKind Tls = Environment.GetEnvironmentVariable("EDGE_TLS") == "framework" ? TlsKind.Framework : TlsKind.OpenSsl;

    private readonly WebApplication _app;
    private readonly GatewayLog _log;
    private long _version;

    private RunningGateway(WebApplication app, GatewayLog log) => (_app, _log) = (app, log);

    /// <summary>What the gateway logged, with level and event in front.</summary>
    public IReadOnlyList<string> Logged => _log.Lines;

    public GatewayListeners Listeners => _app.Services.GetRequiredService<GatewayListeners>();

    public AccessControl Access => _app.Services.GetRequiredService<AccessControl>();

    public RouteTableManager Routes => _app.Services.GetRequiredService<RouteTableManager>();

    /// <summary>Open connections of the straight way.</summary>
    public int StraightConnections => _app.Services.GetRequiredService<StraightWay>().Connections;

    /// <summary>Connections that the front serves, and has not left to the web server.</summary>
    public int FrontConnections => _app.Services.GetRequiredService<FrontWatch>().Count;

    public LoopGuard Loops => _app.Services.GetRequiredService<LoopGuard>();

    public int Http => Listeners.Port(ListenerKind.Http)!.Value;

    public int Https => Listeners.Port(ListenerKind.Https)!.Value;

    public static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <param name="isLan">Who is of the LAN; everybody when left out.</param>
    /// <param name="folder">A folder of route files to follow.</param>
    /// <param name="options">Where to listen; free ports of the loopback when left out.</param>
    /// <param name="access">What services refer to when they say who may use them.</param>
    /// <param name="resolve">Looks up hosts.</param>
    /// <param name="bans">Who is let in nowhere.</param>
    /// <param name="certificates">The certificate for a name; one for all when left out.</param>
    /// <param name="dns">Answers DNS over HTTPS; nobody does when left out.</param>
    /// <param name="observed">Takes down requests; nobody does when left out.</param>
    /// <param name="http">Challenges that are answered on plain HTTP.</param>
    /// <param name="tls">Challenges that are answered in handshakes.</param>
    /// <param name="transport">What carries the connections: to be said by tests of what only one has, or that are about both.</param>
    /// <param name="isTrusted">Which hosts have a certificate that everybody trusts; none when left out.</param>
    /// <param name="time">The clock of connections; the system's when left out.</param>
    public static async Task<RunningGateway> StartAsync(
        Func<IPAddress, bool>? isLan = null,
        string? folder = null,
        GatewayOptions? options = null,
        DnsOverHttps? dns = null,
        AccessOptions? access = null,
        Func<string, CancellationToken, Task<DynamicHost?>>? resolve = null,
        ObservabilityRoom? observed = null,
        BanManager? bans = null,
        Func<string?, SslStreamCertificateContext?>? certificates = null,
        HttpChallenges? http = null,
        TlsChallenges? tls = null,
        TransportKind? transport = null,
        Func<ReadOnlySpan<char>, bool>? isTrusted = null,
        TimeProvider? time = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.Services.AddSingleton(time ?? TimeProvider.System);
        var log = new GatewayLog();
        builder.Services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Warning).AddFilter("Edge", LogLevel.Information).AddProvider(log));
        builder.Services.AddGateway(
            (options ?? new GatewayOptions { Http = [new(IPAddress.Loopback, 0)], Https = [new(IPAddress.Loopback, 0)], Tls = Tls }) with { Transport = transport ?? Transport },
            _ => certificates ?? (_ => Context),
            _ => isLan ?? (_ => true),
            folder is null ? null : _ => new FolderWatch(folder, "proxy-routes", [".json", ".yaml", ".yml"], TimeProvider.System),
            dns: dns,
            access: access,
            resolve: resolve is null ? null : _ => resolve,
            observed: observed,
            bans: bans,
            http: http,
            tls: tls,
            isTrusted: isTrusted);
        builder.WebHost.ConfigureKestrel((context, kestrel) => kestrel.ApplicationServices.GetRequiredService<GatewayListeners>().Configure(kestrel));
        var app = builder.Build();
        ((IApplicationBuilder)app).Run(app.BuildGateway());
        await app.StartAsync(Cancel);
        return new RunningGateway(app, log);
    }

    public void Serve(params Service[] services) => Routes.Apply(new ServiceSet(++_version, [.. services.OrderBy(service => service.Name)], []));

    /// <summary>Serves what a file in the short form says.</summary>
    public void ServeShort(string yaml) => Serve([.. ShortForm.Services(yaml)]);

    public void ServeFile(string name, string text)
    {
        var problems = new ProblemList();
        var said = YarpFileReader.Read($"proxy-routes/{name}", text, problems);
        Routes.Apply(said is null ? [] : [said], [.. problems.All]);
    }

    public static Service Service(string name, params string[] to) => new()
    {
        Name = name,
        Hosts = [$"{name}.example.com"],
        To = [.. to.Select(uri => new Uri(uri))],
        Source = SourceKind.File,
        Where = $"proxy-routes/{name}.yaml:2",
    };

    /// <summary>A client whose every connection goes to the HTTPS listener, whatever the name.</summary>
    public HttpClient Client(Version? version = null) => new(Handler())
    {
        DefaultRequestVersion = version ?? HttpVersion.Version11,
        DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        Timeout = TimeSpan.FromSeconds(60),
    };

    /// <param name="from">The address of the loopback that connections come from; the system's choice when left out.</param>
    public SocketsHttpHandler Handler(IPAddress? from = null) => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        ConnectCallback = async (context, cancel) => await ConnectAsync(context.DnsEndPoint.Port == 80 ? Http : Https, from, cancel),
        SslOptions = { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is X509Certificate2 shown && shown.Thumbprint == Certificate.Thumbprint },
    };

    public async Task<HttpResponseMessage> GetAsync(string uri, Version? version = null, string? accept = null, HttpMethod? method = null)
    {
        using var client = Client(version);
        using var request = new HttpRequestMessage(method ?? HttpMethod.Get, uri) { Version = version ?? HttpVersion.Version11, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        if (accept is not null)
        {
            request.Headers.TryAddWithoutValidation("Accept", accept);
        }

        return await client.SendAsync(request, Cancel);
    }

    public async Task<string> TextAsync(string uri, Version? version = null)
    {
        using var response = await GetAsync(uri, version);
        return await response.Content.ReadAsStringAsync(Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        using var soon = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        await _app.StopAsync(soon.Token);
        await _app.DisposeAsync();
    }

    private static async Task<Stream> ConnectAsync(int port, IPAddress? from, CancellationToken cancel)
    {
        var client = from is null ? new System.Net.Sockets.TcpClient() : new System.Net.Sockets.TcpClient(new IPEndPoint(from, 0));
        await client.ConnectAsync(IPAddress.Loopback, port, cancel);
        return client.GetStream();
    }

    private static X509Certificate2 SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=*.example.com", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("*.example.com");
        request.CertificateExtensions.Add(names.Build());
        return request.CreateSelfSigned(DateTimeOffset.UnixEpoch.AddYears(50), DateTimeOffset.UnixEpoch.AddYears(100));
    }
}
