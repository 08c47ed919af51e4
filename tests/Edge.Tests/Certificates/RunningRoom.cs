using System.Collections.Immutable;
using Edge.Certificates;
using Edge.Certificates.Acme;
using Edge.Services;
using Edge.Stores;
using Edge.Tests.Certificates.Acme;

namespace Edge.Tests.Certificates;

/// <summary>The certificates of an Edge named nas.example.test that runs against a CA in memory, with steps of milliseconds.</summary>
internal sealed class RunningRoom : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly AccountKey _key;
    private readonly CertificateAuthority _authority;
    private readonly Task _running;
    private long _version;

    public RunningRoom(string data, HttpMessageHandler server, TimeProvider time, TimeSpan? ladder = null, Func<string, bool>? isOurs = null, IStore? store = null)
    {
        var folder = AcmeAccounts.Folder(data, FakeAcmeServer.Directory);
        _key = AcmeAccounts.OpenKey(folder);
        _authority = CertificateAuthority.Open(data, "nas.example.test", time, Log);
        var client = new AcmeClient(FakeAcmeServer.Directory, _key, new HttpClient(server, disposeHandler: false), time);
        var accounts = new AcmeAccounts(folder, client, [], time, Log);
        var issuer = new AcmeIssuer(client, accounts, new ChallengeRecords(), _ => null, new AcmePatience(TimeSpan.FromMilliseconds(10), TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(20)), time, Log);
        var files = new CertificateFiles(data, Log);
        Manager = new CertificateManager(files, _authority, Selector, issuer.Name, time, Log);
        Manager.Load();
        Planner = new CertificatePlanner("nas.example.test", isOurs ?? (host => host.EndsWith("example.test", StringComparison.Ordinal)), Manager);
        Planner.Replan();
        _running = Task.Run(() => new RenewalLoop(Manager, Planner, issuer, files, store, new RetryLadder(ladder ?? TimeSpan.FromMilliseconds(20)), time, Log).RunAsync(_stop.Token));
    }

    public LogLines Log { get; } = new();

    public CertificateSelector Selector { get; } = new();

    public CertificateManager Manager { get; }

    public CertificatePlanner Planner { get; }

    public string IssuerOf(string host) => Selector.Select(host)!.Issuer;

    /// <summary>How the public certificate of that first name stands.</summary>
    public CertificateStatus Public(string name) => Manager.Status().Single(status => status.Issuer != CertificateId.Internal && status.Names[0] == name);

    public void Serve(params string[] hosts) => Planner.Apply(new ServiceSet(++_version,
        [.. hosts.Select((host, i) => new Service { Name = $"s{i}", Hosts = [host], To = [], Source = "file", Where = "x.yaml:1" })], []));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
        _authority.Dispose();
        _key.Dispose();
    }
}
