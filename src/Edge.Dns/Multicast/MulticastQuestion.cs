using Edge.Dns.Wire;

namespace Edge.Dns.Multicast;

/// <summary>One question as mDNS has it (RFC 6762 §5.4).</summary>
/// <param name="Name">The name.</param>
/// <param name="Type">The type.</param>
/// <param name="UnicastResponse">QU: the top bit of the class asks for an answer to the asker alone.</param>
public sealed record MulticastQuestion(Name Name, RecordType Type, bool UnicastResponse);
