using System.Collections.Immutable;
using Edge.Acme;

namespace Edge.Certificates;

/// <summary>When certificates are due, and what a person or a CA may change about that.</summary>
internal sealed partial class CertificateManager
{
    /// <summary>The certificates a public CA should issue, each with the time to try; those being worked on are left out.</summary>
    public ImmutableArray<RenewalJob> Jobs()
    {
        var now = time.GetUtcNow();
        lock (_gate)
        {
            return [.. PublicIds().Where(pair => !pair.Wanted.IsKept && !_working.Contains(pair.Id)).Select(pair => Job(pair.Id, pair.Wanted, now))];
        }
    }

    /// <summary>The certificates whose CA is to be asked when it wants them renewed (RFC 9773), each with the time to ask.</summary>
    public ImmutableArray<RenewalLook> Looks()
    {
        lock (_gate)
        {
            return [.. PublicIds().Select(pair => Held(pair.Wanted)).OfType<ServedCertificate>().Select(held => new RenewalLook(held.Id, held, _all[held.Id].State.NextLook ?? DateTimeOffset.MinValue))];
        }
    }

    /// <summary>Takes what a CA says about the renewal of a certificate.</summary>
    /// <param name="look">Which certificate was asked about; meanwhile there may be another.</param>
    /// <param name="info">What the CA says; null when it says nothing.</param>
    /// <param name="nextLook">When to ask again.</param>
    /// <param name="draw">A number from 0 to 1, drawn evenly.</param>
    public void TakeRenewalInfo(RenewalLook look, RenewalInfo? info, DateTimeOffset nextLook, Func<double> draw)
    {
        lock (_gate)
        {
            if (_all.GetValueOrDefault(look.Id) is not { } stored || !ReferenceEquals(stored.Certificate, look.Certificate))
            {
                return;
            }

            var window = info is null ? stored.State.Window : RenewalWindow.Of(stored.State.Window, info, draw);
            Keep(stored with { State = stored.State with { Window = window, NextLook = nextLook } });
        }
    }

    /// <summary>Renews a certificate now, whatever the ladder and the guard say.</summary>
    /// <returns>Its names; null when no public CA issues one of that name.</returns>
    public ImmutableArray<string>? Force(string name)
    {
        lock (_gate)
        {
            if (FindPublic(name) is not { Wanted.IsKept: false } found)
            {
                return null;
            }

            _forced.Add(found.Id);
            Wake();
            return found.Wanted.Names;
        }
    }

    /// <summary>Whether a CA of the settings gave a certificate for this very name that is good, or ended less than a month ago.</summary>
    public bool HoldsPublic(string name)
    {
        var month = time.GetUtcNow() - TimeSpan.FromDays(30);
        lock (_gate)
        {
            return publicIssuers.Any(issuer => _all.GetValueOrDefault(new CertificateId(issuer, name))?.Certificate is { } held && !held.HasExpired(month));
        }
    }

    /// <summary>The public certificate that serves a name; null when there is none.</summary>
    public ServedCertificate? PublicOf(string name)
    {
        lock (_gate)
        {
            return FindPublic(name) is { } found ? Held(found.Wanted) : null;
        }
    }

    /// <summary>Takes a revoked certificate out of service; its name is served by Edge's own CA until the new one, with another key, is there.</summary>
    /// <exception cref="IOException">Its files could not be put aside; it serves on.</exception>
    public void Withdraw(ServedCertificate revoked)
    {
        lock (_gate)
        {
            files.SetAside(revoked.Id);
            if (_all.GetValueOrDefault(revoked.Id) is { } stored && ReferenceEquals(stored.Certificate, revoked))
            {
                _all[revoked.Id] = stored with { Certificate = null, State = stored.State with { Window = null, NextLook = null } };
            }

            if (FindPublic(revoked.Id.Name) is { } found)
            {
                _forced.Add(found.Id);
            }

            Tend();
            Wake();
        }
    }

    private RenewalJob Job(CertificateId id, WantedCertificate wanted, DateTimeOffset now)
    {
        var held = Held(wanted);
        var state = StateOf(id, wanted.Names);
        var forced = _forced.Contains(id);
        var window = held is null ? null : _all[held.Id].State.Window;
        var renewAt = held is null ? DateTimeOffset.MinValue : RenewalTime.Of(held.NotBefore, held.NotAfter, window);
        var due = forced ? DateTimeOffset.MinValue : state.MayTry(now) || renewAt > state.NextTry ? renewAt : state.NextTry!.Value;
        return new RenewalJob(id, wanted.Names, due, state) { Held = held, Forced = forced };
    }

    /// <summary>How often each CA gave a certificate for exactly these names lately.</summary>
    public ImmutableArray<Issuance> IssuancesOf(string issuer, RenewalJob job)
    {
        lock (_gate)
        {
            return StateOf(new CertificateId(issuer, job.Id.Name), job.Names).Issued;
        }
    }

    // By the certificate's own first name, or by any name it is for.
    private (CertificateId Id, WantedCertificate Wanted)? FindPublic(string name)
    {
        var all = PublicIds().ToList();
        var at = all.FindIndex(pair => pair.Wanted.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
        at = at >= 0 ? at : all.FindIndex(pair => pair.Wanted.Names.Contains(name, StringComparer.OrdinalIgnoreCase));
        return at < 0 ? null : all[at];
    }
}
