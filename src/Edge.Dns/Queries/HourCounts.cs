namespace Edge.Dns.Queries;

/// <summary>What is counted of one hour: nothing that says who asked for what.</summary>
internal sealed class HourCounts(int transports)
{
    private const int MostTypes = 300;

    public long[] Ways { get; } = new long[QueryWords.Ways.Length];

    public long[] Transports { get; } = new long[transports];

    public Dictionary<ushort, long> Types { get; } = [];

    public Dictionary<ushort, long> Rcodes { get; } = [];

    /// <summary>How long answers took that were at hand.</summary>
    public LatencyHistogram AtHand { get; } = new();

    /// <summary>How long answers took that somebody else was asked for.</summary>
    public LatencyHistogram Asked { get; } = new();

    public void Add(ref QuerySlot slot)
    {
        Ways[(int)slot.By]++;
        Transports[slot.Transport]++;
        Count(Types, slot.Type);
        if (slot.Header == 0)
        {
            return;
        }

        Count(Rcodes, QueryAnswer.Rcode(ref slot));
        (slot.By == AnsweredBy.Upstream ? Asked : AtHand).Add(slot.Latency);
    }

    public void Add(HourCounts other)
    {
        Add(Ways, other.Ways);
        Add(Transports, other.Transports);
        foreach (var (type, count) in other.Types)
        {
            Types[type] = Types.GetValueOrDefault(type) + count;
        }

        foreach (var (rcode, count) in other.Rcodes)
        {
            Rcodes[rcode] = Rcodes.GetValueOrDefault(rcode) + count;
        }

        AtHand.Add(other.AtHand);
        Asked.Add(other.Asked);
    }

    private static void Add(long[] to, long[] from)
    {
        for (var i = 0; i < to.Length; i++)
        {
            to[i] += from[i];
        }
    }

    // A client may ask for 65,536 types; those beyond the first some hundred are counted as none.
    private static void Count(Dictionary<ushort, long> counts, ushort key)
    {
        key = counts.Count < MostTypes || counts.ContainsKey(key) ? key : (ushort)0;
        counts[key] = counts.GetValueOrDefault(key) + 1;
    }
}
