using System.Collections.Immutable;

namespace Edge.PortMapping;

/// <summary>What the data folder keeps of mappings, so that the next process knows its own.</summary>
/// <param name="Nonce">What shows the router that they are ours, in hexadecimal.</param>
/// <param name="Router">Which router.</param>
/// <param name="Made">Those that were asked for and not taken back.</param>
internal sealed record KeptMappings(string Nonce, string? Router, ImmutableArray<KeptMapping> Made);
