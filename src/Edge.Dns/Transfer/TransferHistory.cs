using System.Collections.Concurrent;
using Edge.Dns.Signing;
using Edge.Dns.Wire;
using Edge.Dns.Zones;

namespace Edge.Dns.Transfer;

/// <summary>What changed lately in the zones that somebody may transfer: what IXFR is answered from (RFC 1995).</summary>
internal sealed class TransferHistory
{
    private readonly ConcurrentDictionary<ZoneKey, ZoneChain> _chains = [];
    private readonly ISignedZones? _signed;

    /// <param name="signed">Who signs zones here; null when nobody does.</param>
    public TransferHistory(ISignedZones? signed) => _signed = signed;

    /// <summary>Begins with what is served now, so that already the first change is known.</summary>
    public void Begin(string view, Zone zone) => _chains.TryAdd(new ZoneKey(view, zone.Origin), new ZoneChain(zone, _signed?.ContentOf(view, zone)));

    /// <summary>Takes in one publication. Called in order, by one thread at a time.</summary>
    public void Add(ZonePublication published)
    {
        var key = new ZoneKey(published.View, published.Origin);
        if (published.After is not { } after)
        {
            _chains.TryRemove(key, out _);
            return;
        }

        var signed = _signed?.ContentOf(published.View, after);
        _chains[key] = _chains.TryGetValue(key, out var chain) ? chain.Then(published.Before, after, signed)
            : signed is null && published.Before is { } before ? new ZoneChain(before, null).Then(before, after, null)
            : new ZoneChain(after, signed);
    }

    /// <summary>Forgets a zone that nobody may transfer any more.</summary>
    public void Forget(ZonePublication published) => _chains.TryRemove(new ZoneKey(published.View, published.Origin), out _);

    /// <summary>All records of a version as they go out, the SOA first: signed where the zone is.</summary>
    public IEnumerable<ResourceRecord> Records(string view, Zone zone)
    {
        if (_signed?.ContentOf(view, zone) is { } signed)
        {
            return signed.Records;
        }

        var records = zone.RRsets.Where(set => set.Type != RecordType.SOA || set.Owner != zone.Origin).SelectMany(set => set.Records);
        return zone.Find(zone.Origin, RecordType.SOA) is { } soa ? soa.Records.Concat(records) : records;
    }

    /// <summary>What a secondary with this serial lacks; null when it needs the whole zone.</summary>
    /// <param name="key">The zone and its view.</param>
    /// <param name="current">The version that is served.</param>
    /// <param name="serial">What the secondary has.</param>
    public ZoneDifference? Since(ZoneKey key, Zone current, uint serial) =>
        _chains.TryGetValue(key, out var chain) && ReferenceEquals(chain.Latest, current) ? chain.Since(serial) : null;
}
