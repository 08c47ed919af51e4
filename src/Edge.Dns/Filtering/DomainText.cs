using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Edge.Dns.Wire;

namespace Edge.Dns.Filtering;

/// <summary>Names as lists write them: UTF-8 text of letters, digits, hyphens and underscores, international names in either form.</summary>
internal static class DomainText
{
    private static readonly IdnMapping Idn = new() { AllowUnassigned = true };

    /// <summary>Reads a name; false when it is none.</summary>
    /// <param name="text">The text, with or without a last dot.</param>
    /// <param name="name">The name, unless false.</param>
    [SkipLocalsInit]
    public static bool TryRead(ReadOnlySpan<byte> text, out NameKeys name)
    {
        Span<byte> wire = stackalloc byte[Name.MaxWireLength];
        if (text.EndsWith("."u8))
        {
            text = text[..^1];
        }

        var length = Ascii.IsValid(text) ? ToWire(text, wire) : IdnToWire(text, wire);
        if (length == 0)
        {
            Unsafe.SkipInit(out name);
            return false;
        }

        NameKeys.Read(wire[..length], out name);
        return true;
    }

    private static int IdnToWire(ReadOnlySpan<byte> text, Span<byte> wire)
    {
        try
        {
            return ToWire(Encoding.ASCII.GetBytes(Idn.GetAscii(Encoding.UTF8.GetString(text).ToLowerInvariant())), wire);
        }
        catch (ArgumentException)
        {
            // No name by IDNA, such as a label that is too long in its ASCII form.
            return 0;
        }
    }

    // The length in wire form; 0 when it is no name.
    private static int ToWire(ReadOnlySpan<byte> text, Span<byte> wire)
    {
        if (text.Length > Name.MaxWireLength - 2)
        {
            return 0;
        }

        var start = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == (byte)'.')
            {
                if (!TryClose(wire, ref start, i))
                {
                    return 0;
                }
            }
            else if (char.IsAsciiLetterOrDigit((char)text[i]) || text[i] is (byte)'-' or (byte)'_')
            {
                wire[i + 1] = text[i];
            }
            else
            {
                return 0;
            }
        }

        if (!TryClose(wire, ref start, text.Length))
        {
            return 0;
        }

        wire[start] = 0;
        return start + 1;
    }

    private static bool TryClose(Span<byte> wire, ref int start, int end)
    {
        var length = end - start;
        if (length is 0 or > Name.MaxLabelLength)
        {
            return false;
        }

        wire[start] = (byte)length;
        start = end + 1;
        return true;
    }
}
