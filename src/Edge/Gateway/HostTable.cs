using Edge.Observability;

namespace Edge.Gateway;

/// <summary>One of the small tables of a <see cref="HostMap"/>: its places, of which there are a power of two, and never all taken.</summary>
internal readonly struct HostTable(HostCell[] cells)
{
    // Beside the reference: of the places themselves none is in the caches, the one that says how many there are neither.
    private readonly int _mask = cells.Length - 1;

    /// <summary>Its places; null for a table that was never needed.</summary>
    public HostCell[]? Cells { get; } = cells;

    /// <summary>Has the processor fetch the place of a host.</summary>
    public void Fetch(HostKey key) => ColdMemory.Fetch(Cells, (int)key.Hash & _mask, HostCell.Size);
}
