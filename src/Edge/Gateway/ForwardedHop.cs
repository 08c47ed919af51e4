using System.Net;

namespace Edge.Gateway;

/// <summary>One element of a chain of proxies.</summary>
/// <param name="For">Who asked; null for what is no address, such as "unknown" or a made-up name.</param>
/// <param name="Proto">The scheme that was asked with; null where it is not said.</param>
/// <param name="IsNamed">It says who asked, be it an address or not.</param>
internal readonly record struct ForwardedHop(IPAddress? For, string? Proto, bool IsNamed);
