using System.Security.Cryptography;
using System.Text;

namespace Edge.Certificates;

/// <summary>The label of an account (draft-ietf-acme-dns-account-label): "_" and the first ten bytes of its URL's SHA-256 in base32 (RFC 4648 §6), in lower case.</summary>
internal static class AccountLabel
{
    private const string Digits = "abcdefghijklmnopqrstuvwxyz234567";
    private const int Bytes = 10;
    private const int DigitBits = 5;

    /// <param name="account">As the CA wrote it, byte for byte.</param>
    public static string Of(Uri account)
    {
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes(account.OriginalString)).AsSpan(0, Bytes);
        var label = new StringBuilder("_");
        var (held, bits) = (0, 0);
        foreach (var one in digest)
        {
            (held, bits) = ((held << 8) | one, bits + 8);
            for (; bits >= DigitBits; bits -= DigitBits)
            {
                label.Append(Digits[(held >> (bits - DigitBits)) & 31]);
            }

            held &= (1 << bits) - 1;
        }

        return label.ToString();
    }
}
