using System.Security.Cryptography;
using Edge.Dns.Wire;

namespace Edge.Dns.Tsig;

/// <summary>A secret that two parties share, under a name that both know it by.</summary>
public sealed class TsigKey
{
    private readonly byte[] _secret;

    /// <summary>States a key.</summary>
    /// <param name="name">Its name; both sides write the same one.</param>
    /// <param name="algorithm">How signatures are made with it.</param>
    /// <param name="secret">The secret's bytes, 1 or more.</param>
    public TsigKey(Name name, TsigAlgorithm algorithm, ReadOnlySpan<byte> secret)
    {
        Name = name;
        Algorithm = algorithm;
        _secret = secret.ToArray();
    }

    /// <summary>The key's name.</summary>
    public Name Name { get; }

    /// <summary>How signatures are made with it.</summary>
    public TsigAlgorithm Algorithm { get; }

    /// <summary>Whether both have the same name, algorithm and secret.</summary>
    public bool IsSameAs(TsigKey other) =>
        Name == other.Name && Algorithm == other.Algorithm && CryptographicOperations.FixedTimeEquals(_secret, other._secret);

    /// <summary>The name only: a secret belongs into no log.</summary>
    public override string ToString() => $"key {Name}";

    internal IncrementalHash StartMac() => IncrementalHash.CreateHMAC(Algorithm.Hash, _secret);
}
