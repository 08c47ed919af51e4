namespace Edge.Admin.Reports;

/// <summary>A new token with its secret, which is shown this once.</summary>
internal sealed record CreatedToken(string Name, string Secret);
