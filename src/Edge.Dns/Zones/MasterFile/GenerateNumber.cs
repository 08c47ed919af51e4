using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Edge.Dns.Zones.MasterFile;

/// <summary>
/// The places of a $GENERATE template that become a number: <c>$</c>, or <c>${OFFSET,WIDTH,BASE}</c> with the bases
/// d, o, x and X, and n and N for hexadecimal digits in reverse order with dots between them, as ip6.arpa has them.
/// </summary>
internal static class GenerateNumber
{
    // Wider than any name: what is longer could not be a label or a line of them.
    private const int MaxWidth = 255;

    /// <summary>Puts a number into a template; false after saying what is wrong with it.</summary>
    public static bool TryInsert(string template, long number, FieldReader from, [NotNullWhen(true)] out string? text)
    {
        var made = new StringBuilder(template.Length + 8);
        text = null;
        for (var i = 0; i < template.Length; i++)
        {
            var next = i + 1 < template.Length ? template[i + 1] : '\0';
            if (template[i] == '\\' && next != '\0')
            {
                // \$ stays an escaped dollar, which names and strings read as one.
                made.Append('\\').Append(next);
                i++;
            }
            else if (template[i] != '$')
            {
                made.Append(template[i]);
            }
            else if (next == '$')
            {
                made.Append('$');
                i++;
            }
            else if (next != '{')
            {
                made.Append(number.ToString(CultureInfo.InvariantCulture));
            }
            else if (!TryAppendModified(template, ref i, number, from, made))
            {
                return false;
            }
        }

        text = made.ToString();
        return true;
    }

    private static bool TryAppendModified(string template, ref int at, long number, FieldReader from, StringBuilder to)
    {
        var end = template.IndexOf('}', at);
        var parts = end < 0 ? [] : template[(at + 2)..end].Split(',');
        var (offset, width, @base) = (0, 0, 'd');
        if (parts.Length is 0 or > 3
            || !int.TryParse(parts[0], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out offset)
            || (parts.Length > 1 && (!int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out width) || width > MaxWidth))
            || (parts.Length > 2 && (parts[2].Length != 1 || !"doxXnN".Contains(@base = parts[2][0]))))
        {
            var shown = end < 0 ? template[at..] : template[at..(end + 1)];
            return from.Fail($"\"{ZoneFileReader.Display(shown)}\" is no place for a number", "${OFFSET,WIDTH,BASE}, where the base is d, o, x, X, n or N: ${0,3,d}");
        }

        var value = number + offset;
        if (value is < 0 or > uint.MaxValue)
        {
            return from.Fail($"{number} with the offset {offset} is {value}", "the numbers made lie between 0 and 4294967295");
        }

        to.Append(@base switch
        {
            'o' => Convert.ToString(value, 8).PadLeft(width, '0'),
            'x' => value.ToString("x", CultureInfo.InvariantCulture).PadLeft(width, '0'),
            'X' => value.ToString("X", CultureInfo.InvariantCulture).PadLeft(width, '0'),
            'n' or 'N' => Nibbles((uint)value, width, @base == 'n' ? "x" : "X"),
            _ => value.ToString(CultureInfo.InvariantCulture).PadLeft(width, '0'),
        });
        at = end;
        return true;
    }

    // The width counts the dots as well; one that ends after a dot gets the digit that belongs behind it no more.
    private static string Nibbles(uint value, int width, string format)
    {
        var made = new StringBuilder();
        while (true)
        {
            made.Append((value & 15).ToString(format, CultureInfo.InvariantCulture));
            value >>= 4;
            if (value == 0 && made.Length >= width)
            {
                return made.ToString();
            }

            made.Append('.');
            if (value == 0 && made.Length >= width)
            {
                return made.ToString();
            }
        }
    }
}
