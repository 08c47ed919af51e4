using System.Globalization;

namespace Edge.Dns.Zones.RecordData;

/// <summary>Keys of service parameters and their words (RFC 9460 §14.3.2 and the registry that it began).</summary>
internal static class ServiceParameterKey
{
    public const ushort Mandatory = 0;
    public const ushort Alpn = 1;
    public const ushort NoDefaultAlpn = 2;
    public const ushort Port = 3;
    public const ushort Ipv4Hint = 4;
    public const ushort Ech = 5;
    public const ushort Ipv6Hint = 6;
    public const ushort DohPath = 7;
    public const ushort Ohttp = 8;
    public const ushort TlsSupportedGroups = 9;
    public const ushort DocPath = 10;

    private static readonly string[] Words = ["mandatory", "alpn", "no-default-alpn", "port", "ipv4hint", "ech", "ipv6hint", "dohpath", "ohttp", "tls-supported-groups", "docpath"];

    public static string Format(ushort key) => key < Words.Length ? Words[key] : "key" + key.ToString(CultureInfo.InvariantCulture);

    public static bool TryParse(string word, out ushort key)
    {
        var known = Array.IndexOf(Words, word.ToLowerInvariant());
        key = (ushort)Math.Max(0, known);
        if (known >= 0)
        {
            return true;
        }

        // RFC 9460 §2.1: keyNNNNN without leading zeros; 65535 is reserved.
        return word.StartsWith("key", StringComparison.OrdinalIgnoreCase) && word.Length is > 3 and < 9 && (word[3] != '0' || word.Length == 4)
            && ushort.TryParse(word.AsSpan(3), NumberStyles.None, CultureInfo.InvariantCulture, out key) && key != ushort.MaxValue;
    }
}
