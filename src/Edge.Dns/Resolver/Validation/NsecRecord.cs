using Edge.Dns.Dnssec;
using Edge.Dns.Wire;

namespace Edge.Dns.Resolver.Validation;

/// <summary>An NSEC record (RFC 4034 §4.1).</summary>
internal sealed class NsecRecord
{
    private readonly byte[] _types;

    private NsecRecord(Name owner, Name next, byte[] types) => (Owner, Next, _types) = (owner, next, types);

    public Name Owner { get; }

    public Name Next { get; }

    /// <summary>Owned by the parent's side of a delegation.</summary>
    public bool IsDelegation => Has(RecordType.NS) && !Has(RecordType.SOA);

    /// <summary>Reads one; null when the data is none.</summary>
    public static NsecRecord? Read(ResourceRecord record)
    {
        var data = record.Data.Wire;
        var length = RDataNames.NameLength(data);
        return length < 0 || !TypeBitmap.IsWhole(data[length..]) ? null
            : new NsecRecord(record.Owner, Name.FromWire(data[..length]), data[length..].ToArray());
    }

    public bool Has(RecordType type) => TypeBitmap.Contains(_types, type);

    /// <summary>Whether a name lies in the gap, with nothing of the name or below it.</summary>
    public bool Denies(Name name) => Covers(name) && !Next.IsAtOrBelow(name);

    /// <summary>Whether a name lies in the gap, and exists since there is something below it.</summary>
    public bool ShowsEmptyNonTerminal(Name name) => Covers(name) && Next.IsAtOrBelow(name);

    /// <summary>How many labels of a name in the gap exist: those it shares with one end.</summary>
    public int ClosestEncloser(Name name) => Math.Max(Shared(name, Owner), Shared(name, Next));

    private bool Covers(Name name)
    {
        // RFC 6840 §4.1: below a delegation or a DNAME this zone has nothing to say.
        if (name.IsAtOrBelow(Owner) && (IsDelegation || Has(RecordType.DNAME)))
        {
            return false;
        }

        // The last record leads back to the apex (RFC 4034 §4.1.1).
        return Owner.CompareTo(name) < 0 && (name.CompareTo(Next) < 0 || Next.CompareTo(Owner) <= 0);
    }

    private static int Shared(Name name, Name other)
    {
        var ancestor = other;
        while (!name.IsAtOrBelow(ancestor))
        {
            ancestor = ancestor.Parent!;
        }

        return ancestor.LabelCount;
    }
}
