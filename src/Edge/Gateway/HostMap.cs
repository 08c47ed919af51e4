using Edge.Observability;

namespace Edge.Gateway;

/// <summary>
/// Slots by their host. With many hosts a request finds nothing of its own in the caches, so a lookup reads as little as can be: one
/// place of a table, and the slot that is the host's. Immutable; the next map copies one of 256 small tables and shares the rest.
/// See docs/decisions/0045-cold-hosts.md.
/// </summary>
internal sealed class HostMap
{
    public const int Tables = 256;

    public static readonly HostMap Empty = new(new HostCell[]?[Tables], 0);

    private readonly HostCell[]?[] _tables;

    private HostMap(HostCell[]?[] tables, int count) => (_tables, Count) = (tables, count);

    /// <summary>How many hosts it holds.</summary>
    public int Count { get; }

    /// <summary>Every slot, in no order.</summary>
    public IEnumerable<HostSlot> Values => _tables.SelectMany(static table => table ?? []).Select(static cell => cell.Slot).OfType<HostSlot>();

    /// <summary>The slot of a host; null when there is none.</summary>
    /// <param name="host">In the form of the table, see <see cref="HostText.Normalise"/>.</param>
    public HostSlot? Find(ReadOnlySpan<char> host)
    {
        var hash = HashOf(host);
        return _tables[TableOf(hash)] is { } cells ? cells[PlaceOf(cells, hash, host)].Slot : null;
    }

    /// <summary>The slot of a host, and its only route, which is fetched beside it.</summary>
    /// <param name="host">As above.</param>
    /// <param name="only">See <see cref="HostSlot.Only"/>.</param>
    public HostSlot? Find(ReadOnlySpan<char> host, out RouteEntry? only)
    {
        only = null;
        var hash = HashOf(host);
        if (_tables[TableOf(hash)] is not { } cells)
        {
            return null;
        }

        ColdMemory.Fetch(cells[(int)hash & (cells.Length - 1)].Only, RouteEntry.Front);
        ref readonly var cell = ref cells[PlaceOf(cells, hash, host)];
        only = cell.Only;
        return cell.Slot;
    }

    /// <summary>Begins the next map.</summary>
    public HostMapEditor Edit() => new(_tables, Count);

    public static HostMap Of(HostCell[]?[] tables, int count) => new(tables, count);

    /// <summary>With a key of this process: nobody can choose names that lie in one place.</summary>
    public static uint HashOf(ReadOnlySpan<char> host) => (uint)string.GetHashCode(host);

    public static int TableOf(uint hash) => (int)(hash >> 24);

    /// <summary>Where a host stands in a table, or the free place where it belongs. A table is never full.</summary>
    public static int PlaceOf(HostCell[] cells, uint hash, ReadOnlySpan<char> host)
    {
        var mask = cells.Length - 1;
        var at = (int)hash & mask;
        while (cells[at] is { Slot: { } slot } cell && !(cell.Hash == hash && slot.IsOf(host)))
        {
            at = (at + 1) & mask;
        }

        return at;
    }
}
