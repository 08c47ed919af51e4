using System.Net;
using Edge.Dns.Wire;

namespace Edge.Names.Leases;

/// <summary>Which lease claims which name: kept up to date by what has changed in the files and by the clock.</summary>
internal sealed class LeaseClaims
{
    /// <summary>How long before its end a lease is said to be ending.</summary>
    public static readonly TimeSpan EndingFor = TimeSpan.FromMinutes(1);

    private const int MostRefused = 1000;

    private readonly Dictionary<string, Dictionary<IPAddress, NamedLease>> _files = [];
    private readonly Dictionary<Name, LeaseClaim> _claims = [];
    private readonly Dictionary<string, RefusedNames> _refused = [];
    private readonly Dictionary<(string Path, Name Claimed), RefusedLease> _refusedLeases = [];
    private DateTimeOffset _nextPhase = DateTimeOffset.MinValue;
    private DateTimeOffset _lastNow = DateTimeOffset.MinValue;

    /// <summary>Leases with a name that is refused, by file and by what the name would be; not more than are of use to people.</summary>
    public IReadOnlyDictionary<(string Path, Name Claimed), RefusedLease> Refused => _refusedLeases;

    /// <summary>The claims of names that some lease in force has.</summary>
    public IReadOnlyDictionary<Name, LeaseClaim> ByName => _claims;

    /// <summary>The names refused in a file; null when there are none.</summary>
    public RefusedNames? RefusedIn(LeaseSetting setting) => _refused.GetValueOrDefault(setting.Path);

    /// <summary>Takes over what a file says now; what is different afterwards is added to <paramref name="touched"/>.</summary>
    public void Take(LeaseSetting setting, IReadOnlyDictionary<IPAddress, Lease> leases, HashSet<Name> touched)
    {
        var known = _files.TryGetValue(setting.Path, out var before) ? before : _files[setting.Path] = [];
        foreach (var (address, lease) in known.Where(one => !leases.ContainsKey(one.Key)).ToList())
        {
            known.Remove(address);
            Drop(lease, touched);
        }

        ForgetRefused(setting.Path);
        foreach (var (address, lease) in leases)
        {
            if (known.TryGetValue(address, out var named))
            {
                if (named.Lease.HostName == lease.HostName && named.Lease.Device == lease.Device && named.Domain == setting.Domain)
                {
                    named.Lease = lease;
                    continue;
                }

                known.Remove(address);
                Drop(named, touched);
            }

            if (LeaseHostName.TryClean(lease.HostName, setting.Domain, out var label, out var reason) && Fits(label, setting.Domain))
            {
                known[address] = new NamedLease(lease, label, setting.Domain);
            }
            else if (reason is not null)
            {
                _refused[setting.Path] = new RefusedNames(1 + (_refused.GetValueOrDefault(setting.Path)?.Count ?? 0), LeaseText.Shown(lease.HostName), reason);
                Refuse(setting, lease, reason);
            }
        }

        _nextPhase = DateTimeOffset.MinValue;
    }

    /// <summary>Forgets a file.</summary>
    public void Forget(string path, HashSet<Name> touched)
    {
        foreach (var lease in _files.GetValueOrDefault(path)?.Values.ToList() ?? [])
        {
            Drop(lease, touched);
        }

        _files.Remove(path);
        ForgetRefused(path);
    }

    /// <summary>Begins and ends leases by the clock, which may have jumped either way.</summary>
    public void Advance(DateTimeOffset now, HashSet<Name> touched)
    {
        if (now >= _lastNow && now < _nextPhase)
        {
            _lastNow = now;
            return;
        }

        (_lastNow, _nextPhase) = (now, DateTimeOffset.MaxValue);
        var began = new List<NamedLease>();
        foreach (var lease in _files.Values.SelectMany(leases => leases.Values))
        {
            var phase = PhaseOf(lease.Lease, now);
            if (lease.Lease.Ends is { } ends && phase != LeasePhase.Ended)
            {
                var next = phase == LeasePhase.Lasting ? ends - EndingFor : ends;
                _nextPhase = next < _nextPhase ? next : _nextPhase;
            }

            if (phase == lease.Phase)
            {
                continue;
            }

            touched.Add(lease.Owner);
            if (phase == LeasePhase.Ended)
            {
                Withdraw(lease);
            }
            else if (lease.Phase == LeasePhase.Ended)
            {
                began.Add(lease);
            }

            lease.Phase = phase;
        }

        // Of those that appear together, as at the start, the one that has been there longer is the older one.
        foreach (var lease in began.OrderBy(one => one.Lease.Began ?? one.Lease.Ends ?? DateTimeOffset.MinValue).ThenBy(one => one.Lease.Line))
        {
            (_claims.TryGetValue(lease.Owner, out var claim) ? claim : _claims[lease.Owner] = new LeaseClaim(lease.Owner)).Add(lease);
        }
    }

    // A name that stands in another domain would be that name; one with characters that no name can have would be none.
    private void Refuse(LeaseSetting setting, Lease lease, string reason)
    {
        var text = lease.HostName.Trim(' ', '\0').TrimEnd('.');
        if (_refusedLeases.Count < MostRefused && Name.TryParse(text, Name.Root, out var name, out _) && !name.IsRoot)
        {
            var claimed = name.LabelCount > 1 ? name : Fits(text, setting.Domain) ? setting.Domain.Prepend(text.ToLowerInvariant()) : name;
            _refusedLeases.TryAdd((setting.Path, claimed), new RefusedLease(lease, reason));
        }
    }

    private void ForgetRefused(string path)
    {
        _refused.Remove(path);
        foreach (var key in _refusedLeases.Keys.Where(key => key.Path == path).ToList())
        {
            _refusedLeases.Remove(key);
        }
    }

    private static LeasePhase PhaseOf(Lease lease, DateTimeOffset now) =>
        lease.Ends is not { } ends || ends - now > EndingFor ? LeasePhase.Lasting : ends > now ? LeasePhase.Ending : LeasePhase.Ended;

    private static bool Fits(string label, Name domain) => domain.Wire.Length + label.Length + 1 <= Name.MaxWireLength;

    private void Drop(NamedLease lease, HashSet<Name> touched)
    {
        if (lease.Phase != LeasePhase.Ended)
        {
            touched.Add(lease.Owner);
            Withdraw(lease);
        }
    }

    private void Withdraw(NamedLease lease)
    {
        var claim = _claims[lease.Owner];
        claim.Remove(lease);
        if (claim.Leases.Count == 0)
        {
            _claims.Remove(lease.Owner);
        }
    }
}
