using System.Collections.Frozen;
using System.Globalization;
using Edge.Dns.Wire;

namespace Edge.Dns.Zones.RecordData;

/// <summary>Mnemonics of record types, and TYPE123 for those without one (RFC 3597 §5).</summary>
internal static class RecordTypeText
{
    private static readonly FrozenDictionary<RecordType, string> Words =
        Enum.GetValues<RecordType>().Where(type => type != RecordType.None).ToFrozenDictionary(type => type, type => type.ToString());

    private static readonly FrozenDictionary<string, RecordType> Types =
        Words.ToFrozenDictionary(pair => pair.Value, pair => pair.Key, StringComparer.OrdinalIgnoreCase);

    public static string Format(RecordType type) =>
        Words.TryGetValue(type, out var word) ? word : "TYPE" + ((ushort)type).ToString(CultureInfo.InvariantCulture);

    public static bool TryParse(string text, out RecordType type)
    {
        if (Types.TryGetValue(text, out type))
        {
            return true;
        }

        type = RecordType.None;
        if (text.Length > 4 && text.StartsWith("TYPE", StringComparison.OrdinalIgnoreCase)
            && ushort.TryParse(text.AsSpan(4), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            type = (RecordType)number;
            return true;
        }

        return false;
    }

    /// <summary>Types that exist only in queries and messages, never in a zone (RFC 6895 §3.1).</summary>
    public static bool IsMeta(RecordType type) => type is RecordType.None or RecordType.OPT or (>= (RecordType)128 and <= RecordType.ANY);

    /// <summary>What to write instead of a word that is no type; null when nothing comes near.</summary>
    public static string? Suggest(string word) => word.ToUpperInvariant() switch
    {
        "SPF" => "SPF policies are TXT records (RFC 7208 §3.1)",
        "ANAME" => "it is called ALIAS here",
        "IN" or "CH" or "HS" => null,
        var upper => Types.Keys
            .Select(type => (Type: type, Distance: Distance(upper, type)))
            .Where(near => near.Distance <= Math.Max(1, word.Length / 3))
            .OrderBy(near => near.Distance).ThenBy(near => near.Type, StringComparer.Ordinal)
            .Select(near => $"did you mean {near.Type}?").FirstOrDefault(),
    };

    private static int Distance(string a, string b)
    {
        if (a.Length > 20)
        {
            return int.MaxValue;
        }

        // Letters changed, lost, added or swapped with their neighbour: each counts one.
        var rows = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
        {
            for (var j = 0; j <= b.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    rows[i, j] = i + j;
                    continue;
                }

                var change = rows[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                rows[i, j] = Math.Min(change, Math.Min(rows[i - 1, j], rows[i, j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    rows[i, j] = Math.Min(rows[i, j], rows[i - 2, j - 2] + 1);
                }
            }
        }

        return rows[a.Length, b.Length];
    }
}
