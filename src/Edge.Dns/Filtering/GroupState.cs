using System.Collections.Immutable;
using Edge.Dns.Wire;

namespace Edge.Dns.Filtering;

/// <summary>A group as the query path needs it: its sources as bits, and what its clients are told.</summary>
internal sealed class GroupState
{
    private readonly byte[] _allBlocked;
    private readonly byte[][] _reasons;

    /// <param name="group">The group.</param>
    /// <param name="sources">All sources.</param>
    /// <param name="forAll">
    /// The sources that count for everybody. What somebody chose for this group's clients besides is filtered and not blocked (RFC 8914 §4.18).
    /// </param>
    public GroupState(FilterGroup group, ImmutableArray<FilterSource> sources, ImmutableArray<int> forAll)
    {
        BlocksAll = group.BlocksAll;
        foreach (var source in group.Sources)
        {
            var bit = UInt128.One << source;
            Active |= bit;
            OwnMask |= sources[source].Tier == FilterTier.Group ? bit : 0;
            SettingsMask |= sources[source].Tier == FilterTier.Settings ? bit : 0;
            ListMask |= sources[source].Tier == FilterTier.List ? bit : 0;
        }

        _allBlocked = Option(ExtendedErrorCode.Filtered, $"group {group.Name}: not at this hour");
        _reasons = [.. sources.Select((source, number) => Option(
            source.Tier == FilterTier.Settings || forAll.Contains(number) ? ExtendedErrorCode.Blocked : ExtendedErrorCode.Filtered,
            source.Tier == FilterTier.List ? $"list {source.Name}" : source.Name))];
    }

    public bool BlocksAll { get; }

    public UInt128 Active { get; }

    public UInt128 OwnMask { get; }

    public UInt128 SettingsMask { get; }

    public UInt128 ListMask { get; }

    public ReadOnlySpan<byte> ReasonOf(int source) => source < 0 ? _allBlocked : _reasons[source];

    private static byte[] Option(ExtendedErrorCode code, string text)
    {
        var option = EdnsOption.ExtendedError(code, text);
        return [(byte)(option.Code >> 8), (byte)option.Code, (byte)(option.Data.Length >> 8), (byte)option.Data.Length, .. option.Data.Span];
    }
}
