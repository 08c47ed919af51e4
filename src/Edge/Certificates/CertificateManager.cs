using System.Collections.Immutable;
using System.Security.Cryptography;
using Edge.Acme;
using Microsoft.Extensions.Logging;

namespace Edge.Certificates;

/// <summary>
/// The one writer of the certificates: knows what is wanted and what there is, makes internal ones at once, takes
/// what the renewal loop obtains, and publishes the set that handshakes see.
/// </summary>
/// <param name="files">The disk.</param>
/// <param name="authority">Edge's own CA.</param>
/// <param name="selector">Receives each set.</param>
/// <param name="publicIssuers">The public CAs as their folders are named, the one that is asked first in front.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Told about what fails.</param>
internal sealed partial class CertificateManager(
    CertificateFiles files, CertificateAuthority authority, CertificateSelector selector, ImmutableArray<string> publicIssuers, TimeProvider time, ILogger logger)
{
    // So that https://localhost and https://127.0.0.1 show a certificate for that name on the first day.
    private static readonly ImmutableArray<string> OwnAddresses = ["localhost", "127.0.0.1", "::1"];

    private readonly Lock _gate = new();
    private readonly Dictionary<CertificateId, StoredCertificate> _all = [];
    private readonly HashSet<CertificateId> _working = [];
    private readonly HashSet<CertificateId> _forced = [];
    private readonly HashSet<string> _spare = new(StringComparer.OrdinalIgnoreCase);
    private CertificatePlan _plan = new([], new(StringComparer.OrdinalIgnoreCase), "");

    /// <summary>Addresses by which clients know this box; its own certificate holds them (RFC 9462 §4.2 checks the address that was asked).</summary>
    public Func<ImmutableArray<string>> Addresses { get; init; } = static () => [];

    /// <summary>The end of the root of Edge's own CA.</summary>
    public DateTimeOffset RootEnd => authority.NotAfter;

    /// <summary>What happened since the start.</summary>
    public CertificateCounters Counters { get; } = new();

    /// <summary>Set when the renewal loop has something to look at.</summary>
    public WakeSignal Woken { get; } = new();

    public void Wake() => Woken.Set();

    /// <summary>Reads what an earlier run left. Once, before anything is wanted.</summary>
    public void Load()
    {
        lock (_gate)
        {
            foreach (var stored in files.Load())
            {
                _all[stored.Id] = stored;
            }
        }
    }

    /// <summary>Replaces what is wanted; when it returns, every name of the plan has a certificate in the published set.</summary>
    public void Want(CertificatePlan plan)
    {
        lock (_gate)
        {
            _plan = plan;
            Tend();
        }
    }

    /// <summary>Takes other hosts for the same certificates.</summary>
    /// <param name="plan">What is wanted.</param>
    /// <param name="changed">The hosts that came or went.</param>
    public void Serve(CertificatePlan plan, IReadOnlyCollection<string> changed)
    {
        lock (_gate)
        {
            _plan = plan;

            // Which certificates are served hangs on hosts only where there are some that nobody wants any more.
            if (_spare.Count > 0 && changed.Any(_spare.Contains))
            {
                Publish();
            }
        }
    }

    /// <summary>The certificates that a public CA issues or should issue, by the plan of now.</summary>
    public ImmutableArray<WantedCertificate> Public()
    {
        lock (_gate)
        {
            return [.. PublicIds().Select(pair => pair.Wanted).Where(wanted => !wanted.IsKept)];
        }
    }

    /// <summary>Marks a certificate as being worked on.</summary>
    public void Begin(CertificateId id)
    {
        lock (_gate)
        {
            _working.Add(id);
        }
    }

    /// <summary>Takes a new certificate: the next handshake shows it, and it lies on the disk.</summary>
    /// <param name="job">What was wanted.</param>
    /// <param name="issuer">The CA that gave it.</param>
    /// <param name="issued">The certificate.</param>
    /// <param name="resting">The CAs that are left in peace; null: as before.</param>
    /// <returns>Whether it lies on the disk.</returns>
    /// <exception cref="CryptographicException">The pair is no chain and key; nothing was changed.</exception>
    public bool Obtained(RenewalJob job, string issuer, IssuedCertificate issued, ImmutableArray<IssuerRest>? resting = null)
    {
        var id = new CertificateId(issuer, job.Id.Name);
        var served = ServedCertificate.Create(id, files.ChainPath(id), issued, time.GetUtcNow());
        var saved = false;
        lock (_gate)
        {
            _working.Remove(job.Id);
            _forced.Remove(job.Id);
            var now = time.GetUtcNow();
            var issuances = Issuance.Counting(StateOf(id, job.Names).Issued, now).Add(new Issuance(now, served.RenewAt));
            var stored = new StoredCertificate(id, job.Names, served, RenewalState.Fresh with { LastTry = now, Obtained = now, Serial = served.Leaf.SerialNumber, Issued = issuances, Resting = id == job.Id && resting is { } others ? others.RemoveAll(rest => rest.Issuer == issuer) : [] });
            _all[id] = stored;
            if (id != job.Id && _all.GetValueOrDefault(job.Id) is { } first)
            {
                Keep(first with { State = first.State with { Attempts = 0, Reason = null, NextTry = null, Resting = resting ?? first.State.Resting } });
            }

            Publish();
            try
            {
                files.Save(stored, issued);
                saved = true;
            }
            catch (IOException full)
            {
                // It serves from memory; a restart finds it again by its order.
                Log.NotSaved(logger, files.ChainPath(id), full.Message);
            }
        }

        Counters.Issued();
        Log.Obtained(logger, string.Join(", ", job.Names), issuer, served.NotAfter);
        return saved;
    }

    /// <summary>Takes note of a failure and of the time of the next attempt.</summary>
    /// <param name="job">What was wanted.</param>
    /// <param name="reason">Why there is none.</param>
    /// <param name="doubted">The CA at which the names could not be proven.</param>
    /// <param name="wait">From the number of failures to the wait.</param>
    /// <param name="resting">The CAs that are left in peace; null: as before.</param>
    public void Failed(RenewalJob job, string reason, string? doubted, Func<int, TimeSpan> wait, ImmutableArray<IssuerRest>? resting = null)
    {
        RenewalState state;
        lock (_gate)
        {
            _working.Remove(job.Id);
            _forced.Remove(job.Id);
            var now = time.GetUtcNow();
            var before = StateOf(job.Id, job.Names);
            var attempts = before.Attempts + 1;
            state = before with { Attempts = attempts, Reason = reason, LastTry = now, NextTry = now + wait(attempts), Doubted = doubted, Resting = resting ?? before.Resting };
            Keep(new StoredCertificate(job.Id, job.Names, _all.GetValueOrDefault(job.Id)?.Certificate, state));
        }

        Counters.Failed();
        Log.Failed(logger, string.Join(", ", job.Names), job.Id.Issuer, state.Attempts, reason, state.NextTry);
    }

    /// <summary>Counts a certificate that a CA made and that is of no use.</summary>
    public void Spent(RenewalJob job, string issuer)
    {
        var id = new CertificateId(issuer, job.Id.Name);
        lock (_gate)
        {
            var now = time.GetUtcNow();
            var state = StateOf(id, job.Names);
            Keep(new StoredCertificate(id, job.Names, _all.GetValueOrDefault(id)?.Certificate, state with { Issued = Issuance.Counting(state.Issued, now).Add(Issuance.InVain(now)) }));
        }
    }

    /// <summary>Ends work without a result and without a failure: the program stops, or another box does it.</summary>
    public void Release(RenewalJob job, TimeSpan? pause)
    {
        lock (_gate)
        {
            _working.Remove(job.Id);
            if (pause is { } wait)
            {
                var state = StateOf(job.Id, job.Names);
                var now = time.GetUtcNow();
                _all[job.Id] = new StoredCertificate(job.Id, job.Names, _all.GetValueOrDefault(job.Id)?.Certificate, state with { LastTry = now, NextTry = now + wait });
            }
        }
    }

    /// <summary>How each wanted certificate stands, for people.</summary>
    public ImmutableArray<CertificateStatus> Status()
    {
        var now = time.GetUtcNow();
        lock (_gate)
        {
            var known = _plan.Certificates.SelectMany(Ids).Where(_all.ContainsKey).Select(id => _all[id])
                .Select(stored => IsSuperseded(stored, now) ? stored with { Certificate = null } : stored)
                .Where(stored => stored.Certificate is not null || stored.State.Reason is not null || !HasPublic(stored, now));
            var missing = PublicIds().Where(pair => !_all.ContainsKey(pair.Id) && Held(pair.Wanted) is null).Select(pair => new StoredCertificate(pair.Id, pair.Wanted.Names, null, RenewalState.Fresh));
            var kept = _plan.Certificates.Where(wanted => wanted.IsKept).Select(wanted => wanted.Name).ToHashSet();
            return [.. known.Concat(missing).Select(stored => CertificateStatus.Of(stored, files.ChainPath(stored.Id), _working.Contains(stored.Id), now))
                .Select(status => kept.Contains(status.Names[0]) ? status.Ending(now) : status)];
        }
    }

    /// <summary>Makes and renews internal certificates as the plan wants them, and publishes.</summary>
    private void Tend()
    {
        var now = time.GetUtcNow();
        foreach (var wanted in _plan.Certificates)
        {
            var better = Held(wanted) is { } obtained && !obtained.HasExpired(now);

            // The box's own certificate is always there: it holds localhost as well.
            if (!better || wanted.Name == "*." + _plan.Default)
            {
                EnsureInternal(wanted, now);
            }
        }

        Publish();
    }

    private void EnsureInternal(WantedCertificate wanted, DateTimeOffset now)
    {
        var id = new CertificateId(CertificateId.Internal, wanted.Name);
        var names = wanted.Name == "*." + _plan.Default ? [.. wanted.Names, .. OwnAddresses, .. Addresses()] : wanted.Names;
        if (_all.GetValueOrDefault(id)?.Certificate is { } held && held.Includes(names) && held.NotBefore <= now && authority.Issued(held.Leaf)
            && (now < held.RenewAt || held.NotAfter > authority.NotAfter))
        {
            // Also one that is due and lasts as long as the root: another one would not last longer, and be due as well.
            return;
        }

        try
        {
            var issued = authority.Issue(names);
            var stored = new StoredCertificate(id, names, ServedCertificate.Create(id, files.ChainPath(id), issued), RenewalState.Fresh);
            _all[id] = stored;
            files.Save(stored, issued);
        }
        catch (Exception failed) when (failed is IOException or CryptographicException or ArgumentException)
        {
            // In memory it serves all the same; a host that no certificate can name is its own to suffer.
            Log.NotSaved(logger, files.ChainPath(id), failed.Message);
        }
    }

    private void Publish()
    {
        var now = time.GetUtcNow();
        var wanted = _plan.Certificates.SelectMany(certificate => certificate.Names).ToHashSet(StringComparer.OrdinalIgnoreCase);

        // Also what was obtained for another plan, as long as it names a host of this one: it is better than ours.
        _spare.Clear();
        var served = new List<ServedCertificate>();
        foreach (var certificate in _all.Values.Select(stored => stored.Certificate).OfType<ServedCertificate>().Where(one => one.Id.IsInternal || !one.HasExpired(now) || publicIssuers.Contains(one.Issuer)))
        {
            var isWanted = certificate.Names.Any(wanted.Contains);
            if (!isWanted)
            {
                _spare.UnionWith(certificate.Names);
            }

            if (isWanted || certificate.Names.Any(name => _plan.Hosts.Find(name) is not null))
            {
                served.Add(certificate);
            }
        }

        selector.Publish(CertificateSet.Build(served, _plan.Default, now));
    }

    // Other names are another order: what failed before says nothing about it.
    private RenewalState StateOf(CertificateId id, ImmutableArray<string> names) =>
        _all.GetValueOrDefault(id) is { } stored && stored.Names.ToHashSet(StringComparer.OrdinalIgnoreCase).SetEquals(names) ? stored.State : RenewalState.Fresh;

    private IEnumerable<(CertificateId Id, WantedCertificate Wanted)> PublicIds() => publicIssuers.IsEmpty ? []
        : _plan.Certificates.Where(wanted => wanted.Public).Select(wanted => (new CertificateId(publicIssuers[0], wanted.Name), wanted));

    private IEnumerable<CertificateId> Ids(WantedCertificate wanted) => publicIssuers.Where(_ => wanted.Public).Append(CertificateId.Internal).Select(issuer => new CertificateId(issuer, wanted.Name));

    /// <summary>
    /// The public certificate for all of these names that was obtained last. One of another CA may last longer, and serves no
    /// more: else each new one of a CA with shorter lives would be due at once.
    /// </summary>
    private ServedCertificate? Held(WantedCertificate wanted)
    {
        var now = time.GetUtcNow();
        return publicIssuers.Where(_ => wanted.Public).Select(issuer => _all.GetValueOrDefault(new CertificateId(issuer, wanted.Name))?.Certificate)
            .OfType<ServedCertificate>().Where(certificate => certificate.Includes(wanted.Names)).MaxBy(certificate => (!certificate.HasExpired(now), certificate.Obtained));
    }

    // It serves nobody, so that its end is no news.
    private bool IsSuperseded(StoredCertificate stored, DateTimeOffset now) => stored is { Id.IsInternal: false, Certificate: not null } && HasPublic(stored, now);

    private bool HasPublic(StoredCertificate stored, DateTimeOffset now) =>
        Held(new WantedCertificate(stored.Names, true)) is { } held && held.Id != stored.Id && !held.HasExpired(now);

    private void Keep(StoredCertificate stored)
    {
        _all[stored.Id] = stored;
        try
        {
            files.SaveState(stored);
        }
        catch (IOException full)
        {
            Log.NotSaved(logger, files.ChainPath(stored.Id), full.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4040, LogLevel.Information, "Certificate for {Names} obtained from {Issuer}, valid to {NotAfter:u}")]
        public static partial void Obtained(ILogger logger, string names, string issuer, DateTimeOffset notAfter);

        [LoggerMessage(4041, LogLevel.Warning, "Certificate for {Names} from {Issuer}: attempt {Attempt} failed: {Reason}; next attempt {NextTry:u}")]
        public static partial void Failed(ILogger logger, string names, string issuer, int attempt, string reason, DateTimeOffset? nextTry);

        [LoggerMessage(4042, LogLevel.Error, "{Path} was not written: {Reason}")]
        public static partial void NotSaved(ILogger logger, string path, string reason);
    }
}
