using System.Net;
using Microsoft.AspNetCore.Http;

namespace Edge.Gateway;

/// <summary>Tells requests for this box itself from those for a service of it.</summary>
internal static class OwnName
{
    /// <summary>Whether a request names this box, or the address that it came to.</summary>
    /// <param name="context">The request.</param>
    /// <param name="asked">The host as the client wrote it.</param>
    /// <param name="host">The name of this box, lower case.</param>
    public static bool IsAsked(HttpContext context, string asked, string host)
    {
        Span<char> buffer = stackalloc char[HostText.Longest];
        var name = HostText.Normalise(asked, buffer);
        return name.SequenceEqual(host)
            || (IPAddress.TryParse(name, out var address) && context.Connection.LocalIpAddress is { } local && Plain(local).Equals(Plain(address)));
    }

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
