using Edge.Dns.Wire;

namespace Edge.Dns.Transfer;

/// <summary>One zone of one view.</summary>
internal readonly record struct ZoneKey(string View, Name Origin);
