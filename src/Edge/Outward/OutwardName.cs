using System.Net;
using Edge.Dns.Tsig;

namespace Edge.Outward;

/// <summary>One entry of <c>outward</c>: a name that somebody else serves, and how it gets the address of this box. Secrets stand in files, never here.</summary>
/// <param name="Host">The name, lower case, without a trailing dot.</param>
/// <param name="Kind">How it is changed.</param>
/// <param name="SecretFile">The file with the password, token or key, a full path.</param>
internal sealed record OutwardName(string Host, OutwardKind Kind, string SecretFile)
{
    /// <summary>Where dyndns2 or an API is.</summary>
    public Uri? Url { get; init; }

    /// <summary>The server that takes updates of DNS.</summary>
    public IPEndPoint? Server { get; init; }

    /// <summary>The zone that the name lies in.</summary>
    public required string Zone { get; init; }

    /// <summary>The name of the user or of the key.</summary>
    public string User { get; init; } = "";

    /// <summary>How updates of DNS are signed.</summary>
    public TsigAlgorithm Algorithm { get; init; } = TsigAlgorithm.HmacSha256;

    /// <summary>Whether the name gets IPv4 addresses; if not, those that it has are let alone.</summary>
    public bool HasIPv4 { get; init; } = true;

    /// <summary>The same for IPv6.</summary>
    public bool HasIPv6 { get; init; } = true;

    /// <summary>The addresses that it always has; null for those by which this box is reached now.</summary>
    public PushedAddresses? Fixed { get; init; }

    /// <summary>Where the name is changed, whoever signs: the same text for as long as it is the same place.</summary>
    public string Provider => $"{Kind} {Url?.AbsoluteUri ?? Server?.ToString()} {Zone}";

    /// <summary>What is wrong with a secret, as far as it shows; null for nothing.</summary>
    public string? ProblemOf(string secret) => secret.Length == 0 ? $"{SecretFile} is empty"
        : Kind == OutwardKind.Rfc2136 && OutwardSecret.Key(secret) is null ? $"{SecretFile} does not hold a secret in base64, as dig, BIND and Knot write it"
        : null;
}
