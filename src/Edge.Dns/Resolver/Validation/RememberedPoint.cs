using System.Collections.Immutable;

namespace Edge.Dns.Resolver.Validation;

/// <summary>What the state file says of a zone.</summary>
/// <param name="Origin">The digest of the anchors that its keys descend from; empty when the file does not say.</param>
/// <param name="Keys">The keys seen.</param>
internal sealed record RememberedPoint(string Origin, ImmutableArray<AnchorKey> Keys)
{
    /// <summary>Nothing.</summary>
    public static readonly RememberedPoint None = new("", []);
}
