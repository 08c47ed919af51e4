using System.Net;

namespace Edge.Dns.Views;

/// <summary>A network that this machine is attached to.</summary>
/// <param name="Network">The prefix of one of the interface's addresses, host bits zero.</param>
/// <param name="Interface">The interface's name, such as "eth0".</param>
public readonly record struct OnLinkPrefix(IPNetwork Network, string Interface);
