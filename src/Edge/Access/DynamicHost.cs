using System.Collections.Immutable;
using System.Net;

namespace Edge.Access;

/// <summary>What is known of the addresses of a host.</summary>
/// <param name="Addresses">Its addresses, IPv4 and IPv6.</param>
/// <param name="TimeToLive">How long they hold.</param>
internal sealed record DynamicHost(ImmutableArray<IPAddress> Addresses, TimeSpan TimeToLive);
