using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Edge.Acme;
using Edge.Acme.Hosting;
using Edge.Dns.Listeners;
using Edge.Dns.Nameserver;
using Edge.Dns.Tests.Interop;
using Edge.Dns.Views;
using Edge.Dns.Zones;
using Edge.Tests.HouseRules;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Edge.Tests.Certificates.Acme;

/// <summary>An ASP.NET application with the client alone.</summary>
public sealed class HostingTests : IAsyncDisposable
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;

    private readonly TemporaryFolder _folder = new();
    private readonly LogLines _log = new();
    private ZoneManager? _zones;
    private DnsListeners? _dns;

    [Theory]
    [InlineData("tls-alpn-01")]
    [InlineData("http-01")]
    public async Task An_application_gets_its_certificate_from_a_real_CA_and_has_it_after_a_restart(string type)
    {
        var (http, https) = (FreePorts.Next(), FreePorts.Next());
        using var pebble = new PebbleServer(_folder.Path, LoopbackDns(), 3600) { RefusedNonces = 20, HttpPort = http, TlsPort = https };
        await pebble.StartAsync();
        var root = "";
        await using (var app = await StartAsync(pebble, http, https, type))
        {
            // Before there is a certificate a handshake is answered, and after it the same listener shows it.
            await Eventually.TrueAsync(() => Presented(https).Issuer.Contains("Pebble", StringComparison.Ordinal), () => string.Join("\n", _log.Lines) + pebble.Output, 180);
            root = Path.Combine(_folder.Path, "root.pem");
            await File.WriteAllTextAsync(root, await pebble.RootPemAsync(), Cancel);
            Assert.Contains("Verify return code: 0 (ok)", OpenSsl.Run("s_client", "-connect", $"127.0.0.1:{https}", "-servername", "alias.example.test", "-verify_hostname", "alias.example.test", "-CAfile", root));
        }

        await Eventually.TrueAsync(() => File.Exists(PairOf(pebble)), () => string.Join("\n", _log.Lines));
        var serial = Serial(pebble);
        pebble.Kill();
        await using (var app = await StartAsync(pebble, http, https, type))
        {
            Assert.Contains("Verify return code: 0 (ok)", OpenSsl.Run("s_client", "-connect", $"127.0.0.1:{https}", "-servername", "alias.example.test", "-verify_hostname", "alias.example.test", "-CAfile", root));
        }

        Assert.Equal(serial, Serial(pebble));
        Assert.All(Directory.EnumerateFiles(Path.Combine(_folder.Path, "app"), "*", SearchOption.AllDirectories), file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file)));
    }

    /// <summary>As from a CA for tests to its real one: neither certificate nor account of the one is of use at the other.</summary>
    [Fact]
    public async Task An_application_whose_CA_is_another_one_gets_another_certificate_there()
    {
        var (http, https, dns) = (FreePorts.Next(), FreePorts.Next(), LoopbackDns());
        using var before = new PebbleServer(Directory.CreateDirectory(Path.Combine(_folder.Path, "a")).FullName, dns, 3600) { HttpPort = http, TlsPort = https };
        await before.StartAsync();
        await using (await StartAsync(before, http, https, "http-01"))
        {
            await Eventually.TrueAsync(() => File.Exists(PairOf(before)), () => string.Join("\n", _log.Lines) + before.Output, 180);
        }

        var first = Serial(before);
        using var now = new PebbleServer(Directory.CreateDirectory(Path.Combine(_folder.Path, "b")).FullName, dns, 3600) { HttpPort = http, TlsPort = https };
        await now.StartAsync();
        await using (await StartAsync(now, http, https, "http-01"))
        {
            await Eventually.TrueAsync(() => File.Exists(PairOf(now)), () => string.Join("\n", _log.Lines) + now.Output, 180);
            Assert.Equal(Serial(now), Presented(https).SerialNumber);
        }

        Assert.NotEqual(first, Serial(now));
        Assert.Equal(first, Serial(before));
    }

    [Fact]
    public async Task Without_an_agreement_nothing_is_ordered_and_the_application_runs()
    {
        var (http, https) = (FreePorts.Next(), FreePorts.Next());
        await using var app = await StartAsync(null, http, https, "http-01");
        await Eventually.TrueAsync(() => _log.Lines.Any(line => line.Contains("AcceptTermsOfService")), () => string.Join("\n", _log.Lines));
        Assert.Contains("not-there-yet.invalid", Presented(https).Subject);
        using var client = new HttpClient();
        Assert.Equal("hello", await client.GetStringAsync($"http://127.0.0.1:{http}/", Cancel));
    }

    [Fact]
    public async Task A_wildcard_is_proven_by_the_records_of_a_provider_which_go_again()
    {
        using var ca = new TestIssuer();
        var provider = new NotedProvider();
        ca.Server.Offer.Challenges = ["http-01", "dns-01"];
        await ca.With(new DnsProviderSolver(provider, ca.Time)).Start().IssueAsync(new IssuanceRequest(["*.example.com", "example.com"]), Cancel);
        Assert.Equal(["+ _acme-challenge.example.com", "+ _acme-challenge.example.com", "- _acme-challenge.example.com", "- _acme-challenge.example.com"], provider.Notes);
    }

    /// <summary>The first thing a reader copies.</summary>
    [Fact]
    public void The_example_of_the_package_compiles() => Offences.None(CSharpExamples.In("src/Edge.Acme/README.md").Take(1).SelectMany(CSharpExamples.Errors));

    public async ValueTask DisposeAsync()
    {
        if (_dns is not null)
        {
            await _dns.StopAsync();
            await _dns.DisposeAsync();
        }

        _zones?.Dispose();
        _folder.Dispose();
    }

    private string Serial(PebbleServer ca) => X509Certificate2.CreateFromPemFile(PairOf(ca)).SerialNumber;

    private string PairOf(PebbleServer ca) => Path.Combine(_folder.Path, "app", CaName.Of(ca.Directory), "certificates", "alias.example.test.pem");

    private async Task<WebApplication> StartAsync(PebbleServer? pebble, int http, int https, string type)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton<ILoggerFactory>(_log).AddLogging().AddRoutingCore();
        builder.Services.AddEdgeCertificates(certificates =>
        {
            certificates.AcceptTermsOfService = pebble is not null;
            certificates.Directory = pebble?.Directory ?? certificates.Directory;
            certificates.TrustedRoot = pebble?.RootFile;
            certificates.EmailAddress = "me@example.com";
            certificates.DomainNames.Add("alias.example.test");
            certificates.AllowedChallengeTypes.Clear();
            certificates.AllowedChallengeTypes.Add(type);
        }).PersistDataToDirectory(Path.Combine(_folder.Path, "app"));
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, http);
            kestrel.Listen(IPAddress.Loopback, https, listen => listen.UseEdgeCertificates());
        });
        var app = builder.Build();
        app.Run(context => context.Response.Body.WriteAsync("hello"u8.ToArray()).AsTask());
        await app.StartAsync(Cancel);
        return app;
    }

    private static X509Certificate2 Presented(int port)
    {
        using var client = new TcpClient("127.0.0.1", port);
        using var tls = new SslStream(client.GetStream(), false, (_, _, _, _) => true);
        tls.AuthenticateAsClient("alias.example.test");
        return new X509Certificate2(tls.RemoteCertificate!);
    }

    /// <summary>Our name server, which says where the application is.</summary>
    private IPEndPoint LoopbackDns()
    {
        _zones = new ZoneManager([new ExampleZone()], ["public"], _log, TimeProvider.System);
        _dns = DnsListeners.Bind([new IPEndPoint(IPAddress.Loopback, 0)], new QueryProcessor(() => _zones.Current, () => new ViewSet([]), null), new ListenerOptions(), TimeProvider.System, NullLoggerFactory.Instance);
        _dns.Start();
        return _dns.EndPoints[0];
    }
}
