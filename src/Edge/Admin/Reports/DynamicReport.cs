namespace Edge.Admin.Reports;

/// <summary>A name whose addresses a client sends.</summary>
/// <param name="Host">The name.</param>
/// <param name="IPv4">Its IPv4 address.</param>
/// <param name="IPv6">Its IPv6 address.</param>
/// <param name="Token">Whose it is.</param>
/// <param name="Expose">"lan" or "everywhere".</param>
/// <param name="Changed">When the addresses were others.</param>
/// <param name="Hindrance">Why these are not answered; null when they are.</param>
/// <param name="Ends">When the name ends unless it is sent again; null for never.</param>
/// <param name="Challenges">How many answers to challenges of a CA stand below it.</param>
internal sealed record DynamicReport(string Host, string? IPv4, string? IPv6, string Token, string Expose, DateTimeOffset Changed, string? Hindrance, DateTimeOffset? Ends, int Challenges);
