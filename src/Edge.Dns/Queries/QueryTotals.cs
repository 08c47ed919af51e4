using System.Collections.Immutable;

namespace Edge.Dns.Queries;

/// <summary>Queries since the start, in numbers that only grow; nothing of them says who asked for what.</summary>
/// <param name="Queries">By the way they came, their response code, and the way they were answered.</param>
/// <param name="Missed">Queries that were only counted: they came faster than they could be looked at.</param>
/// <param name="AtHand">How long answers took that were at hand.</param>
/// <param name="Asked">How long answers took that somebody else was asked for.</param>
public sealed record QueryTotals(ImmutableArray<QueryTotals.Kind> Queries, long Missed, LatencyTotals AtHand, LatencyTotals Asked)
{
    /// <summary>Queries of one kind.</summary>
    /// <param name="Transport">"udp", "tls".</param>
    /// <param name="Rcode">"NOERROR"; "" where nothing was said.</param>
    /// <param name="AnsweredBy">"zone", "cache".</param>
    /// <param name="Count">How many.</param>
    public sealed record Kind(string Transport, string Rcode, string AnsweredBy, long Count);
}
