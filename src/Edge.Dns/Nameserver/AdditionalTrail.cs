using System.Runtime.CompilerServices;
using Edge.Dns.Zones;

namespace Edge.Dns.Nameserver;

/// <summary>The address sets one answer brings along, in place, so that none stands in it twice (RFC 2181 §5).</summary>
[InlineArray(Capacity)]
internal struct AdditionalTrail
{
    public const int Capacity = 32;

    private WireRRset _first;
}
