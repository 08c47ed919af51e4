using System.Net;
using System.Net.Security;
using Edge.Acme;
using Edge.Certificates;
using Edge.Dns.Listeners;
using Edge.Dns.Nameserver;
using Edge.Dns.Views;
using Edge.Dns.Zones;
using Edge.Services;
using Edge.Settings;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Edge.Tests.Certificates.Acme;

/// <summary>The whole room against a real CA that validates through our own name server.</summary>
public sealed class PebbleTests : IAsyncDisposable
{
    private const string Host = "photos.nas.example.test";

    private readonly TemporaryFolder _folder = new();
    private readonly LogLines _log = new();
    private readonly CancellationTokenSource _stop = new();
    private DnsListeners? _dns;
    private PebbleServer? _pebble;
    private CertificateRoom? _room;
    private Task _running = Task.CompletedTask;
    private ZoneManager? _zones;

    [Fact]
    public async Task A_wildcard_certificate_is_obtained_renewed_and_survives_the_death_of_the_CA()
    {
        await StartAsync(validitySeconds: 16);
        await Eventually.TrueAsync(() => Served.Issuer != CertificateId.Internal, Explain, 60);

        // 1. The next handshake shows leaf and intermediate, which lead to the CA's root.
        Assert.Equal(["*.nas.example.test", "nas.example.test"], Served.Names.Order());
        await HandshakeVerifiesAsync();

        // 2. It is renewed by itself, before it ends.
        var first = Served;
        await Eventually.TrueAsync(() => !ReferenceEquals(Served, first), Explain, 60);
        Assert.NotEqual(CertificateId.Internal, Served.Issuer);
        Assert.True(Served.NotBefore < first.NotAfter, "there was a gap");

        // 3. The CA dies; attempts go on; handshakes go on.
        _pebble!.Kill();
        await Eventually.TrueAsync(() => Status.Attempts >= 2, Explain, 60);
        Assert.Contains("the CA cannot be reached", Status.Reason);
        Assert.NotNull(Served);

        // 4. It comes back without memory of our account, and with another root.
        await _pebble.StartAsync();
        await Eventually.TrueAsync(() => Status.State == CertificateState.Serving && Served.Issuer != CertificateId.Internal, Explain, 60);
        Assert.Contains(_log.Lines, line => line.Contains("does not know our account"));
        await HandshakeVerifiesAsync();
        await Eventually.TrueAsync(() => _room!.Challenges.Current.Overlay.IsEmpty, Explain);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _room?.Dispose();
        if (_dns is not null)
        {
            await _dns.StopAsync();
            await _dns.DisposeAsync();
        }

        _zones?.Dispose();
        _pebble?.Dispose();
        _stop.Dispose();
        _folder.Dispose();
    }

    private ServedCertificate Served => _room!.Selector.Select(Host)!;

    private CertificateStatus Status => _room!.Manager.Status().Single(status => status.Issuer != CertificateId.Internal);

    private string Explain() => string.Join("\n", _log.Lines) + "\n" + _pebble?.Output;

    private async Task StartAsync(int validitySeconds)
    {
        // Our name server on a free port, with a view more than the public one.
        var views = new ViewSet([View.Declare("lan", [IPNetwork.Parse("127.0.0.9/32")])]);
        _dns = DnsListeners.Bind([new IPEndPoint(IPAddress.Loopback, 0)], new QueryProcessor(() => _zones?.Current, () => views, null), new ListenerOptions(), TimeProvider.System, NullLoggerFactory.Instance);
        _dns.Start();
        _pebble = new PebbleServer(_folder.Path, _dns.EndPoints[0], validitySeconds);
        await _pebble.StartAsync();
        var problems = new ProblemList();
        var section = YamlDocumentReader.Read($"acme:\n  directory: {_pebble.Directory}\n  contact: me@example.test\n  agree-to-terms: true\n  trusted-root: {_pebble.RootFile}\n", "edge.yaml", problems)!;
        var options = CertificateOptions.Read(new MapReader(section, problems));
        Assert.Empty(problems.All);
        _room = CertificateRoom.Open(new CertificateSetup
        {
            Options = options,
            Data = Path.Combine(_folder.Path, "data"),
            Node = "nas.example.test",
            Zones = () => _zones?.Current,
            Ladder = new RetryLadder(TimeSpan.FromMilliseconds(400)),
            Logger = _log,
        });
        _zones = new ZoneManager([new ExampleZone(), _room.Challenges], ["lan", "public"], _log, TimeProvider.System);
        _room.Planner.Apply(new ServiceSet(1, [new Service { Name = "photos", Hosts = [Host], To = [], Source = SourceKind.File, Where = "photos.yaml:1" }], []));
        Assert.Equal(CertificateId.Internal, Served.Issuer);
        _running = Task.Run(() => _room.Loop.RunAsync(_stop.Token));
    }

    /// <summary>openssl as a stranger who trusts the CA's root only, against an SslStream that asks the selector.</summary>
    private async Task HandshakeVerifiesAsync()
    {
        var root = Path.Combine(_folder.Path, "root.pem");
        await File.WriteAllTextAsync(root, await _pebble!.RootPemAsync(), TestContext.Current.CancellationToken);
        using var listener = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var accepting = Task.Run(async () =>
        {
            using var client = await listener.AcceptTcpClientAsync();
            await using var tls = new SslStream(client.GetStream());
            await tls.AuthenticateAsServerAsync((_, hello, _, _) => ValueTask.FromResult(new SslServerAuthenticationOptions { ServerCertificateContext = _room!.Selector.Select(hello.ServerName)!.Context }), null);
            _ = await tls.ReadAsync(new byte[1]);
        });
        var seen = OpenSsl.Run("s_client", "-connect", listener.LocalEndpoint.ToString()!, "-servername", Host, "-verify_hostname", Host, "-showcerts", "-verify_return_error", "-CAfile", root);
        await accepting;
        Assert.True(seen.Contains("Verify return code: 0 (ok)"), seen);
        Assert.Equal(2, seen.Split("-----BEGIN CERTIFICATE-----").Length - 1 - (seen.Contains("Server certificate\n-----BEGIN") ? 1 : 0));
    }
}
