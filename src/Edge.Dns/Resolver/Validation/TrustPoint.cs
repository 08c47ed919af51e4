using System.Collections.Immutable;
using System.Security.Cryptography;
using Edge.Dns.Wire;

namespace Edge.Dns.Resolver.Validation;

/// <summary>A zone whose keys are known without asking its parent.</summary>
/// <param name="Zone">The zone.</param>
/// <param name="Signers">DS data of its keys.</param>
/// <param name="Keys">DNSKEY data of its keys.</param>
internal sealed record TrustPoint(Name Zone, ImmutableArray<RData> Signers, ImmutableArray<RData> Keys)
{
    /// <summary>Tells these anchors from any others of the zone, in whatever order they are written; in hexadecimal digits.</summary>
    public string Digest()
    {
        var lines = Signers.Select(data => $"DS {Convert.ToHexString(data.Wire)}").Concat(Keys.Select(data => $"DNSKEY {Convert.ToHexString(data.Wire)}"))
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
        return Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(string.Join('\n', lines))));
    }
}
