using System.Security.Cryptography;
using Curve = Org.BouncyCastle.Math.EC.Rfc8032.Ed25519;

namespace Edge.Dns.Signing.Keys;

/// <summary>An Ed25519 key (RFC 8080). The base library has none; see docs/decisions/0007-ed25519.md.</summary>
internal sealed class Ed25519PrivateKey : PrivateKey
{
    private readonly byte[] _publicKey = new byte[Curve.PublicKeySize];
    private readonly byte[] _secret;

    private Ed25519PrivateKey(byte[] secret)
    {
        _secret = secret;
        Curve.GeneratePublicKey(secret, 0, _publicKey, 0);
    }

    public override SigningAlgorithm Algorithm => SigningAlgorithm.Ed25519;

    public override ReadOnlySpan<byte> PublicKey => _publicKey;

    public override ReadOnlySpan<byte> Secret => _secret;

    public static Ed25519PrivateKey Create() => new(RandomNumberGenerator.GetBytes(Curve.SecretKeySize));

    public static Ed25519PrivateKey FromSecret(ReadOnlySpan<byte> secret) => new(secret.ToArray());

    public override byte[] Sign(ReadOnlySpan<byte> data)
    {
        var signature = new byte[Curve.SignatureSize];
        var message = data.ToArray();
        Curve.Sign(_secret, 0, _publicKey, 0, message, 0, message.Length, signature, 0);
        return signature;
    }
}
