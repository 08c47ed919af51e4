namespace Edge.AcmeDns;

/// <summary>The body of an update.</summary>
/// <param name="Subdomain">Whose answer it is.</param>
/// <param name="Txt">The answer.</param>
internal sealed record AcmeDnsUpdate(string? Subdomain, string? Txt);
