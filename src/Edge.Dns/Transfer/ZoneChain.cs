using System.Collections.Immutable;
using Edge.Dns.Signing;
using Edge.Dns.Wire;
using Edge.Dns.Zones;

namespace Edge.Dns.Transfer;

/// <summary>
/// The latest changes of one zone of one view, oldest first, each beginning at the serial where the one before ends.
/// Immutable.
/// </summary>
internal sealed class ZoneChain
{
    // Beyond this many records a history is not worth its memory: the whole zone goes out then.
    private const int MostRecords = 20_000;
    private const int MostChanges = 1000;

    private readonly ImmutableList<Change> _changes;
    private readonly int _records;

    /// <summary>Nothing known but the version itself, and its signed form if it has one.</summary>
    public ZoneChain(Zone latest, SignedZoneContent? signed) => (Latest, Signed, _changes) = (latest, signed, []);

    private ZoneChain(Zone latest, SignedZoneContent? signed, ImmutableList<Change> changes, int records) =>
        (Latest, Signed, _changes, _records) = (latest, signed, changes, records);

    /// <summary>The version at which the chain ends.</summary>
    public Zone Latest { get; }

    /// <summary>How that version goes out; null when it is not signed.</summary>
    public SignedZoneContent? Signed { get; }

    /// <summary>The chain with one more version, or a new one where that does not follow.</summary>
    public ZoneChain Then(Zone? before, Zone after, SignedZoneContent? signed)
    {
        if (!ReferenceEquals(before, Latest) || !SerialArithmetic.IsNewer(after.Serial, Latest.Serial) || (Signed is null) != (signed is null))
        {
            // The same serial with other bytes cannot be told apart by anybody; a serial that goes back begins anew.
            return new ZoneChain(after, signed);
        }

        var change = new Change(Latest.Serial, signed is null ? ZoneDifference.Between(Latest, after) : SignedZoneContent.Between(Signed!, signed));
        var (changes, records) = (_changes.Add(change), _records + change.Size);
        while (changes.Count > 0 && (records > MostRecords || changes.Count > MostChanges))
        {
            records -= changes[0].Size;
            changes = changes.RemoveAt(0);
        }

        return new ZoneChain(after, signed, changes, records);
    }

    /// <summary>All that changed since a serial as one change (RFC 1995 §5 allows to condense); null when that is not known.</summary>
    public ZoneDifference? Since(uint serial)
    {
        var first = _changes.FindIndex(change => change.From == serial);
        if (first < 0)
        {
            return null;
        }

        if (first == _changes.Count - 1)
        {
            return _changes[first].Difference;
        }

        var removed = new OrderedDictionary<(Name, RecordType, uint, RData), ResourceRecord>();
        var added = new OrderedDictionary<(Name, RecordType, uint, RData), ResourceRecord>();
        foreach (var change in _changes.Skip(first))
        {
            Fold(change.Difference.Removed, from: added, to: removed);
            Fold(change.Difference.Added, from: removed, to: added);
        }

        return new ZoneDifference(SoaFirst(removed.Values), SoaFirst(added.Values));
    }

    // What came and went in between never was, as far as the reader is concerned.
    private static void Fold(
        ImmutableArray<ResourceRecord> records,
        OrderedDictionary<(Name, RecordType, uint, RData), ResourceRecord> from,
        OrderedDictionary<(Name, RecordType, uint, RData), ResourceRecord> to)
    {
        foreach (var record in records)
        {
            var content = (record.Owner, record.Type, record.Ttl, record.Data);
            if (!from.Remove(content))
            {
                to[content] = record;
            }
        }
    }

    private static ImmutableArray<ResourceRecord> SoaFirst(IEnumerable<ResourceRecord> records) => [.. records.OrderBy(record => record.Type != RecordType.SOA)];

    private sealed record Change(uint From, ZoneDifference Difference)
    {
        public int Size => Difference.Removed.Length + Difference.Added.Length;
    }
}
