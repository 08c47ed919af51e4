namespace Edge.Dns.Queries;

/// <summary>Takes a query that was read.</summary>
/// <param name="slot">A copy of its own.</param>
internal delegate void SlotTaker(ref QuerySlot slot);
