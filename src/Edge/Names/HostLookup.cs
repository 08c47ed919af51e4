using System.Collections.Immutable;
using System.Net;
using Edge.Dns.Nameserver;
using Edge.Dns.Resolver;
using Edge.Dns.Wire;
using Edge.Dns.Zones;

namespace Edge.Names;

/// <summary>The addresses of a host and how long they hold: in our own zones as strangers see them, else by our own resolver.</summary>
internal sealed class HostLookup(Forwarder forwarder, Func<ZoneSet> zones)
{
    /// <summary>Null when they cannot be learned now.</summary>
    public async Task<(ImmutableArray<IPAddress> Addresses, TimeSpan TimeToLive)?> FindAsync(string host, CancellationToken cancel)
    {
        if (!Name.TryParse(host, Name.Root, out var name, out _))
        {
            return null;
        }

        var current = zones();
        if (current.Find(Math.Max(0, current.IndexOf(ViewOptions.Public)), name.Wire) is { } zone)
        {
            List<RRset> sets = [.. Sets(zone, name, RecordType.A), .. Sets(zone, name, RecordType.AAAA)];
            return ([.. sets.SelectMany(set => set.Data).Select(data => new IPAddress(data.Wire))], TimeSpan.FromSeconds(sets.Select(set => set.Ttl).DefaultIfEmpty(0u).Min()));
        }

        var (four, six) = (AliasTargets.AskAsync(forwarder, name, RecordType.A, cancel).AsTask(), AliasTargets.AskAsync(forwarder, name, RecordType.AAAA, cancel).AsTask());
        await Task.WhenAll(four, six).ConfigureAwait(false);
        // One family that cannot be learned now must not take away what was known of it.
        return await four.ConfigureAwait(false) is { } a && await six.ConfigureAwait(false) is { } aaaa
            ? ([.. a.Data.Concat(aaaa.Data).Select(data => new IPAddress(data.Wire))], TimeSpan.FromSeconds(Math.Min(a.Ttl, aaaa.Ttl)))
            : null;
    }

    private static IEnumerable<RRset> Sets(Zone zone, Name name, RecordType type) => zone.Explain(name, type).RRsets.Where(set => set.Type == type);
}
