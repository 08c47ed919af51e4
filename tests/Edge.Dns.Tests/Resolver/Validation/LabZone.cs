namespace Edge.Dns.Tests.Resolver.Validation;

/// <summary>A zone of the lab: how it is signed, and what is wrong with it.</summary>
/// <param name="Name">Its name without the last dot.</param>
/// <param name="Algorithm">The algorithm as dnssec-keygen calls it; null for an unsigned zone.</param>
internal sealed record LabZone(string Name, string? Algorithm = "ECDSAP256SHA256")
{
    /// <summary>Further arguments for dnssec-signzone.</summary>
    public string[] Sign { get; init; } = [];

    /// <summary>Keys that are in the zone; the first one's DS goes to the parent.</summary>
    public int Keys { get; init; } = 1;

    /// <summary>A digest type of the DS as dnssec-dsfromkey knows it.</summary>
    public string Digest { get; init; } = "-2";

    /// <summary>Changes the lines of the DS; null for none at all.</summary>
    public Func<string, string>? Delegation { get; init; } = static lines => lines;

    /// <summary>Changes the signed zone, one record a line.</summary>
    public Func<IEnumerable<string>, IEnumerable<string>> Spoil { get; init; } = static lines => lines;

    /// <summary>Records beside the usual ones.</summary>
    public string Text { get; init; } = "";
}
