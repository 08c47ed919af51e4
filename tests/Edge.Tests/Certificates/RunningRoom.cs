using System.Collections.Immutable;
using Edge.Certificates;
using Edge.Acme;
using Edge.Services;
using Edge.Stores;
using Edge.Tests.Certificates.Acme;

namespace Edge.Tests.Certificates;

/// <summary>The certificates of an Edge named nas.example.test that runs against a CA in memory, with steps of milliseconds.</summary>
internal sealed class RunningRoom : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly CertificateAuthority _authority;
    private readonly Task _running;
    private long _version;

    public RunningRoom(string data, HttpMessageHandler server, TimeProvider time, TimeSpan? ladder = null, Func<string, bool>? isOurs = null, IStore? store = null, ImmutableArray<PublicIssuer> issuers = default)
    {
        _authority = CertificateAuthority.Open(data, "nas.example.test", time, Log);
        issuers = issuers.IsDefault ? [new PublicIssuer(Issuer(data, FakeAcmeServer.Directory, server, time, Log))] : issuers;
        var files = new CertificateFiles(data, Log);
        Manager = new CertificateManager(files, _authority, Selector, [.. issuers.Select(issuer => issuer.Name)], time, Log);
        Manager.Load();
        Planner = new CertificatePlanner("nas.example.test", isOurs ?? (host => host.EndsWith("example.test", StringComparison.Ordinal)), Manager);
        Planner.Replan();
        _running = Task.Run(() => new RenewalLoop(Manager, Planner, issuers, files, store, new RetryLadder(ladder ?? TimeSpan.FromMilliseconds(20)), time, Log).RunAsync(_stop.Token));
    }

    /// <summary>A CA in memory as an issuer that answers dns-01 into the void.</summary>
    public static AcmeIssuer Issuer(string data, Uri directory, HttpMessageHandler server, TimeProvider time, LogLines log, IAcmeFiles? files = null)
    {
        files ??= AcmeFolder.Of(data, directory);
        var client = new AcmeClient(directory, AcmeAccounts.OpenKey(files), new HttpClient(server, disposeHandler: false), time);
        var patience = new AcmePatience(TimeSpan.FromMilliseconds(10), TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(20));
        return new AcmeIssuer(client, new AcmeAccounts(files, client, new AccountRequest([]), time, log), [new DnsSolver(ChallengeType.Dns01, new ChallengeRecords(), (owner, _) => ValueTask.FromResult(owner), _ => null)], new OrderJournal(files), new IssuerChoices(), patience, time, log);
    }

    public LogLines Log { get; } = new();

    public CertificateSelector Selector { get; } = new();

    public CertificateManager Manager { get; }

    public CertificatePlanner Planner { get; }

    public string IssuerOf(string host) => Selector.Select(host)!.Issuer;

    /// <summary>How the public certificate of that first name stands.</summary>
    public CertificateStatus Public(string name) => Manager.Status().Single(status => status.Issuer != CertificateId.Internal && status.Names[0] == name);

    public void Serve(params string[] hosts) => Planner.Apply(new ServiceSet(++_version,
        [.. hosts.Select((host, i) => new Service { Name = $"s{i}", Hosts = [host], To = [], Source = SourceKind.File, Where = "x.yaml:1" })], []));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
        _authority.Dispose();
    }
}
