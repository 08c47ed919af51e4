using System.Globalization;
using Edge.Admin.Reports;
using Edge.Dns.Signing;
using Edge.Dns.Signing.Keys;
using Edge.Dns.Wire;
using Edge.Dns.Zones;

namespace Edge.Admin;

/// <summary>Keys of zones in words.</summary>
internal static class KeyWords
{
    public static ZoneKeysReport Report(ZoneKeySet? keys, Name origin, ZoneSigningOptions? options, bool served, string folder) => new(
        origin.ToString(),
        options is not null,
        served,
        options?.Denial.ToString().ToLowerInvariant(),
        folder,
        keys is null ? [] : [.. keys.Keys.Select(Report)],
        keys?.Rollover is { } rollover ? Waiting(rollover) : null);

    public static string Algorithm(SigningAlgorithm algorithm) => algorithm == SigningAlgorithm.Ed25519 ? "Ed25519 (15)" : "ECDSA P-256 (13)";

    public static string Ds(ZoneKey key) => $"{key.Origin} IN DS {RecordText.FormatData(RecordType.DS, key.DelegationSigner())}";

    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);

    private static string Waiting(Rollover rollover)
    {
        var old = string.Join(", ", rollover.OldTags);
        return rollover.Step switch
        {
            RolloverStep.Published => $"key {rollover.NewTag} is to take the place of {old}: it is in the zone, and signs from {Time(rollover.NotBefore)} at the earliest (edge zone roll)",
            RolloverStep.Announced => $"key {rollover.NewTag} has taken the place of {old}: exchange the DS at the parent, then: edge zone roll",
            _ => $"key {rollover.NewTag} has taken the place of {old}, which can be removed from {Time(rollover.NotBefore)} on (edge zone roll)",
        };
    }

    private static ZoneKeyReport Report(SigningKey key) => new(
        key.Key.Tag,
        key.Key.Role.ToString().ToLowerInvariant(),
        Algorithm(key.Key.Algorithm),
        key.Signs,
        key.Announced,
        key.Since,
        key.Key.IsEntryPoint ? Ds(key.Key) : null,
        $"{key.Key.Origin} IN DNSKEY {RecordText.FormatData(RecordType.DNSKEY, key.Key.Dnskey)}");
}
