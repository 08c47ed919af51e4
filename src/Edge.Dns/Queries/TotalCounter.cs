using System.Collections.Immutable;

namespace Edge.Dns.Queries;

/// <summary>Counts the queries that are drained, from the start on. Not for several threads at once.</summary>
internal sealed class TotalCounter
{
    // Response codes come from upstreams as well, which may invent some.
    private const int MostKinds = 4096;
    private const double MicrosecondsInASecond = 1e6;

    private readonly Dictionary<(byte Transport, int Rcode, AnsweredBy By), long> _kinds = [];
    private readonly long[] _atHand = new long[LatencyTotals.Bounds.Length + 1];
    private readonly long[] _asked = new long[LatencyTotals.Bounds.Length + 1];
    private double _atHandSeconds;
    private double _askedSeconds;

    public void Add(ref QuerySlot slot)
    {
        var key = (slot.Transport, slot.Header == 0 ? -1 : QueryAnswer.Rcode(ref slot), slot.By);
        if (_kinds.Count < MostKinds || _kinds.ContainsKey(key))
        {
            _kinds[key] = _kinds.GetValueOrDefault(key) + 1;
        }

        if (slot.Header == 0)
        {
            return;
        }

        var seconds = slot.Latency / MicrosecondsInASecond;
        var isAsked = slot.By == AnsweredBy.Upstream;
        (isAsked ? _asked : _atHand)[Bucket(seconds)]++;
        _askedSeconds += isAsked ? seconds : 0;
        _atHandSeconds += isAsked ? 0 : seconds;
    }

    /// <summary>What was counted so far.</summary>
    /// <param name="transports">What the transports are called.</param>
    /// <param name="missed">Queries that were never looked at.</param>
    public QueryTotals Report(ImmutableArray<string> transports, long missed) => new(
        [.. _kinds.Select(pair => new QueryTotals.Kind(transports[pair.Key.Transport], pair.Key.Rcode < 0 ? "" : QueryWords.RcodeText((ushort)pair.Key.Rcode), QueryWords.Ways[(int)pair.Key.By], pair.Value))],
        missed,
        new LatencyTotals([.. _atHand], _atHandSeconds),
        new LatencyTotals([.. _asked], _askedSeconds));

    private static int Bucket(double seconds)
    {
        var bucket = 0;
        while (bucket < LatencyTotals.Bounds.Length && seconds > LatencyTotals.Bounds[bucket])
        {
            bucket++;
        }

        return bucket;
    }
}
