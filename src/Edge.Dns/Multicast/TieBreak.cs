using Edge.Dns.Wire;

namespace Edge.Dns.Multicast;

/// <summary>Which of two that probe for one name at the same time goes on (RFC 6762 §8.2).</summary>
internal static class TieBreak
{
    /// <summary>Compares what the two propose, record by record in order; the greater one wins, and equal ones do not conflict.</summary>
    public static int Compare(IEnumerable<MulticastRecord> ours, IEnumerable<MulticastRecord> theirs)
    {
        var (mine, yours) = (InOrder(ours), InOrder(theirs));
        for (var i = 0; i < mine.Count && i < yours.Count; i++)
        {
            if (Compare(mine[i], yours[i]) is var order and not 0)
            {
                return order;
            }
        }

        return mine.Count.CompareTo(yours.Count);
    }

    private static List<MulticastRecord> InOrder(IEnumerable<MulticastRecord> records)
    {
        var list = records.ToList();
        list.Sort(Compare);
        return list;
    }

    // The class, without its top bit, is IN for all. Data is compared uncompressed, byte by byte.
    private static int Compare(MulticastRecord one, MulticastRecord other) =>
        one.Type != other.Type ? ((ushort)one.Type).CompareTo((ushort)other.Type) : one.Data.Wire.SequenceCompareTo(other.Data.Wire);
}
