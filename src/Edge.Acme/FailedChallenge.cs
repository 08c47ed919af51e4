using System.Collections.Immutable;

namespace Edge.Acme;

/// <summary>A challenge by which a name could not be proven.</summary>
/// <param name="Identifier">The name, without "*.".</param>
/// <param name="Type">The challenge.</param>
/// <param name="Wildcard">Whether the order asked for the wildcard of the name.</param>
/// <param name="Offered">The types that the CA offers for it.</param>
internal sealed record FailedChallenge(AcmeIdentifier Identifier, string Type, bool Wildcard, ImmutableArray<string> Offered);
