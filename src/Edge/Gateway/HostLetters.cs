using System.Runtime.CompilerServices;

namespace Edge.Gateway;

/// <summary>The letters of a host, where they lie beside what is asked for next.</summary>
[InlineArray(Most)]
internal struct HostLetters
{
    /// <summary>Longer hosts are compared where their string lies.</summary>
    public const int Most = 31;

    private byte _first;
}
