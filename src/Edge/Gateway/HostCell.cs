namespace Edge.Gateway;

/// <summary>A place of a <see cref="HostMap"/>: the hash stands beside the reference, so that a slot is read only for its own host.</summary>
/// <param name="Hash">Of the host.</param>
/// <param name="Slot">Its routes; null where the place is free.</param>
/// <param name="Only">The slot's own, see <see cref="HostSlot.Only"/>: it need not wait for the slot.</param>
internal readonly record struct HostCell(uint Hash, HostSlot? Slot, RouteEntry? Only);
