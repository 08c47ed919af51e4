using System.Runtime.CompilerServices;

namespace Edge.Dns.Nameserver;

/// <summary>Where the DNAMEs that one answer went through stand in it: room for one at each step of the longest chain.</summary>
[InlineArray(Capacity)]
internal struct DnameTrail
{
    public const int Capacity = 16;

    private ushort _first;
}
