using System.Collections.Immutable;
using System.Net;
using Edge.Dns.Snapshots;
using Edge.Dns.Wire;
using Edge.Services;

namespace Edge.Certificates;

/// <summary>
/// Decides which certificates the services need: one wildcard for each level of our own names, so that a new service
/// needs no new certificate and its name stands in no public log; one by one for names of other zones.
/// </summary>
/// <param name="node">This box: NODE.DOMAIN, lower case.</param>
/// <param name="isOurs">Whether our name server holds a host's zone.</param>
/// <param name="manager">Receives the plans.</param>
internal sealed class CertificatePlanner(string node, Func<string, bool> isOurs, CertificateManager manager) : IServiceReader
{
    // Names for use inside a network (RFC 6761, RFC 6762, RFC 8375 and by custom): no public CA issues for them.
    private static readonly string[] NeverPublic = ["local", "localhost", "localdomain", "internal", "home.arpa", "lan", "home", "corp", "invalid", "onion"];

    private static readonly ShardedMap<string, string> NoHosts = new(StringComparer.OrdinalIgnoreCase);

    // A plan made from services that were replaced meanwhile must not come after the one made from the new.
    private readonly Lock _planning = new();
    private ServiceSet _services = ServiceSet.Empty;
    private CertificateLevels? _levels;
    private ShardedMap<string, string> _hosts = NoHosts;
    private ImmutableArray<WantedCertificate> _wanted = [];

    /// <summary>Whether an alias shows the CA that a name of another zone is ours.</summary>
    public Func<string, bool> IsDelegated { get; init; } = static _ => false;

    /// <summary>Whether we hold a public CA's certificate for a host: it serves on when the name cannot be proven any more, and its end is seen coming.</summary>
    public Func<string, bool> IsHeld { get; init; } = static _ => false;

    /// <summary>Whether names of other zones can be proven by answering for them: then services for everywhere are.</summary>
    public bool ProvesExposedHosts { get; init; }

    /// <summary>Addresses that get a certificate of their own.</summary>
    public ImmutableArray<string> Addresses { get; init; } = [];

    /// <summary>When it returns, every host of the set has a certificate to show; better ones are obtained afterwards.</summary>
    public void Apply(ServiceSet services)
    {
        lock (_planning)
        {
            if (_levels is null)
            {
                (_levels, _hosts) = LevelsOf(node, [], isOurs);
            }

            var (levels, before) = (_levels, _levels.Changes);
            var hosts = _hosts.Edit();
            var changed = ServiceSet.Differing(_services, services).SelectMany(one => (one.Before?.Hosts ?? []).Union(one.After?.Hosts ?? [])).ToHashSet(StringComparer.Ordinal);
            foreach (var host in changed)
            {
                Take(levels, hosts, host, services.AllByHost(host).Count > 0);
            }

            _services = services;
            _hosts = hosts.ToMap();
            if (levels.Changes == before && !_wanted.IsEmpty && !(levels.HasOthers && ProvesExposedHosts))
            {
                manager.Serve(new CertificatePlan(_wanted, _hosts, node), changed);
                return;
            }

            Want(levels);
        }

        manager.Wake();
    }

    /// <summary>Plans again for the same services: the zones may have changed.</summary>
    public void Replan()
    {
        lock (_planning)
        {
            if (_levels is { StillHolds: true } levels)
            {
                Want(levels);
            }
            else
            {
                Plan();
            }
        }
    }

    private void Plan()
    {
        (_levels, _hosts) = LevelsOf(node, _services.Hosts, isOurs);
        Want(_levels);
    }

    private void Want(CertificateLevels levels)
    {
        _wanted = Wanted(levels, isOurs, host => (ProvesExposedHosts && _services.AllByHost(host).Any(service => service.Expose == Exposure.Everywhere)) || IsDelegated(host), IsHeld, Addresses);
        manager.Want(new CertificatePlan(_wanted, _hosts, node));
    }

    private void Take(CertificateLevels levels, ShardedMapEditor<string, string> hosts, string host, bool isThere)
    {
        if (host != node && IsHost(host))
        {
            hosts.Set(host, isThere ? host : null);
            (isThere ? levels.Add : (Action<string>)levels.Remove)(host);
        }
    }

    private static (CertificateLevels Levels, ShardedMap<string, string> Hosts) LevelsOf(string node, IEnumerable<string> hosts, Func<string, bool> isOurs)
    {
        var (levels, needed) = (new CertificateLevels(node, isOurs), NoHosts.Edit());
        foreach (var host in hosts.Where(IsHost).Append(node))
        {
            levels.Add(host);
            needed.Set(host, host);
        }

        return (levels, needed.ToMap());
    }

    /// <summary>The plan for a box and hosts.</summary>
    /// <param name="node">NODE.DOMAIN.</param>
    /// <param name="hosts">Lower case, no trailing dot, wildcards allowed.</param>
    /// <param name="isOurs">Whether our name server holds a host's zone.</param>
    /// <param name="isProvable">Whether a name of another zone can be proven all the same.</param>
    /// <param name="addresses">Addresses that get a certificate of their own.</param>
    public static CertificatePlan Plan(string node, IEnumerable<string> hosts, Func<string, bool> isOurs, Func<string, bool>? isProvable = null, ImmutableArray<string> addresses = default)
    {
        var (levels, needed) = LevelsOf(node, hosts, isOurs);
        return new CertificatePlan(Wanted(levels, isOurs, host => isProvable?.Invoke(host) == true, static _ => false, addresses), needed, node);
    }

    private static ImmutableArray<WantedCertificate> Wanted(CertificateLevels levels, Func<string, bool> isOurs, Func<string, bool> isProvable, Func<string, bool> isHeld, ImmutableArray<string> addresses) =>
    [
        .. levels.Levels.Select(level => new WantedCertificate(["*." + level, level], CanBePublic(level, isOurs))),
        .. levels.Singles.Select(host => CanBePublic(host, name => isOurs(name) || isProvable(name)) ? new WantedCertificate([host], true)
            : CanBePublic(host, isHeld) ? new WantedCertificate([host], true) { IsKept = true } : new WantedCertificate([host], false)),
        .. (addresses.IsDefault ? [] : addresses).Select(address => new WantedCertificate([address], true)),
    ];

    private static bool CanBePublic(string name, Func<string, bool> isOurs) =>
        name.Contains('.') && !NeverPublic.Any(suffix => name == suffix || name.EndsWith("." + suffix, StringComparison.Ordinal)) && isOurs(name);

    // A host that is no DNS name or an address cannot stand in such a certificate; who declared it was told at the door.
    private static bool IsHost(string host) =>
        host.Length > 0 && !IPAddress.TryParse(host, out _) && Name.TryParse(host, Name.Root, out var name, out _) && !name.IsRoot
        && host.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '.' or '*' or '_') && host.LastIndexOf('*') <= 0 && (host[0] != '*' || host.StartsWith("*.", StringComparison.Ordinal));
}
