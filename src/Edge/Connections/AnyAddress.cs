using System.Net;
using System.Net.Sockets;

namespace Edge.Connections;

/// <summary>
/// What [::] stands for: both families, but where an IPv4 address is named for the same port IPv6 alone, because a port of IPv4
/// is for one listening socket (ipv6(7), IPV6_V6ONLY).
/// </summary>
internal static class AnyAddress
{
    /// <summary>Whether this is [::] beside an IPv4 address of the same port.</summary>
    /// <param name="at">Where to listen.</param>
    /// <param name="wanted">Everything that is to listen for TCP.</param>
    public static bool IsIPv6Only(IPEndPoint at, IEnumerable<IPEndPoint> wanted) =>
        at.Port > 0 && at.Address.Equals(IPAddress.IPv6Any) && wanted.Any(other => other.Port == at.Port && other.AddressFamily == AddressFamily.InterNetwork);

    /// <summary>Whether it takes IPv4 as well.</summary>
    public static bool IsBoth(IPEndPoint at, IEnumerable<IPEndPoint> wanted) => at.Address.Equals(IPAddress.IPv6Any) && !IsIPv6Only(at, wanted);
}
