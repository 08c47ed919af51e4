using System.Security.Cryptography;

namespace Edge.Dns.Signing.Keys;

/// <summary>A P-256 key of the base library.</summary>
internal sealed class EcdsaPrivateKey : PrivateKey
{
    private readonly byte[] _publicKey;
    private readonly byte[] _secret;

    // The base library promises thread safety for no instance; each thread that signs has its own.
    private readonly ThreadLocal<ECDsa> _signers;

    private EcdsaPrivateKey(ECParameters parameters)
    {
        _publicKey = [.. parameters.Q.X!, .. parameters.Q.Y!];
        _secret = parameters.D!;
        _signers = new ThreadLocal<ECDsa>(() => ECDsa.Create(parameters));
    }

    public override SigningAlgorithm Algorithm => SigningAlgorithm.EcdsaP256Sha256;

    public override ReadOnlySpan<byte> PublicKey => _publicKey;

    public override ReadOnlySpan<byte> Secret => _secret;

    public static EcdsaPrivateKey Create()
    {
        using var made = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new EcdsaPrivateKey(made.ExportParameters(includePrivateParameters: true));
    }

    public static EcdsaPrivateKey FromSecret(ReadOnlySpan<byte> secret)
    {
        try
        {
            // The public half follows from the secret.
            using var read = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = secret.ToArray() });
            return new EcdsaPrivateKey(read.ExportParameters(includePrivateParameters: true));
        }
        catch (CryptographicException wrong)
        {
            throw new FormatException($"the secret is none of a P-256 key: {wrong.Message}", wrong);
        }
    }

    // RFC 6605 §4: the two numbers of the signature, 32 bytes each.
    public override byte[] Sign(ReadOnlySpan<byte> data) =>
        _signers.Value!.SignData(data, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
}
