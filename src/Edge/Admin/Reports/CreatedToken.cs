namespace Edge.Admin.Reports;

/// <summary>A new token with its secret, which is shown this once.</summary>
/// <param name="Name">Its name, and that of its key.</param>
/// <param name="Secret">The token.</param>
/// <param name="Tsig">The secret of its key for updates of DNS (HMAC-SHA256), in base64; null when it has none.</param>
internal sealed record CreatedToken(string Name, string Secret, string? Tsig = null);
