using Edge.Dns.Wire;

namespace Edge.Dns.Resolver.Validation;

/// <summary>Denial by NSEC3 records that are kept of a zone, and which of them it took.</summary>
internal sealed class RememberedDenial(ProofOrder order, Name zone, ValidationBudget budget, TimeProvider time) : Nsec3Denial([order.Any!.Nsec3!], zone, budget)
{
    public List<KeptProof> Used { get; } = [];

    protected override Nsec3Record? Match(byte[] hash) => Take(hash, record => record.Hash.AsSpan().SequenceEqual(hash));

    protected override Nsec3Record? Cover(byte[] hash) => Take(hash, record => record.Covers(hash));

    private Nsec3Record? Take(byte[] hash, Predicate<Nsec3Record> fits)
    {
        var proof = order.At(kept => kept.Nsec3!.Hash.AsSpan().SequenceCompareTo(hash));
        if (proof is null || !fits(proof.Nsec3!) || proof.Left(time) <= TimeSpan.Zero)
        {
            return null;
        }

        if (!Used.Contains(proof))
        {
            Used.Add(proof);
        }

        return proof.Nsec3;
    }
}
