using System.Buffers.Text;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace Edge.Acme;

/// <summary>What has to be shown so that a CA believes we control a name.</summary>
public sealed record ChallengeAnswer
{
    /// <summary>One of <see cref="ChallengeType"/>.</summary>
    public required string Type { get; init; }

    /// <summary>The name without "*.", or the address.</summary>
    public required AcmeIdentifier Identifier { get; init; }

    /// <summary>Whether the order asks for the wildcard of the name.</summary>
    public bool Wildcard { get; init; }

    /// <summary>Empty for types that have none.</summary>
    public string Token { get; init; } = "";

    /// <summary>RFC 8555 §8.1; empty for types without a token.</summary>
    public string KeyAuthorization { get; init; } = "";

    /// <summary>Our account at the CA.</summary>
    public required Uri Account { get; init; }

    /// <summary>dns-persist-01: the names by which the CA may be called in the record.</summary>
    public ImmutableArray<string> IssuerDomainNames { get; init; } = [];

    /// <summary>What tls-alpn-01 shows (RFC 8737 §3) and dns-01 writes in base64url (RFC 8555 §8.4).</summary>
    public byte[] Digest() => SHA256.HashData(Encoding.ASCII.GetBytes(KeyAuthorization));

    /// <summary>The text of the TXT record of dns-01: 43 characters.</summary>
    public string DnsText() => Base64Url.EncodeToString(Digest());
}
