using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Edge.Observability;

namespace Edge.Gateway;

/// <summary>One of the small tables of a <see cref="HostMap"/>: its places, of which there are a power of two, and never all taken.</summary>
internal readonly struct HostTable(HostCell[] cells)
{
    private static readonly HostCell[] Free = new HostCell[1];

    // Beside the reference: of the places themselves none is in the caches, the one that says how many there are neither.
    private readonly int _mask = cells.Length - 1;

    /// <summary>Its places; null for a table that was never needed.</summary>
    public HostCell[]? Cells { get; } = cells;

    /// <summary>Has the processor fetch the only route of a host, which its place says.</summary>
    public void Fetch(HostKey key)
    {
        if (Cells is not { } cells)
        {
            return;
        }

        ref var first = ref MemoryMarshal.GetArrayDataReference(cells);
        for (var at = (int)key.Hash & _mask; Unsafe.Add(ref first, at) is { IsFree: false } cell; at = (at + 1) & _mask)
        {
            if (cell.Hash == key.Hash)
            {
                ColdMemory.Fetch(cell.Only, RouteEntry.Front);
                return;
            }
        }
    }

    /// <summary>The place of a host; a free one when it has none.</summary>
    public ref readonly HostCell Find(HostKey key)
    {
        // Asked here, where it costs nothing: what the compiler does not know to be there it looks for at the front of the array.
        if (Cells is not { } cells)
        {
            return ref Free[0];
        }

        // The mask keeps it within the array, whose length lies in front of it, in another page than the place: to wait for that costs as much.
        ref var first = ref MemoryMarshal.GetArrayDataReference(cells);
        var at = (int)key.Hash & _mask;
        ref var cell = ref Unsafe.Add(ref first, at);
        while (!cell.IsFree && !cell.IsOf(key))
        {
            at = (at + 1) & _mask;
            cell = ref Unsafe.Add(ref first, at);
        }

        return ref cell;
    }
}
