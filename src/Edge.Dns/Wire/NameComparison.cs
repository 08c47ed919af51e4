namespace Edge.Dns.Wire;

/// <summary>Hash, equality and order of names in uncompressed wire form, without allocation.</summary>
public static class NameComparison
{
    internal const uint HashSeed = 2166136261u;

    /// <summary>Case-insensitive hash of a wire name; equal names have equal hashes.</summary>
    public static int Hash(ReadOnlySpan<byte> wire) => FinishHash(ExtendHash(HashSeed, wire));

    // FNV-1a over lower-cased bytes from right to left, so that one pass gives the hashes of all suffixes of a
    // name. Length bytes are below 64, so lowering them as well does no harm.
    internal static uint ExtendHash(uint hash, ReadOnlySpan<byte> bytes)
    {
        for (var i = bytes.Length - 1; i >= 0; i--)
        {
            hash = (hash ^ Lower(bytes[i])) * 16777619u;
        }

        return hash;
    }

    internal static int FinishHash(uint hash) => (int)(hash ^ (hash >> 15));

    /// <summary>Whether two wire names are the same name (RFC 4343 §3).</summary>
    public static bool Equal(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b) =>
        a.Length == b.Length && System.Text.Ascii.EqualsIgnoreCase(a, b) || a.Length == b.Length && EqualBytewise(a, b);

    /// <summary>Whether a wire name is another one or lies below it.</summary>
    public static bool IsAtOrBelow(ReadOnlySpan<byte> name, ReadOnlySpan<byte> ancestor)
    {
        while (name.Length > ancestor.Length)
        {
            name = name[(name[0] + 1)..];
        }

        return Equal(name, ancestor);
    }

    /// <summary>Canonical order (RFC 4034 §6.1) of two wire names.</summary>
    public static int Canonical(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        Span<byte> startsA = stackalloc byte[128];
        Span<byte> startsB = stackalloc byte[128];
        var i = LabelStarts(a, startsA);
        var j = LabelStarts(b, startsB);
        while (i > 0 && j > 0)
        {
            i--;
            j--;
            var order = CompareLabels(Label(a, startsA[i]), Label(b, startsB[j]));
            if (order != 0)
            {
                return order;
            }
        }

        return i - j;
    }

    /// <summary>ASCII lower case of one byte (RFC 4343 §3); other bytes are themselves.</summary>
    public static byte Lower(byte b) => (uint)(b - 'A') <= 'Z' - 'A' ? (byte)(b | 0x20) : b;

    private static ReadOnlySpan<byte> Label(ReadOnlySpan<byte> wire, int start) => wire.Slice(start + 1, wire[start]);

    private static int LabelStarts(ReadOnlySpan<byte> wire, Span<byte> starts)
    {
        var count = 0;
        for (var i = 0; wire[i] != 0; i += wire[i] + 1)
        {
            starts[count++] = (byte)i;
        }

        return count;
    }

    private static int CompareLabels(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        for (var i = 0; i < a.Length && i < b.Length; i++)
        {
            var order = Lower(a[i]) - Lower(b[i]);
            if (order != 0)
            {
                return order;
            }
        }

        return a.Length - b.Length;
    }

    // Ascii.EqualsIgnoreCase is false as soon as one byte is above 127; DNS labels may hold any byte.
    private static bool EqualBytewise(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        for (var i = 0; i < a.Length; i++)
        {
            if (Lower(a[i]) != Lower(b[i]))
            {
                return false;
            }
        }

        return true;
    }
}
