using System.Collections.Immutable;

namespace Edge.AcmeDns;

/// <summary>One registration, as the store keeps it.</summary>
/// <param name="Subdomain">The label below the domain where its answers stand.</param>
/// <param name="User">The name it updates by.</param>
/// <param name="Hash">SHA-256 of its key, in base64: the key is 240 bits of chance, which no slower hash makes safer.</param>
/// <param name="Created">When it was made.</param>
internal sealed record AcmeDnsAccount(string Subdomain, string User, string Hash, DateTimeOffset Created)
{
    /// <summary>The networks that may update; everybody who has the key when empty.</summary>
    public ImmutableArray<string> AllowFrom { get; init; } = [];

    /// <summary>The answers, the newest first; two at most.</summary>
    public ImmutableArray<string> Texts { get; init; } = [];
}
