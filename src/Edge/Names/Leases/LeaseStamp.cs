namespace Edge.Names.Leases;

/// <summary>What tells one state of a file from another without reading it: a file put in its place was born later.</summary>
internal readonly record struct LeaseStamp(DateTime Written, DateTime Born, long Length);
