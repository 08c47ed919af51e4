using System.Collections.Immutable;
using Edge.Dns.Wire;
using Edge.Dns.Zones.Packed;

namespace Edge.Dns.Zones;

/// <summary>
/// The records of one zone as checks ask for them: by owner, as they were declared. Owners with nothing to check are
/// passed over without becoming objects; of a large zone these are nearly all.
/// </summary>
internal sealed class ZoneIndex
{
    private readonly Zone _zone;
    private readonly Dictionary<(Name, RecordType), Oddity> _oddities = [];
    private readonly Dictionary<Name, List<ResourceRecord>> _worthALook = [];

    /// <param name="zone">The zone.</param>
    /// <param name="oddities">Sets of it that were not declared consistently.</param>
    public ZoneIndex(Zone zone, IEnumerable<Oddity> oddities)
    {
        _zone = zone;
        foreach (var oddity in oddities)
        {
            _oddities[(oddity.Records[0].Owner, oddity.Records[0].Type)] = oddity;
        }

        var odd = _oddities.Keys.Select(key => key.Item1).ToHashSet();
        foreach (var node in zone.Nodes)
        {
            if (node.SetCount > 0 && (!IsPlain(node) || (odd.Count > 0 && odd.Contains(node.Owner))))
            {
                var owner = node.Owner;
                _worthALook.Add(owner, At(owner));
            }
        }
    }

    /// <summary>Every owner that a check may have something to say about, with its records.</summary>
    public IReadOnlyDictionary<Name, List<ResourceRecord>> Owners => _worthALook;

    /// <summary>Sets of which not every record is served.</summary>
    public IEnumerable<Oddity> TooLarge => _oddities.Values.Where(oddity => oddity.Served < oddity.Distinct);

    /// <summary>The records of an owner in the order of their lines; empty when it has none.</summary>
    public List<ResourceRecord> At(Name owner)
    {
        if (!_zone.TryFind(owner.GetHashCode(), owner.Wire, out var node))
        {
            return [];
        }

        var records = node.RRsets().SelectMany(set => _oddities.TryGetValue((owner, set.Type), out var odd) ? odd.Records : set.Records);
        return [.. records.OrderBy(record => record.Source.Line)];
    }

    /// <summary>Whether an owner has a record of the type.</summary>
    public bool Has(Name owner, RecordType type) => _zone.TryFind(owner.GetHashCode(), owner.Wire, out var node) && node.Has(type);

    /// <summary>
    /// The highest name strictly above this one that hands the names below it away: a delegation (NS below the apex,
    /// RFC 1034 §4.2.1) or a DNAME (RFC 6672 §2.3); null when this zone answers for the name itself.
    /// </summary>
    public Name? CutAbove(Name name)
    {
        Name? cut = null;
        for (var above = name.Parent; above is not null && above.IsAtOrBelow(_zone.Origin); above = above.Parent)
        {
            if (IsDelegation(above) || Has(above, RecordType.DNAME))
            {
                cut = above;
            }
        }

        return cut;
    }

    /// <summary>Whether the name is a delegation point of this zone.</summary>
    public bool IsDelegation(Name name) => name != _zone.Origin && Has(name, RecordType.NS);

    /// <summary>What a query for the name is answered from: its own records, or those of the wildcard that covers it (RFC 4592 §3.3.1).</summary>
    public List<ResourceRecord> Answering(Name name)
    {
        Name? encloser = name;
        while (encloser is not null && !_zone.TryFind(encloser.GetHashCode(), encloser.Wire, out _))
        {
            encloser = encloser.Parent;
        }

        if (encloser == name)
        {
            return At(name);
        }

        return encloser is null || encloser.Wire.Length + 2 > Name.MaxWireLength ? [] : At(encloser.Prepend("*"u8));
    }

    // Where nothing is handed away, only certain types can be wrong at all.
    private bool IsPlain(ZoneNode node)
    {
        if (_zone.HandingAway > 0 || (node.Flags & NodeFlags.Outside) != 0)
        {
            return false;
        }

        for (var i = 0; i < node.SetCount; i++)
        {
            var plain = node.TypeOf(i) switch
            {
                RecordType.A or RecordType.AAAA or RecordType.TXT or RecordType.PTR or RecordType.CAA or RecordType.TLSA or RecordType.SSHFP => true,
                RecordType.CNAME => node.SetCount == 1 && node.Set(i).Count == 1,
                _ => false,
            };
            if (!plain)
            {
                return false;
            }
        }

        return true;
    }
}
