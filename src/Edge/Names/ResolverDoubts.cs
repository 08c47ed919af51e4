using System.Collections.Immutable;
using System.Net;
using Edge.Dns.Resolver.Upstreams;
using Edge.Settings;

namespace Edge.Names;

/// <summary>Settings of the resolver that contradict each other or this machine.</summary>
internal static class ResolverDoubts
{
    /// <summary>Notes them all.</summary>
    /// <param name="dns">The "dns" section.</param>
    /// <param name="listen">Where Edge itself answers.</param>
    /// <param name="resolution">How names are resolved.</param>
    public static void Note(MapReader dns, ImmutableArray<IPEndPoint> listen, ResolutionOptions resolution)
    {
        var upstreams = dns.Items("upstreams");
        if (resolution.FromRoot && upstreams.Count > 0)
        {
            dns.Problems.Note(dns.Node("upstreams")!, "are not used: resolve: recursive asks the owners of names themselves", "remove one of the two; zones with servers of their own go into dns.forward");
        }

        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        if (resolution.CacheBytes > memory / 2 && dns.Node("cache") is { } cache)
        {
            dns.Problems.Note(cache, $"is more than half of this machine's memory, which is {memory >> 20}MB", "64MB are plenty for a house", isMistake: true);
        }

        var own = new Lazy<ImmutableArray<IPAddress>>(MachineAddresses.Current);
        foreach (var item in upstreams.Concat(dns.Section("forward")?.Map.Entries.SelectMany(entry => entry.Value is ListNode list ? list.Items : [entry.Value]) ?? []))
        {
            if (item is ScalarNode { Value: { } text } && UpstreamServer.Parse(text, out _) is { Protocol: UpstreamProtocol.Plain } server
                && server.Addresses.Any(address => listen.Any(listener => IsAt(listener, new IPEndPoint(address, server.Port), own))))
            {
                dns.Problems.Note(item, $"{text} is Edge itself (dns.listen): every question would come back to it", "name another resolver", isMistake: true);
            }
        }
    }

    private static bool IsAt(IPEndPoint listener, IPEndPoint asked, Lazy<ImmutableArray<IPAddress>> own) => listener.Port == asked.Port
        && (listener.Address.Equals(asked.Address)
            || ((IPAddress.IsLoopback(asked.Address) || own.Value.Contains(asked.Address))
                // The IPv6 wildcard takes IPv4 as well.
                && (listener.Address.Equals(IPAddress.IPv6Any) || (listener.Address.Equals(IPAddress.Any) && asked.AddressFamily == listener.AddressFamily))));
}
