using System.Numerics;

namespace Edge.Dns.Queries;

/// <summary>How long answers took, in steps of a quarter: 1, 1.25, 1.5, 1.75, 2, 2.5 … microseconds.</summary>
internal sealed class LatencyHistogram
{
    private const int Parts = 4;
    private const int PartBits = 2;

    private readonly long[] _counts = new long[(32 * Parts) + 1];

    public long Count { get; private set; }

    public void Add(uint microseconds)
    {
        _counts[Step(microseconds)]++;
        Count++;
    }

    public void Add(LatencyHistogram other)
    {
        for (var i = 0; i < _counts.Length; i++)
        {
            _counts[i] += other._counts[i];
        }

        Count += other.Count;
    }

    /// <summary>The microseconds within which this share of the answers came; 0 when there are none.</summary>
    public long Percentile(double share)
    {
        var wanted = (long)Math.Ceiling(Count * share);
        for (var step = 0; step < _counts.Length; step++)
        {
            wanted -= _counts[step];
            if (wanted <= 0)
            {
                return Count == 0 ? 0 : End(step);
            }
        }

        return uint.MaxValue;
    }

    // The upper bits of the number: its length, and the two bits behind the first.
    private static int Step(uint value)
    {
        if (value < Parts)
        {
            return (int)value;
        }

        var shift = BitOperations.Log2(value) - PartBits;
        return (shift * Parts) + (int)(value >> shift);
    }

    private static long End(int step)
    {
        if (step < Parts)
        {
            return step;
        }

        var shift = (step / Parts) - 1;
        return (((long)(step % Parts) + Parts + 1) << shift) - 1;
    }
}
