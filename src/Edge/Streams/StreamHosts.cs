using System.Collections.Frozen;

namespace Edge.Streams;

/// <summary>Routes by server name: exact names, then the longest wildcard. Immutable.</summary>
internal sealed class StreamHosts
{
    public static readonly StreamHosts Empty = new([]);

    private readonly FrozenDictionary<string, StreamRoute> _exact;
    private readonly FrozenDictionary<string, StreamRoute> _wildcards;

    public StreamHosts(IReadOnlyList<StreamRoute> routes)
    {
        // The catalogue has settled who has which host: no host stands here twice.
        var hosts = routes.SelectMany(route => route.Service.Hosts.Select(host => (Host: host, Route: route))).ToList();
        _exact = hosts.Where(pair => !pair.Host.StartsWith("*.", StringComparison.Ordinal)).ToFrozenDictionary(pair => pair.Host, pair => pair.Route, StringComparer.OrdinalIgnoreCase);
        _wildcards = hosts.Where(pair => pair.Host.StartsWith("*.", StringComparison.Ordinal)).ToFrozenDictionary(pair => pair.Host[2..], pair => pair.Route, StringComparer.OrdinalIgnoreCase);
        Routes = routes;
    }

    public IReadOnlyList<StreamRoute> Routes { get; }

    public bool IsEmpty => Routes.Count == 0;

    /// <summary>The route of a server name (RFC 6066 §3); null when it is nobody's here.</summary>
    public StreamRoute? Find(string name)
    {
        if (_exact.TryGetValue(name, out var exact))
        {
            return exact;
        }

        for (var dot = name.IndexOf('.', StringComparison.Ordinal); dot >= 0; dot = name.IndexOf('.', dot + 1))
        {
            if (_wildcards.TryGetValue(name[(dot + 1)..], out var wildcard))
            {
                return wildcard;
            }
        }

        return null;
    }
}
