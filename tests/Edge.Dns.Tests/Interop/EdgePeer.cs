using System.Net;
using Edge.Dns.Listeners;
using Edge.Dns.Tests.Nameserver;
using Edge.Dns.Zones;
using Microsoft.Extensions.Logging.Abstractions;

namespace Edge.Dns.Tests.Interop;

/// <summary>Edge beside its peers: the same zones behind real sockets.</summary>
internal static class EdgePeer
{
    public static DnsListeners Serve(Zone[] zones)
    {
        var server = TestNameserver.With();
        server.Zones = new ZoneSet(["lan", "public"], [[.. zones], [.. zones]]);
        var listeners = DnsListeners.Bind([new IPEndPoint(IPAddress.Loopback, 0)], server.Processor, new ListenerOptions(), TimeProvider.System, NullLoggerFactory.Instance);
        listeners.Start();
        return listeners;
    }
}
