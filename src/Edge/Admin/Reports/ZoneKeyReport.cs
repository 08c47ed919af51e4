namespace Edge.Admin.Reports;

/// <summary>One key of a zone.</summary>
/// <param name="Tag">Its key tag.</param>
/// <param name="Role">csk, ksk or zsk.</param>
/// <param name="Algorithm">Its algorithm in words, and by number.</param>
/// <param name="Signs">Whether it signs the zone's data.</param>
/// <param name="Announced">Whether the parent's DS shall name it.</param>
/// <param name="Since">When it came to this.</param>
/// <param name="Ds">The DS record for the parent; null for a ZSK.</param>
/// <param name="Dnskey">The DNSKEY record.</param>
internal sealed record ZoneKeyReport(int Tag, string Role, string Algorithm, bool Signs, bool Announced, DateTimeOffset Since, string? Ds, string Dnskey);
