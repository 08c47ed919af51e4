using System.Runtime.CompilerServices;

namespace Edge.Dns.Wire;

/// <summary>Offsets of label sequences that a later name may point to; later ones than fit are simply not pointed to.</summary>
[InlineArray(Capacity)]
internal struct NameOffsets
{
    public const int Capacity = 48;

    private ushort _first;
}
