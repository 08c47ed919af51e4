namespace Edge.Dns.Wire;

/// <summary>What a message asks (RFC 1035 §4.1.2).</summary>
/// <param name="Name">QNAME, case as received.</param>
/// <param name="Type">QTYPE.</param>
/// <param name="Class">QCLASS; almost always IN.</param>
public sealed record Question(Name Name, RecordType Type, RecordClass Class = RecordClass.IN);
