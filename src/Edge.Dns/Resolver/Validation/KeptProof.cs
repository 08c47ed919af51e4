namespace Edge.Dns.Resolver.Validation;

/// <summary>A verified record of denial that is kept for other names.</summary>
/// <param name="Set">Its set with the signatures.</param>
/// <param name="Nsec">The record, when it is an NSEC.</param>
/// <param name="Nsec3">The record, when it is an NSEC3.</param>
/// <param name="Start">When it was learned, as the clock's timestamp.</param>
/// <param name="Lifetime">How long it holds.</param>
internal sealed record KeptProof(SignedSet Set, NsecRecord? Nsec, Nsec3Record? Nsec3, long Start, TimeSpan Lifetime)
{
    /// <summary>How long it still holds; not above zero when no longer.</summary>
    public TimeSpan Left(TimeProvider time) => Lifetime - time.GetElapsedTime(Start);
}
