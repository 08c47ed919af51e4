namespace Edge.Dns.Zones.RecordData;

/// <summary>Words that stand for numbers in a field (RFC 4034 appendix A.1, RFC 4398 §2.1).</summary>
/// <param name="written">True when output uses the words as well; otherwise they are only understood.</param>
/// <param name="words">Each number and its word.</param>
internal sealed class NumberWords(bool written, params (uint Value, string Word)[] words)
{
    private static readonly (uint, string)[] Algorithms =
    [
        (1, "RSAMD5"), (2, "DH"), (3, "DSA"), (5, "RSASHA1"), (6, "NSEC3DSA"), (7, "NSEC3RSASHA1"), (8, "RSASHA256"), (10, "RSASHA512"),
        (12, "ECCGOST"), (13, "ECDSAP256SHA256"), (14, "ECDSAP384SHA384"), (15, "ED25519"), (16, "ED448"),
        (252, "INDIRECT"), (253, "PRIVATEDNS"), (254, "PRIVATEOID"),
    ];

    /// <summary>DNSSEC algorithms where the field is printed as a number: DS, DNSKEY.</summary>
    public static readonly NumberWords Algorithm = new(false, Algorithms);

    /// <summary>DNSSEC algorithms in CERT, which prints them as words.</summary>
    public static readonly NumberWords CertificateAlgorithm = new(true, Algorithms);

    /// <summary>Certificate types of CERT (RFC 4398 §2.1).</summary>
    public static readonly NumberWords CertificateType = new(
        true, (1, "PKIX"), (2, "SPKI"), (3, "PGP"), (4, "IPKIX"), (5, "ISPKI"), (6, "IPGP"), (7, "ACPKIX"), (8, "IACPKIX"), (253, "URI"), (254, "OID"));

    public bool TryParse(string text, out uint value)
    {
        foreach (var (number, word) in words)
        {
            if (word.Equals(text, StringComparison.OrdinalIgnoreCase))
            {
                value = number;
                return true;
            }
        }

        value = 0;
        return false;
    }

    public string? Format(uint value) => written ? Array.Find(words, pair => pair.Value == value).Word : null;
}
