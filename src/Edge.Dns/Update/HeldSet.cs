using System.Collections.Immutable;
using Edge.Dns.Wire;

namespace Edge.Dns.Update;

/// <summary>An RRset at an owner while an update is worked out.</summary>
/// <param name="Type">Its type.</param>
/// <param name="Ttl">Seconds; one for all its records (RFC 2181 §5.2).</param>
/// <param name="Data">The data of each record, one or more.</param>
internal sealed record HeldSet(RecordType Type, uint Ttl, ImmutableArray<RData> Data)
{
    /// <summary>Whether it has this data.</summary>
    public bool Has(RData data) => IndexOf(data) >= 0;

    /// <summary>The place of the data; -1 when it is not there.</summary>
    public int IndexOf(RData data)
    {
        for (var i = 0; i < Data.Length; i++)
        {
            if (DataComparison.Same(Type, Data[i], data))
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>Whether the other set says the same: the same data in any order, under the same TTL.</summary>
    public bool SaysTheSame(HeldSet? other) => other is not null && Ttl == other.Ttl && HoldsTheSame(other.Data);

    /// <summary>Whether it holds just this data, in any order; repetitions do not count.</summary>
    public bool HoldsTheSame(ImmutableArray<RData> data) => data.All(Has) && Data.All(one => data.Any(other => DataComparison.Same(Type, one, other)));
}
