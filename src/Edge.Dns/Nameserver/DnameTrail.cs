using System.Runtime.CompilerServices;
using Edge.Dns.Zones;

namespace Edge.Dns.Nameserver;

/// <summary>The DNAMEs one answer went through, in place: room for one at each step of the longest chain.</summary>
[InlineArray(Capacity)]
internal struct DnameTrail
{
    public const int Capacity = 16;

    private WireRRset _first;
}
