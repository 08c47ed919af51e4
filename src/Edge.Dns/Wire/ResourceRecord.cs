namespace Edge.Dns.Wire;

/// <summary>One resource record of class IN, with the place it came from (RFC 1035 §3.2).</summary>
/// <param name="Owner">The name it belongs to.</param>
/// <param name="Type">Its type.</param>
/// <param name="Ttl">Time to live in seconds, 0 to 2^31-1 (RFC 2181 §8).</param>
/// <param name="Data">Its data, uncompressed.</param>
/// <param name="Source">Who said so; <c>edge explain</c> prints it.</param>
public sealed record ResourceRecord(Name Owner, RecordType Type, uint Ttl, RData Data, RecordSource Source = default);
