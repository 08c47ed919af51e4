using Edge.Dns.Wire;

namespace Edge.Dns.Resolver.Recursion;

/// <summary>What one server sent: a message, or none and why.</summary>
/// <param name="Message">The message; null when there is none of use.</param>
/// <param name="Kind">How asking ended.</param>
/// <param name="Reason">Why there is no message, in words.</param>
internal readonly record struct ServerReply(Message? Message, ReplyKind Kind, string Reason);
