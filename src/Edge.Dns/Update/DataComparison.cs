using Edge.Dns.Wire;

namespace Edge.Dns.Update;

/// <summary>Whether two records hold the same data: names in it are compared as names, whatever their case (RFC 2136 §1.1.1, RFC 4343 §3).</summary>
internal static class DataComparison
{
    public static bool Same(RecordType type, RData a, RData b)
    {
        if (a.Wire.Length != b.Wire.Length)
        {
            return false;
        }

        if (a.Wire.SequenceEqual(b.Wire))
        {
            return true;
        }

        var left = a.Wire;
        var right = b.Wire;
        foreach (var step in RDataNames.Layout(type))
        {
            var length = LengthOf(step, left);
            if (length <= 0 || length > left.Length || length != LengthOf(step, right))
            {
                return false;
            }

            var same = step is RDataNames.Compressed or RDataNames.Plain
                ? NameComparison.Equal(left[..length], right[..length])
                : left[..length].SequenceEqual(right[..length]);
            if (!same)
            {
                return false;
            }

            left = left[length..];
            right = right[length..];
        }

        return left.SequenceEqual(right);
    }

    private static int LengthOf(sbyte step, ReadOnlySpan<byte> wire) => step switch
    {
        RDataNames.Compressed or RDataNames.Plain => RDataNames.NameLength(wire),
        RDataNames.CharacterString => wire.IsEmpty ? -1 : wire[0] + 1,
        _ => step,
    };
}
