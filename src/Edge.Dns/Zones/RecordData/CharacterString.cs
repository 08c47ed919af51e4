using System.Globalization;
using System.Text;
using Edge.Dns.Zones.MasterFile;

namespace Edge.Dns.Zones.RecordData;

/// <summary>The words and quoted strings of RFC 1035 §5.1 as bytes, and bytes as quoted strings.</summary>
internal static class CharacterString
{
    /// <summary>Reads the escapes <c>\X</c> and <c>\DDD</c>; null when one of them is wrong.</summary>
    public static List<byte>? Decode(string text)
    {
        var bytes = new List<byte>(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\')
            {
                bytes.Add((byte)text[i]);
                continue;
            }

            if (++i >= text.Length)
            {
                return null;
            }

            if (!char.IsAsciiDigit(text[i]))
            {
                bytes.Add((byte)text[i]);
                continue;
            }

            if (i + 3 > text.Length || !byte.TryParse(text.AsSpan(i, 3), NumberStyles.None, CultureInfo.InvariantCulture, out var value))
            {
                return null;
            }

            bytes.Add(value);
            i += 2;
        }

        return bytes;
    }

    /// <summary>Takes the next word as bytes, of any length.</summary>
    public static bool TryTake(FieldReader from, string label, out List<byte> bytes)
    {
        bytes = [];
        if (!from.TryTake(label, out var token))
        {
            return false;
        }

        if (Decode(token.Text) is not { } decoded)
        {
            return from.Fail($"a wrong escape in the {label} \"{ZoneFileReader.Display(token.Text)}\"", "\\DDD needs three digits from 000 to 255; a backslash itself is \\\\");
        }

        bytes = decoded;
        return true;
    }

    /// <summary>Appends bytes as a quoted string; what is not printable ASCII becomes <c>\DDD</c>.</summary>
    public static void AppendQuoted(StringBuilder to, ReadOnlySpan<byte> bytes)
    {
        to.Append('"');
        foreach (var b in bytes)
        {
            if (b is < 0x20 or >= 0x7F)
            {
                to.Append('\\').Append(b.ToString("D3", CultureInfo.InvariantCulture));
                continue;
            }

            if (b is (byte)'"' or (byte)'\\')
            {
                to.Append('\\');
            }

            to.Append((char)b);
        }

        to.Append('"');
    }
}
