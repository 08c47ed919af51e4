using Org.BouncyCastle.Math.EC.Rfc8032;

namespace Edge.Dns.Resolver.Validation;

/// <summary>Ed25519 and Ed448 (RFC 8080). The base library has neither; see docs/decisions/0007-ed25519.md.</summary>
internal sealed class EdwardsPublicKey : PublicKey
{
    private readonly byte[] _key;
    private readonly bool _large;

    private EdwardsPublicKey(byte[] key, bool large) => (_key, _large) = (key, large);

    public static new EdwardsPublicKey? Read(byte algorithm, ReadOnlySpan<byte> key)
    {
        var large = algorithm == 16;
        return key.Length == (large ? Ed448.PublicKeySize : Ed25519.PublicKeySize) ? new EdwardsPublicKey(key.ToArray(), large) : null;
    }

    public override bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        if (signature.Length != (_large ? Ed448.SignatureSize : Ed25519.SignatureSize))
        {
            return false;
        }

        var message = data.ToArray();
        return _large
            ? Ed448.Verify(signature.ToArray(), 0, _key, 0, [], message, 0, message.Length)
            : Ed25519.Verify(signature.ToArray(), 0, _key, 0, message, 0, message.Length);
    }
}
