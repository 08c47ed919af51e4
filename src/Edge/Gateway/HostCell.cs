namespace Edge.Gateway;

/// <summary>
/// A place of a <see cref="HostMap"/>. The smaller it is, the more of them are in the caches of the processor; the letters lie with the
/// route, which is read anyway. See docs/decisions/0045-cold-hosts.md.
/// </summary>
internal readonly struct HostCell
{
    // The host is the first of its only route, which knows it by itself.
    private readonly bool _isRoutes;

    /// <param name="key">The host.</param>
    /// <param name="slot">Its routes.</param>
    public HostCell(HostKey key, HostSlot slot)
    {
        (Hash, Slot, Only) = (key.Hash, slot, slot.Only);
        _isRoutes = Only is { Host: { } host } && host == slot.Name;
    }

    /// <summary>The routes of the host; null where the place is free.</summary>
    public HostSlot? Slot { get; }

    /// <summary>The slot's own, see <see cref="HostSlot.Only"/>.</summary>
    public RouteEntry? Only { get; }

    public uint Hash { get; }

    /// <summary>The host; null where the place is free.</summary>
    public string? Name => _isRoutes ? Only!.Host : Slot?.Name;

    public bool IsFree => Slot is null;

    /// <summary>Whether it is the place of a host.</summary>
    public bool IsOf(HostKey key) => Hash == key.Hash && HasLettersOf(key.Host);

    /// <summary>The same, for two hosts of one hash.</summary>
    public bool HasLettersOf(ReadOnlySpan<char> host) => _isRoutes ? Only!.IsFor(host) : host.SequenceEqual(Slot?.Name);
}
