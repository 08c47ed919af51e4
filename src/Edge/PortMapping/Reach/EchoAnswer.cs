using System.Net;

namespace Edge.PortMapping.Reach;

/// <summary>What an echo said.</summary>
/// <param name="Address">Where we come from, as it sees us.</param>
/// <param name="Hindrance">Why we are not reached there; null when we are, or when it was not asked.</param>
/// <param name="HasTried">Whether it has tried.</param>
internal sealed record EchoAnswer(IPAddress Address, string? Hindrance, bool HasTried);
