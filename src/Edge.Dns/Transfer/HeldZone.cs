using System.Collections.Immutable;
using Edge.Dns.Wire;
using Edge.Dns.Zones;

namespace Edge.Dns.Transfer;

/// <summary>
/// What a secondary has of its zone: the zone as it came whole, and the RRsets that changes have left otherwise since.
/// Written by the zone's own loop only.
/// </summary>
internal sealed class HeldZone
{
    private const int LeastToCompact = 1000;

    private readonly string? _view;
    private readonly Dictionary<(Name, RecordType), ImmutableArray<ResourceRecord>> _sets;
    private readonly Dictionary<(Name, RecordType), ChangedRRset> _changed = [];

    /// <summary>Holds a zone that came whole.</summary>
    /// <param name="origin">Its apex.</param>
    /// <param name="view">The only view that sees it; null for every view.</param>
    /// <param name="records">All its records.</param>
    public HeldZone(Name origin, string? view, ImmutableArray<ResourceRecord> records)
    {
        _view = view;
        Declared = new DeclaredZone(origin, view, records);
        _sets = records.GroupBy(record => (record.Owner, record.Type)).ToDictionary(set => set.Key, set => set.ToImmutableArray());
    }

    /// <summary>The zone as it came whole, or as it was when there were too many changes.</summary>
    public DeclaredZone Declared { get; private set; }

    /// <summary>What is otherwise since.</summary>
    public ImmutableArray<ChangedRRset> Changes { get; private set; } = [];

    /// <summary>The SOA now.</summary>
    public ResourceRecord Soa => _sets[(Declared.Origin, RecordType.SOA)][0];

    /// <summary>The serial now.</summary>
    public uint Serial => SerialArithmetic.Of(Soa.Data);

    /// <summary>How many RRsets there are.</summary>
    public int Count => _sets.Count;

    /// <summary>All records now, the SOA first.</summary>
    public IEnumerable<ResourceRecord> Records => _sets[(Declared.Origin, RecordType.SOA)].Concat(_sets.Where(set => set.Key != (Declared.Origin, RecordType.SOA)).SelectMany(set => set.Value));

    /// <summary>
    /// Applies changes in their order. False when they are changes of something else: what is held is not to be used
    /// any more then, and <see cref="Declared"/> and <see cref="Changes"/> are as they were.
    /// </summary>
    public bool TryApply(IReadOnlyList<ZoneDifference> differences, RecordSource source)
    {
        var touched = new HashSet<(Name, RecordType)>();
        foreach (var difference in differences)
        {
            if (difference.Removed[0].Type != RecordType.SOA || SerialArithmetic.Of(difference.Removed[0].Data) != Serial
                || !difference.Removed.All(record => TryRemove(record, touched)))
            {
                return false;
            }

            foreach (var record in difference.Added.Where(record => record.Owner.IsAtOrBelow(Declared.Origin)))
            {
                Add(record, touched);
            }
        }

        Publish(touched, source);
        return true;
    }

    private bool TryRemove(ResourceRecord record, HashSet<(Name, RecordType)> touched)
    {
        var key = (record.Owner, record.Type);
        if (!record.Owner.IsAtOrBelow(Declared.Origin))
        {
            return true;
        }

        var set = _sets.GetValueOrDefault(key, []);
        ImmutableArray<ResourceRecord> rest = [.. set.Where(one => one.Data != record.Data)];
        if (rest.Length == set.Length)
        {
            return false;
        }

        touched.Add(key);
        _sets[key] = rest;
        if (rest.IsEmpty)
        {
            _sets.Remove(key);
        }

        return true;
    }

    private void Add(ResourceRecord record, HashSet<(Name, RecordType)> touched)
    {
        var key = (record.Owner, record.Type);
        touched.Add(key);
        var others = _sets.GetValueOrDefault(key, []).Where(one => one.Data != record.Data && record.Type != RecordType.SOA);
        _sets[key] = [.. others, record];
    }

    private void Publish(HashSet<(Name, RecordType)> touched, RecordSource source)
    {
        foreach (var (owner, type) in touched)
        {
            var set = _sets.GetValueOrDefault((owner, type), []);
            var ttl = set.IsEmpty ? 0 : set.Min(record => record.Ttl);
            _changed[(owner, type)] = new ChangedRRset(_view, owner, type, ttl, [.. set.Select(record => record.Data)], source) { Zone = Declared.Origin };
        }

        if (_changed.Count > Math.Max(LeastToCompact, _sets.Count / 4))
        {
            Declared = new DeclaredZone(Declared.Origin, _view, [.. Records]);
            _changed.Clear();
        }

        Changes = [.. _changed.Values];
    }
}
