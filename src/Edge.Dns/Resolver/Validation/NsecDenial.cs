using Edge.Dns.Wire;

namespace Edge.Dns.Resolver.Validation;

/// <summary>Denial by NSEC records (RFC 4035 §5.4).</summary>
internal sealed class NsecDenial(IReadOnlyList<NsecRecord> records) : Denial
{
    public override Proof NoName(Name name)
    {
        // RFC 9824 §3.1: the record made for the name itself says that there is none.
        if (Match(name)?.Has(RecordType.NXNAME) == true)
        {
            return Proof.Complete;
        }

        return TryDeny(name, out var wildcard) && (wildcard is null || records.Any(record => record.Denies(wildcard))) ? Proof.Complete : Proof.Missing;
    }

    public override Proof NoType(Name name, RecordType type)
    {
        if (Match(name) is { } own)
        {
            return Lacks(own, type, name.IsRoot) ? Proof.Complete : Proof.Missing;
        }

        if (records.Any(record => record.ShowsEmptyNonTerminal(name)))
        {
            return Proof.Complete;
        }

        return TryDeny(name, out var wildcard) && wildcard is not null && Match(wildcard) is { } wild && Lacks(wild, type, isRoot: false)
            ? Proof.Complete
            : Proof.Missing;
    }

    public override Proof NoCloserMatch(Name name, int labels)
    {
        var closer = Suffix(name, labels + 1);
        return records.Any(record => record.Denies(closer)) ? Proof.Complete : Proof.Missing;
    }

    public override CutProof Cut(Name name)
    {
        if (Match(name) is { } own)
        {
            // With SOA it is the child's own record, which says nothing about its DS (RFC 6840 §4.4).
            return own.Has(RecordType.DS) || own.Has(RecordType.SOA) ? CutProof.Missing : own.Has(RecordType.NS) ? CutProof.Unsigned
                : own.Has(RecordType.NXNAME) ? CutProof.NoName : CutProof.NoCut;
        }

        return records.Any(record => record.ShowsEmptyNonTerminal(name)) ? CutProof.NoCut
            : records.Any(record => record.Denies(name)) ? CutProof.NoName
            : CutProof.Missing;
    }

    /// <summary>The wildcard that would stand for a name that a record denies: the one at its closest encloser (RFC 4592 §3.3.1).</summary>
    public static Name? WildcardAbove(Name name, NsecRecord denying) => WildcardBelow(Suffix(name, denying.ClosestEncloser(name)));

    private static bool Lacks(NsecRecord record, RecordType type, bool isRoot)
    {
        // RFC 6840 §4.1: of the parent's side only the DS can be denied, and of the child's side all but the DS.
        var isRightSide = type == RecordType.DS ? isRoot || !record.Has(RecordType.SOA) : !record.IsDelegation;
        return isRightSide && !record.Has(type) && !record.Has(RecordType.CNAME);
    }

    private bool TryDeny(Name name, out Name? wildcard)
    {
        var denying = records.FirstOrDefault(record => record.Denies(name));
        wildcard = denying is null ? null : WildcardAbove(name, denying);
        return denying is not null;
    }

    private NsecRecord? Match(Name name) => records.FirstOrDefault(record => record.Owner == name);
}
