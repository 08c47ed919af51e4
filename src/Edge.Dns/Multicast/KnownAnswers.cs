using Edge.Dns.Wire;

namespace Edge.Dns.Multicast;

/// <summary>What a neighbour says or knows, found by what it says: neither of two long lists is gone through for each entry of the other.</summary>
internal sealed class KnownAnswers
{
    private readonly Dictionary<(Name Owner, RecordType Type, RData Data), uint> _ttls = [];

    public KnownAnswers(IReadOnlyList<MulticastRecord> records) => Add(records);

    public int Count => _ttls.Count;

    public void Add(IReadOnlyList<MulticastRecord> records)
    {
        foreach (var record in records)
        {
            var key = (record.Owner, record.Type, record.Data);
            _ttls[key] = Math.Max(record.Ttl, _ttls.GetValueOrDefault(key));
        }
    }

    /// <summary>Whether it is among them, however long it holds.</summary>
    public bool Contains(Name owner, RecordType type, RData data) => _ttls.ContainsKey((owner, type, data));

    /// <summary>Whether it is among them for all of its time.</summary>
    public bool Covers(MulticastRecord record) => _ttls.TryGetValue((record.Owner, record.Type, record.Data), out var ttl) && ttl >= record.Ttl;

    /// <summary>Whether it is among them for half of its time at least: it is not said again (RFC 6762 §7.1).</summary>
    public bool Suppress(MulticastRecord record) => _ttls.TryGetValue((record.Owner, record.Type, record.Data), out var ttl) && ttl >= record.Ttl / 2;
}
