using System.Globalization;
using System.Text;
using Edge.Dns.Zones;
using Edge.Dns.Wire;

namespace Edge.Dns.Signing.Keys;

/// <summary>The two files of a key in the form that BIND's and Knot's tools read: the DNSKEY record, and the secret.</summary>
internal static class KeyFileText
{
    /// <summary>What both files are called before their endings: "Kexample.com.+013+12345".</summary>
    public static string BaseName(ZoneKey key) => string.Create(
        CultureInfo.InvariantCulture, $"K{FolderName(key.Origin)}+{(int)key.Algorithm:000}+{key.Tag:00000}");

    /// <summary>A zone's name as a file name: lower case, and what a path would misread as %XX.</summary>
    public static string FolderName(Name origin)
    {
        var text = new StringBuilder();
        foreach (var c in origin.ToString().ToLowerInvariant())
        {
            if (char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_')
            {
                text.Append(c);
            }
            else
            {
                text.Append(CultureInfo.InvariantCulture, $"%{(int)c:X2}");
            }
        }

        return text.ToString();
    }

    /// <summary>The ".key" file: the record as the zone has it.</summary>
    public static string Public(ZoneKey key, uint ttl) => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        ; {key.Role.ToString().ToUpperInvariant()} of {key.Origin} with the key tag {key.Tag}. DS for the parent:
        ; {key.Origin} IN DS {RecordText.FormatData(RecordType.DS, key.DelegationSigner())}
        {RecordText.Format(new ResourceRecord(key.Origin, RecordType.DNSKEY, ttl, key.Dnskey))}

        """);

    /// <summary>The ".private" file.</summary>
    public static string Private(ZoneKey key) => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        Private-key-format: v1.3
        Algorithm: {(int)key.Algorithm} ({(key.Algorithm == SigningAlgorithm.Ed25519 ? "ED25519" : "ECDSAP256SHA256")})
        PrivateKey: {Convert.ToBase64String(key.Secret.Secret)}

        """);

    /// <summary>Reads the secret of a ".private" file.</summary>
    /// <exception cref="FormatException">It is none, or of an algorithm that is not signed with here.</exception>
    public static PrivateKey ReadPrivate(string text)
    {
        var fields = text.Split('\n')
            .Select(line => line.Split(':', 2, StringSplitOptions.TrimEntries))
            .Where(parts => parts.Length == 2)
            .GroupBy(parts => parts[0], StringComparer.OrdinalIgnoreCase)
            .ToDictionary(group => group.Key, group => group.First()[1], StringComparer.OrdinalIgnoreCase);
        if (!fields.TryGetValue("Algorithm", out var algorithm) || !fields.TryGetValue("PrivateKey", out var secret))
        {
            throw new FormatException("it has no line \"Algorithm:\" or none \"PrivateKey:\"");
        }

        var number = algorithm.Split(' ')[0];
        return number switch
        {
            "13" => PrivateKey.FromSecret(SigningAlgorithm.EcdsaP256Sha256, Convert.FromBase64String(secret)),
            "15" => PrivateKey.FromSecret(SigningAlgorithm.Ed25519, Convert.FromBase64String(secret)),
            _ => throw new FormatException($"its algorithm is {number}; Edge signs with 13 (ECDSA P-256) and 15 (Ed25519)"),
        };
    }
}
