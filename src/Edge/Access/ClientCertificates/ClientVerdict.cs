namespace Edge.Access.ClientCertificates;

/// <summary>What was found about a client's certificate.</summary>
/// <param name="Refusal">Why it does not let its owner in, to be told to them; null when it does.</param>
/// <param name="Until">From when on it has to be looked at again.</param>
internal sealed record ClientVerdict(string? Refusal, DateTimeOffset Until)
{
    /// <summary>The certificate that was taken back, for the log; null when that is not the reason.</summary>
    public string? Revoked { get; init; }
}
