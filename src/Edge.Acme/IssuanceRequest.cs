using System.Collections.Immutable;
using System.Security.Cryptography.X509Certificates;

namespace Edge.Acme;

/// <summary>A certificate to be obtained.</summary>
/// <param name="Names">DNS names, wildcards allowed, and addresses; the first gives the journal its name.</param>
internal sealed record IssuanceRequest(ImmutableArray<string> Names)
{
    /// <summary>The certificate of the same CA that the new one takes the place of.</summary>
    public X509Certificate2? Held { get; init; }

    /// <summary>Which of the ways to prove a name comes first, and is the only one that the CA is told of, as often as it went wrong so far; null: one after the other, in one go.</summary>
    public int? Turn { get; init; }

    /// <summary>Whether the order says what it replaces (RFC 9773 §5).</summary>
    public bool SayReplaces { get; init; } = true;
}
