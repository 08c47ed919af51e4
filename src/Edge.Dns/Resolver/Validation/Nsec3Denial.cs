using Edge.Dns.Dnssec;
using Edge.Dns.Wire;

namespace Edge.Dns.Resolver.Validation;

/// <summary>Denial by NSEC3 records (RFC 5155 §8).</summary>
internal class Nsec3Denial : Denial
{
    private readonly List<Nsec3Record> _records;
    private readonly Name _zone;
    private readonly ValidationBudget _budget;
    private readonly Dictionary<Name, byte[]> _hashes = [];

    /// <param name="records">The records; those of another chain than the first are left out.</param>
    /// <param name="zone">Their zone.</param>
    /// <param name="budget">What hashing may cost.</param>
    public Nsec3Denial(List<Nsec3Record> records, Name zone, ValidationBudget budget)
    {
        _records = records.FindAll(records[0].IsOfSameChain);
        _zone = zone;
        _budget = budget;
    }

    // §8.4.
    public override Proof NoName(Name name) =>
        TryEnclose(name, out var encloser, out var gap) && gap is not null && (WildcardBelow(encloser!) is not { } wildcard || Cover(wildcard) is not null)
            ? Of(gap)
            : Proof.Missing;

    // §8.5 to §8.7.
    public override Proof NoType(Name name, RecordType type)
    {
        if (Match(name) is { } own)
        {
            return Lacks(own, type, name.IsRoot) ? Proof.Complete : Proof.Missing;
        }

        if (!TryEnclose(name, out var encloser, out var gap) || gap is null)
        {
            return Proof.Missing;
        }

        if (WildcardBelow(encloser!) is { } wildcard && Match(wildcard) is { } wild)
        {
            return Lacks(wild, type, isRoot: false) ? Of(gap) : Proof.Missing;
        }

        // §8.6: the DS of a delegation that the chain leaves out; and empty non-terminals above such ones.
        return gap.IsOptOut ? Proof.OptOut : Proof.Missing;
    }

    // §8.8: the closest encloser follows from the wildcard and needs no record.
    public override Proof NoCloserMatch(Name name, int labels) => Cover(Suffix(name, labels + 1)) is { } gap ? Of(gap) : Proof.Missing;

    public override CutProof Cut(Name name)
    {
        if (Match(name) is { } own)
        {
            return own.Has(RecordType.DS) || own.Has(RecordType.SOA) ? CutProof.Missing : own.Has(RecordType.NS) ? CutProof.Unsigned : CutProof.NoCut;
        }

        return !TryEnclose(name, out _, out var gap) || gap is null ? CutProof.Missing : gap.IsOptOut ? CutProof.Unsigned : CutProof.NoName;
    }

    private static Proof Of(Nsec3Record gap) => gap.IsOptOut ? Proof.OptOut : Proof.Complete;

    private static bool Lacks(Nsec3Record record, RecordType type, bool isRoot)
    {
        // RFC 6840 §4.1, as with NSEC.
        var isRightSide = type == RecordType.DS ? isRoot || !record.Has(RecordType.SOA) : !record.IsDelegation;
        return isRightSide && !record.Has(type) && !record.Has(RecordType.CNAME);
    }

    // §8.3: the nearest ancestor with a record of its own, and the gap that the next closer name lies in.
    private bool TryEnclose(Name name, out Name? encloser, out Nsec3Record? gap)
    {
        gap = null;
        var closer = name;
        for (encloser = name.Parent; encloser is not null && encloser.IsAtOrBelow(_zone); encloser = encloser.Parent)
        {
            if (Match(encloser) is { } match)
            {
                gap = Cover(closer);
                return !match.IsDelegation && !match.Has(RecordType.DNAME);
            }

            closer = encloser;
        }

        return false;
    }

    /// <summary>The record whose name has the hash.</summary>
    protected virtual Nsec3Record? Match(byte[] hash) => _records.Find(record => record.Hash.AsSpan().SequenceEqual(hash));

    /// <summary>The record whose gap the hash lies in.</summary>
    protected virtual Nsec3Record? Cover(byte[] hash) => _records.Find(record => record.Covers(hash));

    private Nsec3Record? Match(Name name) => HashOf(name) is { } hash ? Match(hash) : null;

    private Nsec3Record? Cover(Name name) => HashOf(name) is { } hash ? Cover(hash) : null;

    private byte[]? HashOf(Name name)
    {
        if (_hashes.TryGetValue(name, out var known))
        {
            return known;
        }

        if (!_budget.TryHash(_records[0].Iterations))
        {
            return null;
        }

        var hash = new byte[HashedOwner.Length];
        HashedOwner.Compute(name.Wire, _records[0].Salt, _records[0].Iterations, hash);
        _hashes[name] = hash;
        return hash;
    }
}
