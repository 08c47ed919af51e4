namespace Edge.Dns.Multicast;

/// <summary>A query whose known answers are still coming in.</summary>
/// <param name="Query">Its first packet.</param>
/// <param name="Known">What the asker knows, as far as it came.</param>
internal sealed record WaitingQuery(MulticastMessage Query, List<MulticastRecord> Known);
