using System.Text.Json.Serialization;

namespace Edge.DynamicDns;

/// <summary>A name with the addresses that its client sent, as the store keeps it.</summary>
/// <param name="Host">The name, lower case, without a trailing dot.</param>
/// <param name="Token">Whose it is: the name of the token it was first sent with.</param>
/// <param name="IPv4">Its IPv4 address; null for none.</param>
/// <param name="IPv6">Its IPv6 address; null for none.</param>
/// <param name="IsForLanOnly">It is answered in the view "lan" only.</param>
/// <param name="Changed">When one of these was another.</param>
internal sealed record DynamicAddress(string Host, string Token, string? IPv4, string? IPv6, bool IsForLanOnly, DateTimeOffset Changed)
{
    /// <summary>The label below which a CA looks for answers to its challenges (RFC 8555 §8.4).</summary>
    public const string ChallengeLabel = "_acme-challenge";

    /// <summary>The end of its IPv6 address, where prefixes are sent; null when whole addresses are.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Suffix { get; init; }

    /// <summary>The TXT records at its challenge label: the data of each in base64, with a space between; null for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Challenges { get; init; }

    /// <summary>When it ends by the wall clock unless it is sent again; null for never. Counts only after a restart.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? Ends { get; init; }

    /// <summary>The time that the latest sending granted at most; null for always, and for names that an older version kept.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public TimeSpan? Granted { get; init; }

    /// <summary>It says nothing any more.</summary>
    [JsonIgnore]
    public bool IsEmpty => IPv4 is null && IPv6 is null && Challenges is null && Suffix is null;

    /// <summary>The other one answers the same, whenever it ends.</summary>
    public bool AnswersAs(DynamicAddress? other) => other is not null && this with { Ends = other.Ends, Granted = other.Granted, Changed = other.Changed, Suffix = other.Suffix } == other;
}
