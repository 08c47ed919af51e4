using Edge.Dns.Wire;

namespace Edge.Dns.Signing;

/// <summary>Names right beside a name in canonical order (RFC 4034 §6.1), for proofs that cover as little as possible (RFC 4470 §2).</summary>
internal static class NeighbouringNames
{
    /// <summary>The first name below a name, which is the next in order: \000.NAME; or the next sibling where that is too long.</summary>
    public static byte[] FirstBelow(ReadOnlySpan<byte> name) => name.Length + 2 <= Name.MaxWireLength ? [1, 0, .. name] : AfterSubtree(name);

    /// <summary>The first name after a name and all that could be below it: its label with \000 at its end.</summary>
    public static byte[] AfterSubtree(ReadOnlySpan<byte> name)
    {
        var label = name.Slice(1, name[0]);
        var parent = name[(1 + label.Length)..];
        if (label.Length < Name.MaxLabelLength && name.Length < Name.MaxWireLength)
        {
            return [(byte)(label.Length + 1), .. label, 0, .. parent];
        }

        // No room for another byte: the label after it is the one with its last byte raised, whatever follows.
        for (var length = label.Length; length > 0; length--)
        {
            if (label[length - 1] < byte.MaxValue)
            {
                // Upper case sorts as lower case: the byte after "@" is "[", behind all letters in upper case.
                var last = label[length - 1] == (byte)'@' ? (byte)'[' : (byte)(NameComparison.Lower(label[length - 1]) + 1);
                return [(byte)length, .. label[..(length - 1)], last, .. parent];
            }
        }

        // All bytes are 255: nothing comes after it below this parent.
        return parent.Length > 1 ? AfterSubtree(parent) : parent.ToArray();
    }

    /// <summary>
    /// A name right before a name and behind all that could be below its elder siblings: the label with its last byte
    /// lowered and filled up to its greatest length with \255. Nobody uses names that lie between. Null where only a name
    /// that exists is near enough: its types would have to be said as well.
    /// </summary>
    public static byte[]? Before(ReadOnlySpan<byte> name)
    {
        var label = name.Slice(1, name[0]);
        var parent = name[(1 + label.Length)..];
        var last = NameComparison.Lower(label[^1]);
        if (last == 0)
        {
            // Right before LABEL\000 lies the last name below LABEL, and right before \000.PARENT its parent itself.
            return label.Length > 1 ? Filled([], [(byte)(label.Length - 1), .. label[..^1], .. parent]) : null;
        }

        last = last == (byte)'[' ? (byte)'@' : (byte)(last - 1);
        return Filled([.. label[..^1], last], parent);
    }

    private static byte[]? Filled(ReadOnlySpan<byte> label, ReadOnlySpan<byte> parent)
    {
        var length = Math.Min(Name.MaxLabelLength, Name.MaxWireLength - parent.Length - 1);
        if (length < 1)
        {
            return null;
        }

        var name = new byte[1 + length + parent.Length];
        name.AsSpan().Fill(byte.MaxValue);
        name[0] = (byte)length;
        label.CopyTo(name.AsSpan(1));
        parent.CopyTo(name.AsSpan(1 + length));
        return name;
    }
}
