using System.Collections.Immutable;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;

namespace Edge.Certificates;

/// <summary>
/// The one writer of the certificates: knows what is wanted and what there is, makes internal ones at once, takes
/// what the renewal loop obtains, and publishes the set that handshakes see.
/// </summary>
/// <param name="files">The disk.</param>
/// <param name="authority">Edge's own CA.</param>
/// <param name="selector">Receives each set.</param>
/// <param name="publicIssuer">The public CA as its folder is named; null when none is configured.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Told about what fails.</param>
internal sealed partial class CertificateManager(
    CertificateFiles files, CertificateAuthority authority, CertificateSelector selector, string? publicIssuer, TimeProvider time, ILogger logger)
{
    // So that https://localhost and https://127.0.0.1 show a certificate for that name on the first day.
    private static readonly ImmutableArray<string> OwnAddresses = ["localhost", "127.0.0.1", "::1"];

    /// <summary>Addresses by which clients know this box; its own certificate holds them (RFC 9462 §4.2 checks the address that was asked).</summary>
    public Func<ImmutableArray<string>> Addresses { get; init; } = static () => [];

    private readonly Lock _gate = new();
    private readonly Dictionary<CertificateId, StoredCertificate> _all = [];
    private readonly HashSet<CertificateId> _working = [];
    private CertificatePlan _plan = new([], [], "");

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

    /// <summary>The certificates a public CA should issue, each with the time to try; those being worked on are left out.</summary>
    public ImmutableArray<RenewalJob> Jobs()
    {
        var now = time.GetUtcNow();
        lock (_gate)
        {
            return [.. PublicIds().Where(pair => !_working.Contains(pair.Id)).Select(pair => new RenewalJob(pair.Id, pair.Wanted.Names, DueAt(pair.Id, pair.Wanted, now)))];
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
    /// <exception cref="CryptographicException">The pair is no chain and key; nothing was changed.</exception>
    public void Obtained(RenewalJob job, IssuedCertificate issued)
    {
        var served = ServedCertificate.Create(job.Id, files.ChainPath(job.Id), issued);
        lock (_gate)
        {
            _working.Remove(job.Id);
            var stored = new StoredCertificate(job.Id, job.Names, served, RenewalState.Fresh with { LastTry = time.GetUtcNow() });
            _all[job.Id] = stored;
            Publish();
            try
            {
                files.Save(stored, issued);
            }
            catch (IOException full)
            {
                // It serves from memory; a restart orders again.
                Log.NotSaved(logger, files.ChainPath(job.Id), full.Message);
            }
        }

        Log.Obtained(logger, string.Join(", ", job.Names), job.Id.Issuer, served.NotAfter);
    }

    /// <summary>Takes note of a failure and of the time of the next attempt.</summary>
    public void Failed(RenewalJob job, string reason, Func<int, TimeSpan> wait)
    {
        RenewalState state;
        lock (_gate)
        {
            _working.Remove(job.Id);
            var now = time.GetUtcNow();
            var attempts = StateOf(job.Id, job.Names).Attempts + 1;
            state = new RenewalState { Attempts = attempts, Reason = reason, LastTry = now, NextTry = now + wait(attempts) };
            var stored = new StoredCertificate(job.Id, job.Names, _all.GetValueOrDefault(job.Id)?.Certificate, state);
            _all[job.Id] = stored;
            try
            {
                files.SaveState(stored);
            }
            catch (IOException full)
            {
                Log.NotSaved(logger, files.ChainPath(job.Id), full.Message);
            }
        }

        Log.Failed(logger, string.Join(", ", job.Names), job.Id.Issuer, state.Attempts, reason, state.NextTry);
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
            var known = _plan.Certificates.SelectMany(wanted => new[] { Id(wanted, true), Id(wanted, false) }).OfType<CertificateId>().Where(_all.ContainsKey).Select(id => _all[id]);
            var missing = PublicIds().Where(pair => !_all.ContainsKey(pair.Id)).Select(pair => new StoredCertificate(pair.Id, pair.Wanted.Names, null, RenewalState.Fresh));
            return [.. known.Concat(missing).Select(stored => CertificateStatus.Of(stored, files.ChainPath(stored.Id), _working.Contains(stored.Id), now))];
        }
    }

    /// <summary>Makes and renews internal certificates as the plan wants them, and publishes.</summary>
    private void Tend()
    {
        var now = time.GetUtcNow();
        foreach (var wanted in _plan.Certificates)
        {
            var better = Id(wanted, true) is { } id && _all.GetValueOrDefault(id)?.Certificate is { } obtained && obtained.Includes(wanted.Names) && !obtained.HasExpired(now);

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
        if (_all.GetValueOrDefault(id)?.Certificate is { } held && held.Includes(names) && held.NotBefore <= now && now < held.RenewAt && authority.Issued(held.Leaf))
        {
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
        var wanted = _plan.Certificates.SelectMany(certificate => certificate.Names).Concat(_plan.Hosts).ToHashSet(StringComparer.OrdinalIgnoreCase);

        // Also what was obtained for another plan, as long as it names a host of this one: it is better than ours.
        var served = _all.Values.Select(stored => stored.Certificate).OfType<ServedCertificate>()
            .Where(certificate => certificate.Names.Any(wanted.Contains) && (certificate.Id.IsInternal || !certificate.HasExpired(now) || certificate.Issuer == publicIssuer));
        selector.Publish(CertificateSet.Build(served, _plan.Default, now));
    }

    private DateTimeOffset DueAt(CertificateId id, WantedCertificate wanted, DateTimeOffset now)
    {
        var state = StateOf(id, wanted.Names);
        var renewAt = _all.GetValueOrDefault(id)?.Certificate is { } held && held.Includes(wanted.Names) ? held.RenewAt : DateTimeOffset.MinValue;
        return state.MayTry(now) || renewAt > state.NextTry ? renewAt : state.NextTry!.Value;
    }

    // Other names are another order: what failed before says nothing about it.
    private RenewalState StateOf(CertificateId id, ImmutableArray<string> names) =>
        _all.GetValueOrDefault(id) is { } stored && stored.Names.ToHashSet(StringComparer.OrdinalIgnoreCase).SetEquals(names) ? stored.State : RenewalState.Fresh;

    private IEnumerable<(CertificateId Id, WantedCertificate Wanted)> PublicIds() =>
        _plan.Certificates.Select(wanted => (Id(wanted, true)!, wanted)).Where(pair => pair.Item1 is not null);

    private CertificateId? Id(WantedCertificate wanted, bool fromPublic) =>
        !fromPublic ? new CertificateId(CertificateId.Internal, wanted.Name) : publicIssuer is not null && wanted.Public ? new CertificateId(publicIssuer, wanted.Name) : null;

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
