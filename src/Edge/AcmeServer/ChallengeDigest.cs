using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Edge.AcmeServer;

/// <summary>The digest of a key authorization, which dns-01 and tls-alpn-01 show (RFC 8555 §8.4, RFC 8737 §3).</summary>
internal static class ChallengeDigest
{
    public static byte[] Of(string authorization) => SHA256.HashData(Encoding.ASCII.GetBytes(authorization));

    public static string Text(string authorization) => Base64Url.EncodeToString(Of(authorization));
}
