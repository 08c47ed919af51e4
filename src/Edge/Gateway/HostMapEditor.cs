namespace Edge.Gateway;

/// <summary>Makes the <see cref="HostMap"/> that follows another: a table is copied when it is changed first. One thread at a time.</summary>
/// <param name="from">The tables of the last map, which stay as they are.</param>
/// <param name="count">How many hosts they hold.</param>
internal sealed class HostMapEditor(HostTable[] from, int count)
{
    private const int Smallest = 4;

    // Those that are copied, and how many hosts stand in each.
    private readonly Dictionary<int, (HostTable Table, int Held)> _mine = [];

    public HostSlot? Find(ReadOnlySpan<char> host) => Find(new HostKey(host));

    /// <summary>Gives a host another slot.</summary>
    /// <param name="host">In the form of the table.</param>
    /// <param name="slot">The slot; null takes the host out.</param>
    public void Set(string host, HostSlot? slot)
    {
        var key = new HostKey(host);
        if (ReferenceEquals(Find(key), slot))
        {
            return;
        }

        var (cells, held) = Mine(key.Table);
        var at = key.PlaceIn(cells);
        var more = (slot is null ? 0 : 1) - (cells[at].IsFree ? 0 : 1);
        (held, count) = (held + more, count + more);
        if (slot is null)
        {
            Remove(cells, at);
        }
        else
        {
            cells[at] = new HostCell(key, slot);
            cells = Roomy(cells, held);
        }

        _mine[key.Table] = (new HostTable(cells), held);
    }

    /// <summary>The map as it is now, to which nothing can be done any more from here.</summary>
    public HostMap ToMap()
    {
        from = [.. from];
        foreach (var (number, mine) in _mine)
        {
            from[number] = mine.Table;
        }

        // What goes out is nobody's to change: a later change copies again.
        _mine.Clear();
        return new HostMap(from, count);
    }

    private HostSlot? Find(HostKey key) => Table(key.Table).Find(key).Slot;

    private HostTable Table(int number) => _mine.TryGetValue(number, out var mine) ? mine.Table : from[number];

    private (HostCell[] Cells, int Held) Mine(int number)
    {
        if (_mine.TryGetValue(number, out var known))
        {
            return (known.Table.Cells!, known.Held);
        }

        HostCell[] mine = from[number].Cells is { } shared ? [.. shared] : new HostCell[Smallest];
        return (mine, mine.Count(static cell => !cell.IsFree));
    }

    // An eighth of the places at least stays free: a host is found at the first or a few behind it, which lie together.
    private static HostCell[] Roomy(HostCell[] cells, int held)
    {
        if (held * 8 <= cells.Length * 7)
        {
            return cells;
        }

        var larger = new HostCell[cells.Length * 2];
        foreach (var cell in cells)
        {
            if (!cell.IsFree)
            {
                var at = (int)cell.Hash & (larger.Length - 1);
                while (!larger[at].IsFree)
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
        for (var at = (gap + 1) & mask; !cells[at].IsFree; at = (at + 1) & mask)
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
