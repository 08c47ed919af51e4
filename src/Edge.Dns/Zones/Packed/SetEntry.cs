using Edge.Dns.Wire;

namespace Edge.Dns.Zones.Packed;

/// <summary>One RRset of a packed zone: records that lie in one piece.</summary>
/// <param name="First">Its first record; below zero, the complement of a place among the regrouped records.</param>
/// <param name="Count">How many records.</param>
/// <param name="Type">Their type.</param>
internal readonly record struct SetEntry(int First, int Count, RecordType Type);
