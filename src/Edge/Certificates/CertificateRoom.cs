using System.Collections.Immutable;
using Edge.Acme;

namespace Edge.Certificates;

/// <summary>The certificates of a running Edge, put together.</summary>
internal sealed class CertificateRoom : IDisposable
{
    private readonly CertificateOptions _started;
    private readonly ImmutableArray<PublicIssuer> _issuers;

    private CertificateRoom(CertificateSetup setup)
    {
        var logger = setup.Logger;
        _started = setup.Options;
        Authority = CertificateAuthority.Open(setup.Data, setup.Node, setup.Time, logger);
        Clients = new ClientCertificates(setup.Data, Authority, setup.Time, logger);
        var files = new CertificateFiles(setup.Data, logger);
        var zones = new OwnZones(setup.Zones);
        var targets = new ChallengeTargets(zones, setup.Outside);
        TlsChallenges = new TlsChallenges(setup.Time);
        _issuers = OpenIssuers(setup, zones, targets);
        Manager = new CertificateManager(files, Authority, Selector, [.. _issuers.Select(issuer => issuer.Name)], setup.Time, logger) { Addresses = setup.Addresses };
        Manager.Load();
        var delegated = new DelegatedNames(targets, setup.Time, () => Manager.Wake());
        Planner = new CertificatePlanner(setup.Node, zones.IsOurs, Manager)
        {
            IsDelegated = _issuers.IsEmpty ? static _ => false : delegated.IsOurs,
            IsHeld = Manager.HoldsPublic,
            ProvesExposedHosts = setup.Options.Issuers.Any(issuer => issuer.Challenges.Any(type => type is ChallengeType.Http01 or ChallengeType.TlsAlpn01)),
            Addresses = setup.Options.Addresses,
        };
        Caa = new CaaRecords(zones, Manager, setup.Options.Caa ? _issuers : []);
        Loop = new RenewalLoop(Manager, Planner, _issuers, files, setup.Store, setup.Ladder, setup.Time, logger)
        {
            AtEachWake = cancel =>
            {
                delegated.Refresh(cancel);
                Caa.Refresh();
            },
        };
        Desk = new CertificateDesk(Manager, _issuers, logger);
        Planner.Replan();
    }

    /// <summary>For the gateway's handshakes.</summary>
    public CertificateSelector Selector { get; } = new();

    /// <summary>For the zone manager, last among its sources.</summary>
    public ChallengeRecords Challenges { get; } = new();

    /// <summary>For the zone manager: which CA may issue for our names.</summary>
    public CaaRecords Caa { get; }

    /// <summary>For the gateway's plain HTTP, before anything else.</summary>
    public HttpChallenges HttpChallenges { get; } = new();

    /// <summary>For the gateway's TLS listeners.</summary>
    public TlsChallenges TlsChallenges { get; }

    /// <summary>For the service catalog, among its readers.</summary>
    public CertificatePlanner Planner { get; }

    /// <summary>To be run for as long as the program runs.</summary>
    public RenewalLoop Loop { get; }

    /// <summary>For <c>edge certs</c>: <see cref="CertificateManager.Status"/>.</summary>
    public CertificateManager Manager { get; }

    /// <summary>For the commands that renew, revoke and roll over.</summary>
    public CertificateDesk Desk { get; }

    /// <summary>For <c>edge certs client</c>.</summary>
    public ClientCertificates Clients { get; }

    /// <summary>For <c>edge ca</c>.</summary>
    public CertificateAuthority Authority { get; }

    /// <summary>The certificates of this moment as numbers.</summary>
    public CertificateNumbers Numbers => CertificateNumbers.Of(Manager);

    /// <summary>Reads or makes the CA, reads the certificates on disk; when it returns, this box's own name has one.</summary>
    /// <exception cref="IOException">The data folder cannot be used.</exception>
    /// <exception cref="System.Security.Cryptography.CryptographicException">The CA's root or the account's key is broken; the message says which file.</exception>
    public static CertificateRoom Open(CertificateSetup setup) => new(setup);

    /// <summary>Takes over what can change: the roots that vouch for the CA's directory.</summary>
    public void Use(CertificateOptions options)
    {
        if (options.ToString() == _started.ToString())
        {
            // Only for the CAs that are in use: others wait for the next start, and their roots with them.
            foreach (var (issuer, read) in _issuers.Zip(options.Issuers))
            {
                issuer.Use(read.TrustedRoots);
            }
        }
    }

    public void Dispose()
    {
        foreach (var issuer in _issuers)
        {
            issuer.Dispose();
        }

        Authority.Dispose();
    }

    private ImmutableArray<PublicIssuer> OpenIssuers(CertificateSetup setup, OwnZones zones, ChallengeTargets targets)
    {
        var secondaries = new SecondaryServers(zones, setup.Secondaries, ServerQuestion.TextsAsync, setup.Time, setup.Logger);
        ImmutableArray<IChallengeSolver> solvers =
        [
            new DnsSolver(ChallengeType.Dns01, Challenges, targets.ResolveAsync, zones.WhyNotServed) { WhyNotElsewhere = secondaries.WhyNotServedAsync },
            new DnsSolver(ChallengeType.DnsAccount01, Challenges, targets.ResolveAsync, zones.WhyNotServed) { WhyNotElsewhere = secondaries.WhyNotServedAsync },
            new PersistSolver(Challenges, zones.WhyNotServed, setup.Time) { WhyNotElsewhere = secondaries.WhyNotServedAsync },
            TlsChallenges,
            HttpChallenges,
        ];
        return [.. setup.Options.Issuers.Select(issuer => PublicIssuer.Open(
            issuer.Settings, directory => AcmeFolder.Of(setup.Data, directory), [.. issuer.Challenges.SelectMany(type => solvers.Where(solver => solver.Type == type))], setup.Time, setup.Logger))];
    }
}
