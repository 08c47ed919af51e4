namespace Edge.Dns.Multicast;

/// <summary>What was received, and what of it was of no use.</summary>
/// <param name="Received">Packets received.</param>
/// <param name="Own">Our own, come back.</param>
/// <param name="Flooding">Left unread, because they were too many at once.</param>
/// <param name="Strange">Left unread, because they came from elsewhere or from a wrong port.</param>
/// <param name="Malformed">Not readable.</param>
/// <param name="Refused">Records not kept: too many, or saying what no neighbour may say.</param>
/// <param name="Sent">Packets sent.</param>
/// <param name="Conflicts">Names that others had as well.</param>
public sealed record MulticastCounters(long Received, long Own, long Flooding, long Strange, long Malformed, long Refused, long Sent, long Conflicts)
{
    /// <summary>Nothing yet.</summary>
    public static readonly MulticastCounters None = new(0, 0, 0, 0, 0, 0, 0, 0);
}
