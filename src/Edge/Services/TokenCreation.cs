namespace Edge.Services;

/// <summary>The outcome of making a token.</summary>
/// <param name="Secret">The secret, shown this once and never stored; null when none was made.</param>
/// <param name="Problem">Why none was made.</param>
internal sealed record TokenCreation(string? Secret, string? Problem)
{
    /// <summary>The secret of its key for updates of DNS, in base64, shown this once; null when it has none.</summary>
    public string? Key { get; init; }
}
