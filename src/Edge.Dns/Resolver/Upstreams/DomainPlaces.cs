using Edge.Dns.Wire;

namespace Edge.Dns.Resolver.Upstreams;

/// <summary>
/// Counts the questions on their way by domain, so that a flood of random names below one domain whose servers
/// are dead does not take all places. Domains that share a counter share its limit; strangers cannot choose with whom.
/// </summary>
internal sealed class DomainPlaces
{
    private const int Counters = 4096;

    // "co.uk" and "com.au" are no domains that anybody owns; without a list this much can be told.
    private const int LongestPublicLabel = 3;

    private readonly int[] _counts = new int[Counters];
    private readonly uint _seed = (uint)(SecretBytes.Next() << 16 | SecretBytes.Next());

    /// <summary>Takes a place for a name; false when its domain has all it may have.</summary>
    public bool TryTake(ReadOnlySpan<byte> name, int limit)
    {
        ref var count = ref _counts[IndexOf(name)];
        if (Interlocked.Increment(ref count) <= limit)
        {
            return true;
        }

        Interlocked.Decrement(ref count);
        return false;
    }

    public void Release(ReadOnlySpan<byte> name) => Interlocked.Decrement(ref _counts[IndexOf(name)]);

    private int IndexOf(ReadOnlySpan<byte> name)
    {
        var hash = (_seed ^ (uint)NameComparison.Hash(DomainOf(name))) * 0x9E3779B1u;
        return (int)(hash >> 20);
    }

    /// <summary>The part of a name that one owner probably has: two labels, or three where the second is short.</summary>
    internal static ReadOnlySpan<byte> DomainOf(ReadOnlySpan<byte> name)
    {
        Span<byte> starts = stackalloc byte[128];
        var labels = 0;
        for (var i = 0; name[i] != 0; i += name[i] + 1)
        {
            starts[labels++] = (byte)i;
        }

        var kept = labels >= 3 && name[starts[labels - 2]] <= LongestPublicLabel ? 3 : 2;
        return labels <= kept ? name : name[starts[labels - kept]..];
    }
}
