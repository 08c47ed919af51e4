namespace Edge.Acme;

/// <summary>A certificate was not obtained for a reason on our side, or the CA gave one that must not be used.</summary>
/// <param name="message">What is wrong, for a person.</param>
public sealed class IssuanceException(string message) : Exception(message)
{
    /// <summary>Whether the CA made a certificate all the same, which counts at its limits.</summary>
    public bool Issued { get; init; }

    /// <summary>Whether something else answered where the CA should have.</summary>
    internal bool IsAstray { get; init; }

    /// <summary>Whether the same order may still come to a good end, so that it is kept.</summary>
    public bool Passes { get; init; }
}
