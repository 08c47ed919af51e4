using System.Collections.Immutable;
using Edge.Dns.Wire;

namespace Edge.Dns.Resolver.Validation;

/// <summary>A zone whose keys are known without asking its parent.</summary>
/// <param name="Zone">The zone.</param>
/// <param name="Signers">DS data of its keys.</param>
/// <param name="Keys">DNSKEY data of its keys.</param>
internal sealed record TrustPoint(Name Zone, ImmutableArray<RData> Signers, ImmutableArray<RData> Keys);
