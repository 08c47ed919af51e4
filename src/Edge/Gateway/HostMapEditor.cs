namespace Edge.Gateway;

/// <summary>Makes the <see cref="HostMap"/> that follows another: a table is copied when it is changed first. One thread at a time.</summary>
/// <param name="from">The tables of the last map, which stay as they are.</param>
/// <param name="count">How many hosts they hold.</param>
internal sealed class HostMapEditor(HostCell[]?[] from, int count)
{
    private const int Smallest = 4;

    private readonly HostCell[]?[] _tables = [.. from];

    // How many stand in the tables that are copied; -1 for those that are shared.
    private readonly int[] _held = [.. Enumerable.Repeat(-1, HostMap.Tables)];

    public HostSlot? Find(ReadOnlySpan<char> host)
    {
        var hash = HostMap.HashOf(host);
        return _tables[HostMap.TableOf(hash)] is { } cells ? cells[HostMap.PlaceOf(cells, hash, host)].Slot : null;
    }

    /// <summary>Gives a host another slot.</summary>
    /// <param name="host">In the form of the table.</param>
    /// <param name="slot">The slot; null takes the host out.</param>
    public void Set(string host, HostSlot? slot)
    {
        if (ReferenceEquals(Find(host), slot))
        {
            return;
        }

        var hash = HostMap.HashOf(host);
        var table = HostMap.TableOf(hash);
        var cells = Mine(table);
        var at = HostMap.PlaceOf(cells, hash, host);
        var more = (slot is null ? 0 : 1) - (cells[at].Slot is null ? 0 : 1);
        (_held[table], count) = (_held[table] + more, count + more);
        if (slot is null)
        {
            Remove(cells, at);
        }
        else
        {
            cells[at] = new HostCell(hash, slot, slot.Only);
            _tables[table] = Roomy(cells, _held[table]);
        }
    }

    /// <summary>The map as it is now, to which nothing can be done any more from here.</summary>
    public HostMap ToMap()
    {
        // What goes out is nobody's to change: a later change copies again.
        Array.Fill(_held, -1);
        return HostMap.Of([.. _tables], count);
    }

    private HostCell[] Mine(int table)
    {
        if (_held[table] >= 0)
        {
            return _tables[table]!;
        }

        HostCell[] mine = _tables[table] is { } shared ? [.. shared] : new HostCell[Smallest];
        _held[table] = mine.Count(static cell => cell.Slot is not null);
        return _tables[table] = mine;
    }

    // Half of the places stay free: a host is found at the first or the second.
    private static HostCell[] Roomy(HostCell[] cells, int held)
    {
        if (held * 2 <= cells.Length)
        {
            return cells;
        }

        var larger = new HostCell[cells.Length * 2];
        foreach (var cell in cells)
        {
            if (cell.Slot is not null)
            {
                var at = (int)cell.Hash & (larger.Length - 1);
                while (larger[at].Slot is not null)
                {
                    at = (at + 1) & (larger.Length - 1);
                }

                larger[at] = cell;
            }
        }

        return larger;
    }

    // Those behind it move up as far as their own place, or they would not be found.
    private static void Remove(HostCell[] cells, int gap)
    {
        var mask = cells.Length - 1;
        for (var at = (gap + 1) & mask; cells[at].Slot is not null; at = (at + 1) & mask)
        {
            var away = (at - (int)cells[at].Hash) & mask;
            if (away >= ((at - gap) & mask))
            {
                cells[gap] = cells[at];
                gap = at;
            }
        }

        cells[gap] = default;
    }
}
