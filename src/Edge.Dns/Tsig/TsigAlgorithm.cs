using System.Security.Cryptography;
using Edge.Dns.Wire;

namespace Edge.Dns.Tsig;

/// <summary>How a message's signature is made from a shared secret (RFC 8945 §6). MD5 and SHA-1 are not offered.</summary>
public sealed class TsigAlgorithm
{
    /// <summary>What every peer speaks, and the default.</summary>
    public static readonly TsigAlgorithm HmacSha256 = new("hmac-sha256", HashAlgorithmName.SHA256, 32);

    private static readonly TsigAlgorithm[] All =
    [
        HmacSha256, new("hmac-sha384", HashAlgorithmName.SHA384, 48), new("hmac-sha512", HashAlgorithmName.SHA512, 64),
    ];

    private TsigAlgorithm(string text, HashAlgorithmName hash, int length)
    {
        (Text, Hash, Length) = (text, hash, length);
        Name = Name.Parse(text);
    }

    /// <summary>The algorithm as settings name it: "hmac-sha256".</summary>
    public string Text { get; }

    /// <summary>The algorithm as messages name it.</summary>
    public Name Name { get; }

    /// <summary>The hash inside.</summary>
    public HashAlgorithmName Hash { get; }

    /// <summary>Bytes of a whole signature, which is also the length of a good secret.</summary>
    public int Length { get; }

    /// <summary>Every algorithm as settings name it.</summary>
    public static IReadOnlyList<string> Texts { get; } = [.. All.Select(one => one.Text)];

    /// <summary>The algorithm of that name; null when it is not offered.</summary>
    public static TsigAlgorithm? Find(string text) => Array.Find(All, one => one.Text == text);

    /// <inheritdoc/>
    public override string ToString() => Text;
}
