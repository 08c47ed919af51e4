namespace Edge.Access.Oidc;

/// <summary>A provider does not answer, or not in a way that can be believed; the message says why.</summary>
internal sealed class ProviderException(string message) : Exception(message)
{
    /// <summary>It was so a moment ago, and was told then; the provider was not asked again.</summary>
    public bool IsOld { get; init; }
}
