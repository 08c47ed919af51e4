using System.Net;
using System.Net.Sockets;

namespace Edge.Connections;

/// <summary>
/// The listening sockets of .socket units (systemd.socket(5)) among those that were left to this process. The service manager has them
/// open for as long as the unit is up: what this process closes of them cannot be opened anew.
/// </summary>
internal sealed class UnitSockets
{
    private readonly HashSet<Socket> _sockets = [];
    private readonly HashSet<(IPEndPoint At, bool IsBoth)> _places = [];

    /// <summary>Takes note of one.</summary>
    public void Add(Socket socket)
    {
        var at = (IPEndPoint)socket.LocalEndPoint!;
        _sockets.Add(socket);
        _places.Add((at, at.AddressFamily == AddressFamily.InterNetworkV6 && socket.DualMode));
    }

    public bool Has(Socket socket) => _sockets.Contains(socket);

    /// <summary>Whether one of [::] takes IPv4 at this port: none of IPv4 can be opened beside it.</summary>
    public bool HasBoth(int port) => _places.Contains((new IPEndPoint(IPAddress.IPv6Any, port), true));

    /// <summary>Whether one of IPv4 has this port: one of [::] can only be for IPv6 beside it.</summary>
    public bool HasIPv4(int port) => _places.Any(place => place.At.Port == port && place.At.AddressFamily == AddressFamily.InterNetwork);

    /// <summary>Whether clients of an endpoint come by one of [::], because both are for the same.</summary>
    /// <param name="at">The endpoint.</param>
    /// <param name="wanted">All that are for the same.</param>
    public bool Covers(IPEndPoint at, IEnumerable<IPEndPoint> wanted) =>
        at.AddressFamily == AddressFamily.InterNetwork && HasBoth(at.Port) && wanted.Contains(new IPEndPoint(IPAddress.IPv6Any, at.Port));

    /// <summary>What it means that one is not as the settings want it, and what to do.</summary>
    /// <param name="at">Where it is.</param>
    public string Consequence(IPEndPoint at) => at.AddressFamily == AddressFamily.InterNetwork
        ? $"[::]:{at.Port} is served for IPv6 alone, and at {at} only where edge.yaml names it; name it there, or take it out of the unit"
        : HasBoth(at.Port)
            ? "clients of IPv4 come by it too, and no IPv4 address is opened for this port beside it; set BindIPv6Only=ipv6-only in the unit, or take the IPv4 addresses of this port out of edge.yaml"
            : $"it is for IPv6 alone and nobody is served by IPv4 there; set BindIPv6Only=both in the unit, or name 0.0.0.0:{at.Port} in edge.yaml as well";
}
