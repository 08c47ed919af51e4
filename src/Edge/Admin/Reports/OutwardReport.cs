namespace Edge.Admin.Reports;

/// <summary>A name that others serve, and what became of telling them.</summary>
/// <param name="Host">The name.</param>
/// <param name="By">How it is sent.</param>
/// <param name="Wanted">The addresses that it is to have.</param>
/// <param name="Sent">Those that the other side has taken; null while none.</param>
/// <param name="State">"waiting", "sent", "unchanged", "foreign", "refused", "failed".</param>
/// <param name="Why">The reason in words.</param>
/// <param name="Looked">When the other side was asked last.</param>
/// <param name="Next">When it is asked again without a change here; null for not at all.</param>
internal sealed record OutwardReport(string Host, string By, string Wanted, string? Sent, string State, string Why, DateTimeOffset? Looked, DateTimeOffset? Next);
