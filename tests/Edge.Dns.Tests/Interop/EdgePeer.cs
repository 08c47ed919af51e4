using System.Net;
using Edge.Dns.Listeners;
using Edge.Dns.Nameserver;
using Edge.Dns.Signing;
using Edge.Dns.Tests.Nameserver;
using Edge.Dns.Zones;
using Microsoft.Extensions.Logging.Abstractions;

namespace Edge.Dns.Tests.Interop;

/// <summary>Edge beside its peers: the same zones behind real sockets.</summary>
internal static class EdgePeer
{
    public static DnsListeners Serve(Zone[] zones, SignerSet? signers = null)
    {
        var views = TestNameserver.With().Views;
        var served = new ZoneSet(["lan", "public"], [[.. zones], [.. zones]]);
        var processor = new QueryProcessor(() => served, () => views, null) { Signers = () => signers ?? SignerSet.None };
        var listeners = DnsListeners.Bind([new IPEndPoint(IPAddress.Loopback, 0)], processor, new ListenerOptions(), TimeProvider.System, NullLoggerFactory.Instance);
        listeners.Start();
        return listeners;
    }
}
