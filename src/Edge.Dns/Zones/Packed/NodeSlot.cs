namespace Edge.Dns.Zones.Packed;

/// <summary>A place in the table of owners.</summary>
/// <param name="Hash">The hash of the name.</param>
/// <param name="Node">The node's number and one; 0 for an empty place.</param>
internal readonly record struct NodeSlot(int Hash, int Node);
