using System.Collections.Immutable;

namespace Edge.Dns.Queries;

/// <summary>A query and what became of it, in words. Every text is printable: what is not stands there as \DDD.</summary>
/// <param name="Time">When it came.</param>
/// <param name="Client">Who asked: an address, a network, or a number that stands for the address.</param>
/// <param name="View">The view that was shown; "-" for none.</param>
/// <param name="Transport">udp, tcp, tls, https or quic.</param>
/// <param name="Name">The name asked for; with "..." in front where that was too long, empty where it could not be read.</param>
/// <param name="Type">The type asked for.</param>
/// <param name="Rcode">The response code; empty when there was no answer.</param>
/// <param name="By">How it was answered: zone, cache, stale, upstream, special, blocked, custom, refused, sent-back, dropped, exchange or error.</param>
/// <param name="Source">The upstream that was asked, or the list that blocks; null for none.</param>
/// <param name="Microseconds">From its arrival to its answer.</param>
/// <param name="Answers">The first addresses of the answer; "..." at the end where there are more.</param>
public sealed record RecordedQuery(
    DateTimeOffset Time,
    string Client,
    string View,
    string Transport,
    string Name,
    string Type,
    string Rcode,
    string By,
    string? Source,
    uint Microseconds,
    ImmutableArray<string> Answers);
