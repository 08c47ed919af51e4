using System.Buffers.Text;
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Text;
using Edge.Tests.Certificates;

namespace Edge.Tests.AcmeServer;

/// <summary>The account key of a device: made by openssl, which signs with it too, so that nothing of Edge stands on both sides.</summary>
internal sealed class DeviceKey
{
    private readonly string _file;
    private readonly string _kind;

    private DeviceKey(string file, string kind, string jwk) => (_file, _kind, Jwk) = (file, kind, jwk);

    /// <summary>The public key with its members in the order of RFC 7638 §3.</summary>
    public string Jwk { get; }

    /// <summary>RFC 7518 §3.1, RFC 8037 §3.1.</summary>
    public string Algorithm => _kind switch { "P-256" => "ES256", "P-384" => "ES384", "Ed25519" => "EdDSA", _ => "RS256" };

    public string Thumbprint => Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(Jwk)));

    /// <param name="folder">Where the key lies.</param>
    /// <param name="kind">"P-256", "P-384", "Ed25519" or "RSA".</param>
    public static DeviceKey Create(string folder, string kind)
    {
        var file = Path.Combine(folder, Path.GetRandomFileName() + ".pem");
        string[] how = kind switch
        {
            "Ed25519" => ["-algorithm", "ed25519"],
            "RSA" => ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
            _ => ["-algorithm", "EC", "-pkeyopt", $"ec_paramgen_curve:{kind}"],
        };
        OpenSsl.Run(["genpkey", .. how, "-out", file]);
        OpenSsl.Run("pkey", "-in", file, "-pubout", "-outform", "DER", "-out", file + ".pub");
        return new DeviceKey(file, kind, Public(kind, File.ReadAllBytes(file + ".pub")));
    }

    /// <summary>RFC 8555 §6.2: exactly one of jwk and kid.</summary>
    public string Header(string? nonce, Uri url, Uri? account, string? algorithm = null) =>
        $$"""{"alg":"{{algorithm ?? Algorithm}}",{{(nonce is null ? "" : $"\"nonce\":\"{nonce}\",")}}"url":"{{url.AbsoluteUri}}",{{(account is null ? $"\"jwk\":{Jwk}" : $"\"kid\":\"{account.OriginalString}\"")}}}""";

    /// <summary>A flattened JWS (RFC 7515 §7.2.2).</summary>
    public byte[] Jws(string header, string payload)
    {
        var (encoded, body) = (Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header)), Base64Url.EncodeToString(Encoding.UTF8.GetBytes(payload)));
        var signature = Base64Url.EncodeToString(Sign(Encoding.ASCII.GetBytes($"{encoded}.{body}")));
        return Encoding.ASCII.GetBytes($$"""{"protected":"{{encoded}}","payload":"{{body}}","signature":"{{signature}}"}""");
    }

    /// <summary>RFC 8555 §8.4.</summary>
    public string DnsAnswer(string token) => Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes($"{token}.{Thumbprint}")));

    private byte[] Sign(byte[] data)
    {
        var (from, to) = (_file + ".data", _file + ".sig");
        File.WriteAllBytes(from, data);
        OpenSsl.Run(_kind switch
        {
            "Ed25519" => ["pkeyutl", "-sign", "-rawin", "-inkey", _file, "-in", from, "-out", to],
            "P-384" => ["dgst", "-sha384", "-sign", _file, "-out", to, from],
            _ => ["dgst", "-sha256", "-sign", _file, "-out", to, from],
        });
        var signature = File.ReadAllBytes(to);
        return _kind is "P-256" or "P-384" ? Numbers(signature, _kind == "P-256" ? 32 : 48) : signature;
    }

    // openssl writes a sequence of two integers, JOSE wants the two beside each other (RFC 7518 §3.4).
    private static byte[] Numbers(byte[] der, int length)
    {
        var sequence = new AsnReader(der, AsnEncodingRules.DER).ReadSequence();
        return [.. sequence.ReadInteger().ToByteArray(isUnsigned: true, isBigEndian: true).Reverse().Concat(new byte[length]).Take(length).Reverse(), .. sequence.ReadInteger().ToByteArray(isUnsigned: true, isBigEndian: true).Reverse().Concat(new byte[length]).Take(length).Reverse()];
    }

    private static string Public(string kind, byte[] info)
    {
        if (kind == "RSA")
        {
            using var rsa = RSA.Create();
            rsa.ImportSubjectPublicKeyInfo(info, out _);
            var numbers = rsa.ExportParameters(false);
            return $$"""{"e":"{{Base64Url.EncodeToString(numbers.Exponent)}}","kty":"RSA","n":"{{Base64Url.EncodeToString(numbers.Modulus)}}"}""";
        }

        if (kind == "Ed25519")
        {
            return $$"""{"crv":"Ed25519","kty":"OKP","x":"{{Base64Url.EncodeToString(info.AsSpan()[^32..])}}"}""";
        }

        var length = kind == "P-256" ? 32 : 48;
        return $$"""{"crv":"{{kind}}","kty":"EC","x":"{{Base64Url.EncodeToString(info.AsSpan()[^(2 * length)..^length])}}","y":"{{Base64Url.EncodeToString(info.AsSpan()[^length..])}}"}""";
    }
}
