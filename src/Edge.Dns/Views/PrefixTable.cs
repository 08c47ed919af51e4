using System.Numerics;

namespace Edge.Dns.Views;

/// <summary>
/// Longest-prefix match by one binary search. Prefixes nest or are apart, never overlap by half, so they cut the
/// address space into ranges that each have exactly one most specific prefix; the ranges are computed once.
/// </summary>
internal sealed class PrefixTable<T>
    where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>, IUnsignedNumber<T>
{
    private readonly T[] _starts;
    private readonly int[] _values;

    /// <param name="prefixes">First address, prefix length in bits and value; of two equal prefixes the first one counts.</param>
    public PrefixTable(IEnumerable<(T First, int Length, int Value)> prefixes)
    {
        var starts = new List<T> { T.Zero };
        var values = new List<int> { -1 };
        var open = new Stack<(T Last, int Value)>();
        var ordered = prefixes.DistinctBy(p => (p.First, p.Length)).OrderBy(p => p.First).ThenBy(p => p.Length);
        foreach (var (first, length, value) in ordered)
        {
            CloseBefore(first, open, starts, values);
            Mark(first, value, starts, values);
            open.Push((first | Below(length), value));
        }

        CloseBefore(null, open, starts, values);
        _starts = [.. starts];
        _values = [.. values];
    }

    /// <summary>The value of the most specific prefix that holds the address; -1 when none does.</summary>
    public int Find(T address) => _values[RangeOf(address)];

    /// <summary>The same, and the length of the shortest prefix around the address in which all addresses have this value.</summary>
    public int Find(T address, out int length)
    {
        var range = RangeOf(address);
        length = range == 0 ? 0 : CommonBits(address, _starts[range] - T.One) + 1;
        if (range + 1 < _starts.Length)
        {
            length = Math.Max(length, CommonBits(address, _starts[range + 1]) + 1);
        }

        return _values[range];
    }

    private static int CommonBits(T a, T b) => int.CreateChecked(T.LeadingZeroCount(a ^ b));

    private int RangeOf(T address)
    {
        var low = 0;
        var high = _starts.Length - 1;
        while (low < high)
        {
            var middle = (low + high + 1) >>> 1;
            if (_starts[middle] <= address)
            {
                low = middle;
            }
            else
            {
                high = middle - 1;
            }
        }

        return low;
    }

    /// <summary>The bits that a prefix of this length leaves free. A shift by the full width would be no shift at all.</summary>
    public static T Below(int length) => length == 0 ? T.MaxValue : (T.One << (Width - length)) - T.One;

    private static int Width => int.CreateChecked(T.PopCount(T.MaxValue));

    private static void CloseBefore(T? next, Stack<(T Last, int Value)> open, List<T> starts, List<int> values)
    {
        while (open.TryPeek(out var inner) && (next is null || inner.Last < next.Value))
        {
            open.Pop();
            if (inner.Last != T.MaxValue)
            {
                Mark(inner.Last + T.One, open.TryPeek(out var outer) ? outer.Value : -1, starts, values);
            }
        }
    }

    private static void Mark(T start, int value, List<T> starts, List<int> values)
    {
        if (starts[^1] == start)
        {
            values[^1] = value;
            return;
        }

        starts.Add(start);
        values.Add(value);
    }
}
