using System.Collections.Immutable;
using Edge.Dns.Wire;

namespace Edge.Dns.Resolver.Validation;

/// <summary>How answers are validated. Every default is meant to be kept.</summary>
public sealed record ValidationOptions
{
    /// <summary>Where chains of trust begin: DS and DNSKEY records, of the root and of private zones.</summary>
    public ImmutableArray<ResourceRecord> Anchors { get; init; } = RootAnchors.Records;

    /// <summary>Names below which nothing is validated.</summary>
    public ImmutableArray<NegativeAnchor> Negative { get; init; } = [];

    /// <summary>Where the state of the anchors' keys is kept as they are exchanged (RFC 5011); null follows no exchange.</summary>
    public string? StateFile { get; init; }

    /// <summary>Whether what was proven once answers for other names that the proof holds for as well (RFC 8198).</summary>
    public bool AggressiveDenial { get; init; } = true;

    /// <summary>Zones whose keys, or whose lack of keys, are remembered.</summary>
    public int MaxZones { get; init; } = 16_384;

    /// <summary>Proofs of denial that are remembered for other names; each takes less than a kilobyte.</summary>
    public int MaxProofs { get; init; } = 8192;

    /// <summary>How long keys are looked for, however short the patience of whoever asked first.</summary>
    public TimeSpan KeyTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Options that say the same are the same: what was learned with them stays when settings are read anew.</summary>
    public bool Equals(ValidationOptions? other) => other is not null && Anchors.SequenceEqual(other.Anchors) && Negative.SequenceEqual(other.Negative)
        && (StateFile, AggressiveDenial, MaxZones, MaxProofs, KeyTimeout) == (other.StateFile, other.AggressiveDenial, other.MaxZones, other.MaxProofs, other.KeyTimeout);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Anchors.Length, Negative.Length, StateFile, KeyTimeout);
}
