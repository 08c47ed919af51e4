using System.Runtime.CompilerServices;
using Edge.Dns.Wire;
using Edge.Dns.Zones;

namespace Edge.Dns.Signing;

/// <summary>The NSEC chains of the zones that prove absence with them, each made when it is first needed.</summary>
internal sealed class NsecChains
{
    // What a query can wait for: some ten milliseconds. A longer one is made aside.
    private const int MostAtOnce = 10_000;

    private readonly ConditionalWeakTable<Zone, NsecChain> _chains = [];
    private readonly ConditionalWeakTable<Zone, object> _making = [];
    private readonly Dictionary<Name, NsecChain> _last = [];

    /// <summary>The chain of a version of a zone; null while it is being made.</summary>
    public NsecChain? Of(Zone zone)
    {
        if (_chains.TryGetValue(zone, out var chain))
        {
            return chain;
        }

        if (zone.RRsetCount <= MostAtOnce)
        {
            return Make(zone);
        }

        if (_making.TryAdd(zone, _making))
        {
            ThreadPool.UnsafeQueueUserWorkItem(static made => made.Chains.Make(made.Zone), (Chains: this, Zone: zone), preferLocal: false);
        }

        return null;
    }

    private NsecChain Make(Zone zone)
    {
        NsecChain? last;
        lock (_last)
        {
            last = _last.GetValueOrDefault(zone.Origin);
        }

        var chain = NsecChain.Of(SignedNames.Of(zone), zone.NegativeSoa?.Ttl ?? 0, last);
        lock (_last)
        {
            _last[zone.Origin] = chain;
        }

        _chains.AddOrUpdate(zone, chain);
        return chain;
    }
}
