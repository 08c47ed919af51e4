using Edge.Dns.Wire;

namespace Edge.Dns.Zones;

/// <summary>The records of one zone by owner, with the questions that checks and merging ask about names.</summary>
internal sealed class ZoneIndex
{
    private readonly Dictionary<Name, List<ResourceRecord>> _byOwner = [];
    private readonly HashSet<Name> _names = [];
    private readonly Name _origin;

    public ZoneIndex(Name origin, IEnumerable<ResourceRecord> records)
    {
        _origin = origin;
        foreach (var record in records)
        {
            Add(record);
        }
    }

    /// <summary>Every owner with its records.</summary>
    public IReadOnlyDictionary<Name, List<ResourceRecord>> Owners => _byOwner;

    /// <summary>Adds one record.</summary>
    public void Add(ResourceRecord record)
    {
        if (!_byOwner.TryGetValue(record.Owner, out var records))
        {
            _byOwner.Add(record.Owner, records = []);
            for (var name = record.Owner; name is not null && name.IsAtOrBelow(_origin) && _names.Add(name); name = name.Parent)
            {
            }
        }

        records.Add(record);
    }

    /// <summary>The records of an owner; empty when it has none.</summary>
    public IReadOnlyList<ResourceRecord> At(Name owner) => _byOwner.TryGetValue(owner, out var records) ? records : [];

    /// <summary>Whether an owner has a record of the type.</summary>
    public bool Has(Name owner, RecordType type) => _byOwner.TryGetValue(owner, out var records) && records.Exists(record => record.Type == type);

    /// <summary>
    /// The highest name strictly above this one that hands the names below it away: a delegation (NS below the apex,
    /// RFC 1034 §4.2.1) or a DNAME (RFC 6672 §2.3); null when this zone answers for the name itself.
    /// </summary>
    public Name? CutAbove(Name name)
    {
        Name? cut = null;
        for (var above = name.Parent; above is not null && above.IsAtOrBelow(_origin); above = above.Parent)
        {
            if (IsDelegation(above) || Has(above, RecordType.DNAME))
            {
                cut = above;
            }
        }

        return cut;
    }

    /// <summary>Whether the name is a delegation point of this zone.</summary>
    public bool IsDelegation(Name name) => name != _origin && Has(name, RecordType.NS);

    /// <summary>What a query for the name is answered from: its own records, or those of the wildcard that covers it (RFC 4592 §3.3.1).</summary>
    public IReadOnlyList<ResourceRecord> Answering(Name name)
    {
        if (_names.Contains(name))
        {
            return At(name);
        }

        var encloser = name.Parent;
        while (encloser is not null && !_names.Contains(encloser))
        {
            encloser = encloser.Parent;
        }

        return encloser is null || encloser.Wire.Length + 2 > Name.MaxWireLength ? [] : At(encloser.Prepend("*"u8));
    }
}
