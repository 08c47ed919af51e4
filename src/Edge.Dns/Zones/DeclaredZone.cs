using Edge.Dns.Wire;
using Edge.Dns.Zones.Packed;

namespace Edge.Dns.Zones;

/// <summary>The records of one zone as declared, for every view or for one. Compared by identity: another declaration is another object.</summary>
public sealed class DeclaredZone
{
    private readonly Lazy<PackedZone> _packed;

    /// <summary>Declares a zone; the records are packed.</summary>
    /// <param name="origin">The zone's apex.</param>
    /// <param name="view">
    /// Null for <c>zones/ORIGIN.zone</c>: the zone itself, complete with SOA and NS. A view's name for
    /// <c>zones/VIEW/ORIGIN.zone</c>: each owner in it replaces that owner, with all its types, in that view only. Where
    /// nobody declares the zone itself and the records have its SOA, they are a whole zone of that view alone.
    /// </param>
    /// <param name="records">Its records in the order of the file, each with its line.</param>
    public DeclaredZone(Name origin, string? view, IEnumerable<ResourceRecord> records)
    {
        (Origin, View, Records) = (origin, view, PackedRecords.Of(records));
        _packed = new Lazy<PackedZone>(() => PackedZoneBuilder.Build(Origin, Records));
    }

    /// <summary>The zone's apex.</summary>
    public Name Origin { get; }

    /// <summary>The view it is for; null for the zone itself.</summary>
    public string? View { get; }

    /// <summary>Its records in the order of the file.</summary>
    public PackedRecords Records { get; }

    /// <summary>The same by owner and type; built when first asked for.</summary>
    internal PackedZone Packed => _packed.Value;

    /// <summary>Whether it has the SOA of its origin, without which it is no zone of its own.</summary>
    internal bool HasSoa => new ZoneNode(Packed, 0).Has(RecordType.SOA);
}
