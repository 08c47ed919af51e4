namespace Edge.Dns.Resolver.Validation;

/// <summary>What validation with one set of options has learned: it stays while upstreams and other options change.</summary>
internal sealed class ValidationState(ValidationOptions options, TimeProvider time)
{
    private volatile TrustAnchorSet _anchors = TrustAnchorSet.Of(options.Anchors, options.Negative);

    public ValidationOptions Options { get; } = options;

    /// <summary>The trust anchors now.</summary>
    public TrustAnchorSet Anchors
    {
        get => _anchors;
        set => _anchors = value;
    }

    /// <summary>Zones and their keys.</summary>
    public TrustCache Zones { get; } = new(options.MaxZones, time);

    /// <summary>Proofs that answer for other names; null when they are not to.</summary>
    public ProofMemory? Proofs { get; } = options.AggressiveDenial ? new ProofMemory(options.MaxProofs, time) : null;
}
