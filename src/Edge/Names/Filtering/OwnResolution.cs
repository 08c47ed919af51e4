using System.Net;
using Edge.Dns.Resolver;
using Edge.Dns.Wire;
using Edge.Dns.Zones;

namespace Edge.Names.Filtering;

/// <summary>
/// Finds the addresses of the servers that lists come from: in our own zones as the home sees them, else by our own
/// resolver. The filter has no say: a list must not keep itself from being mended.
/// </summary>
internal sealed class OwnResolution(Forwarder forwarder, Func<ZoneSet> zones)
{
    /// <summary>The addresses of a host, IPv4 first; none when they cannot be learned.</summary>
    public async Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancel)
    {
        if (!Name.TryParse(host, Name.Root, out var name, out _))
        {
            return [];
        }

        var current = zones();
        var view = Math.Max(0, current.IndexOf(ViewOptions.Lan));
        if (current.Find(view, name.Wire) is { } zone)
        {
            return [.. Addresses(zone, name, RecordType.A), .. Addresses(zone, name, RecordType.AAAA)];
        }

        var answers = await Task.WhenAll(forwarder.AskAsync(name, RecordType.A, cancel), forwarder.AskAsync(name, RecordType.AAAA, cancel)).ConfigureAwait(false);
        return [.. answers.SelectMany(answer => answer.Answer).Where(record => record.Type is RecordType.A or RecordType.AAAA).Select(record => new IPAddress(record.Data.Wire))];
    }

    private static IEnumerable<IPAddress> Addresses(Zone zone, Name name, RecordType type) =>
        zone.Explain(name, type).RRsets.Where(set => set.Type == type).SelectMany(set => set.Data).Select(data => new IPAddress(data.Wire));
}
