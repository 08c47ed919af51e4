using System.Collections.Immutable;
using System.Net;
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

    // A plan made from services that were replaced meanwhile must not come after the one made from the new.
    private readonly Lock _gate = new();
    private ServiceSet _services = ServiceSet.Empty;

    /// <summary>Whether an alias shows the CA that a name of another zone is ours.</summary>
    public Func<string, bool> IsDelegated { get; init; } = static _ => false;

    /// <summary>Whether names of other zones can be proven by answering for them: then services for everywhere are.</summary>
    public bool ProvesExposedHosts { get; init; }

    /// <summary>Addresses that get a certificate of their own.</summary>
    public ImmutableArray<string> Addresses { get; init; } = [];

    /// <summary>When it returns, every host of the set has a certificate to show; better ones are obtained afterwards.</summary>
    public void Apply(ServiceSet services)
    {
        lock (_gate)
        {
            _services = services;
            Replan();
        }

        manager.Wake();
    }

    /// <summary>Plans again for the same services: the zones may have changed.</summary>
    public void Replan()
    {
        lock (_gate)
        {
            var services = _services.Services;
            var exposed = ProvesExposedHosts ? services.Where(service => service.Expose == Exposure.Everywhere).SelectMany(service => service.Hosts).ToHashSet(StringComparer.Ordinal) : [];
            manager.Want(Plan(node, services.SelectMany(service => service.Hosts), isOurs, host => exposed.Contains(host) || IsDelegated(host), Addresses));
        }
    }

    /// <summary>The plan for a box and hosts.</summary>
    /// <param name="node">NODE.DOMAIN.</param>
    /// <param name="hosts">Lower case, no trailing dot, wildcards allowed.</param>
    /// <param name="isOurs">Whether our name server holds a host's zone.</param>
    /// <param name="isProvable">Whether a name of another zone can be proven all the same.</param>
    /// <param name="addresses">Addresses that get a certificate of their own.</param>
    public static CertificatePlan Plan(string node, IEnumerable<string> hosts, Func<string, bool> isOurs, Func<string, bool>? isProvable = null, ImmutableArray<string> addresses = default)
    {
        var levels = new SortedSet<string>(StringComparer.Ordinal) { node };
        var single = new SortedSet<string>(StringComparer.Ordinal);

        // The deepest first: the level of photos.nas.example.com covers the host nas.example.com as well.
        ImmutableArray<string> needed = [.. hosts.Where(IsHost).Append(node).Distinct(StringComparer.Ordinal).OrderByDescending(host => host.Count(c => c == '.')).ThenBy(host => host, StringComparer.Ordinal)];
        foreach (var host in needed)
        {
            var parent = host[(host.IndexOf('.') + 1)..];
            if (levels.Contains(host) || levels.Contains(parent))
            {
                continue;
            }

            if (IsLevel(node, parent, isOurs) || host.StartsWith('*'))
            {
                levels.Add(parent);
            }
            else
            {
                single.Add(host);
            }
        }

        single.RemoveWhere(host => levels.Contains(host));
        return new CertificatePlan(
            [
                .. levels.Select(level => new WantedCertificate(["*." + level, level], CanBePublic(level, isOurs))),
                .. single.Select(host => new WantedCertificate([host], CanBePublic(host, name => isOurs(name) || isProvable?.Invoke(name) == true))),
                .. (addresses.IsDefault ? [] : addresses).Select(address => new WantedCertificate([address], true)),
            ],
            needed,
            node);
    }

    // Never a wildcard of a whole top-level domain, which browsers refuse.
    private static bool IsLevel(string node, string parent, Func<string, bool> isOurs) =>
        parent.Contains('.') && (isOurs(parent) || parent == node || parent.EndsWith("." + node, StringComparison.Ordinal));

    private static bool CanBePublic(string name, Func<string, bool> isOurs) =>
        name.Contains('.') && !NeverPublic.Any(suffix => name == suffix || name.EndsWith("." + suffix, StringComparison.Ordinal)) && isOurs(name);

    // A host that is no DNS name or an address cannot stand in such a certificate; who declared it was told at the door.
    private static bool IsHost(string host) =>
        host.Length > 0 && !IPAddress.TryParse(host, out _) && Name.TryParse(host, Name.Root, out var name, out _) && !name.IsRoot
        && host.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '.' or '*' or '_') && host.LastIndexOf('*') <= 0 && (host[0] != '*' || host.StartsWith("*.", StringComparison.Ordinal));
}
