namespace Edge.Client;

/// <summary>An answer of the registration API, or why there is none.</summary>
/// <param name="Outcome">What became of the request.</param>
/// <param name="Text">For a person: where it is served, or what is wrong.</param>
internal sealed record ApiAnswer(ApiOutcome Outcome, string Text)
{
    /// <summary>The tag of the registration (RFC 9110, section 8.8.3).</summary>
    public string? Tag { get; init; }

    /// <summary>How long Edge wants to be left alone.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>What is missing for a service that is registered but not served everywhere; empty when nothing is.</summary>
    public string Missing { get; init; } = "";
}
