namespace Edge.Gateway;

/// <summary>
/// Slots by their host. With many hosts a request finds nothing of its own in the caches, so a lookup reads as little as can be: one
/// place of a table. Immutable; the next map copies one of 512 small tables and shares the rest.
/// See docs/decisions/0045-cold-hosts.md.
/// </summary>
internal sealed class HostMap
{
    /// <summary>So few that which table it is says memory that is at hand, and so many that the copy of one is small.</summary>
    public const int Tables = 512;

    public static readonly HostMap Empty = new(new HostTable[Tables], 0);

    private readonly HostTable[] _tables;

    /// <param name="tables">Its tables, which nobody changes from now on.</param>
    /// <param name="count">How many hosts they hold.</param>
    public HostMap(HostTable[] tables, int count) => (_tables, Count) = (tables, count);

    /// <summary>How many hosts it holds.</summary>
    public int Count { get; }

    /// <summary>Every slot, in no order.</summary>
    public IEnumerable<HostSlot> Values => _tables.SelectMany(static table => table.Cells ?? []).Select(static cell => cell.Slot).OfType<HostSlot>();

    /// <summary>The slot of a host; null when there is none.</summary>
    /// <param name="host">In the form of the table, see <see cref="HostText.Normalise"/>.</param>
    public HostSlot? Find(ReadOnlySpan<char> host) => Find(new HostKey(host)).Slot;

    /// <summary>The place of a host; a free one when it has none.</summary>
    public ref readonly HostCell Find(HostKey key) => ref _tables[key.Table].Find(key);

    /// <summary>Has the processor fetch the only route of a host that is asked for soon.</summary>
    public void Fetch(HostKey key) => _tables[key.Table].Fetch(key);

    /// <summary>Begins the next map.</summary>
    public HostMapEditor Edit() => new(_tables, Count);
}
