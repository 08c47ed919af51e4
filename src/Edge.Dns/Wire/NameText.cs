using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Edge.Dns.Wire;

/// <summary>The presentation form of names (RFC 1035 §5.1): text to wire and back.</summary>
internal static class NameText
{
    public static bool TryParse(ReadOnlySpan<char> text, Name origin, [NotNullWhen(true)] out Name? name, [NotNullWhen(false)] out string? error)
    {
        name = null;
        error = null;
        if (text is "@")
        {
            name = origin;
            return true;
        }

        if (text is ".")
        {
            name = Name.Root;
            return true;
        }

        Span<byte> wire = stackalloc byte[Name.MaxWireLength + 1];
        var labelStart = 0;
        var next = 1;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '.')
            {
                if (!CloseLabel(wire, ref labelStart, ref next, out error))
                {
                    return false;
                }

                continue;
            }

            if (!ReadByte(text, ref i, out var value, out error))
            {
                return false;
            }

            if (next >= Name.MaxWireLength)
            {
                error = "a name is at most 255 bytes long";
                return false;
            }

            wire[next++] = value;
        }

        var absolute = next == labelStart + 1 && next > 1;
        if (!absolute && !CloseLabel(wire, ref labelStart, ref next, out error))
        {
            return false;
        }

        return Join(wire[..labelStart], absolute ? Name.Root : origin, out name, out error);
    }

    public static string Format(ReadOnlySpan<byte> wire)
    {
        if (wire.Length == 1)
        {
            return ".";
        }

        var text = new StringBuilder(wire.Length);
        for (var i = 0; wire[i] != 0; i += wire[i] + 1)
        {
            foreach (var b in wire.Slice(i + 1, wire[i]))
            {
                AppendByte(text, b);
            }

            text.Append('.');
        }

        return text.ToString();
    }

    private static void AppendByte(StringBuilder text, byte b)
    {
        if (b is <= 0x20 or >= 0x7F)
        {
            text.Append('\\').Append(b.ToString("D3", CultureInfo.InvariantCulture));
            return;
        }

        if ((char)b is '.' or '\\' or '"' or ';' or '(' or ')' or '@' or '$')
        {
            text.Append('\\');
        }

        text.Append((char)b);
    }

    private static bool CloseLabel(Span<byte> wire, ref int labelStart, ref int next, [NotNullWhen(false)] out string? error)
    {
        var length = next - labelStart - 1;
        error = length switch
        {
            0 => "a label is empty (two dots in a row, or nothing at all)",
            > Name.MaxLabelLength => "a label is at most 63 bytes long",
            _ => null,
        };
        if (error is not null)
        {
            return false;
        }

        wire[labelStart] = (byte)length;
        labelStart = next++;
        return true;
    }

    private static bool ReadByte(ReadOnlySpan<char> text, ref int i, out byte value, [NotNullWhen(false)] out string? error)
    {
        value = 0;
        error = null;
        var c = text[i];
        if (c > 127)
        {
            error = $"\"{c}\" is not ASCII; write international names in their xn-- form";
            return false;
        }

        if (c != '\\')
        {
            value = (byte)c;
            return true;
        }

        if (i + 3 < text.Length && char.IsAsciiDigit(text[i + 1]))
        {
            if (!byte.TryParse(text.Slice(i + 1, 3), NumberStyles.None, CultureInfo.InvariantCulture, out value))
            {
                error = "an escape \\DDD needs three digits from 000 to 255";
                return false;
            }

            i += 3;
            return true;
        }

        if (i + 1 >= text.Length || char.IsAsciiDigit(text[i + 1]) || text[i + 1] > 127)
        {
            error = "an escape is \\X or \\DDD with three digits from 000 to 255";
            return false;
        }

        value = (byte)text[++i];
        return true;
    }

    private static bool Join(ReadOnlySpan<byte> labels, Name origin, [NotNullWhen(true)] out Name? name, [NotNullWhen(false)] out string? error)
    {
        name = null;
        error = null;
        if (labels.Length + origin.Wire.Length > Name.MaxWireLength)
        {
            error = "a name is at most 255 bytes long";
            return false;
        }

        name = Name.Own([.. labels, .. origin.Wire]);
        return true;
    }
}
