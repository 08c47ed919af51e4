using System.Collections.Immutable;

namespace Edge.Dns.Filtering;

/// <summary>What became of the lines of a list.</summary>
/// <param name="Rules">Rules in use.</param>
/// <param name="NotForNames">Lines that are about pages and not about names.</param>
/// <param name="Unusable">Lines that are junk, or that this server cannot do.</param>
/// <param name="Problems">The first of those, each with its line.</param>
public sealed record ListSummary(int Rules, int NotForNames, int Unusable, ImmutableArray<string> Problems)
{
    /// <summary>A list with nothing in it.</summary>
    public static readonly ListSummary Empty = new(0, 0, 0, []);
}
