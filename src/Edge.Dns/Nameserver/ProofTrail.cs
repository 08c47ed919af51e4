using System.Runtime.CompilerServices;
using Edge.Dns.Zones;

namespace Edge.Dns.Nameserver;

/// <summary>The proofs that one answer has to carry in its authority section, in place.</summary>
[InlineArray(Capacity)]
internal struct ProofTrail
{
    /// <summary>One for each wildcard that the longest chain goes through, and three for its end.</summary>
    public const int Capacity = DnameTrail.Capacity + 3;

    private RRset? _first;
}
