namespace Edge.Stores;

/// <summary>A lease as it is written down.</summary>
/// <param name="Id">Its number.</param>
/// <param name="TimeToLive">The time that each renewal grants.</param>
/// <param name="Ends">When it ends by the wall clock; counts only after a restart.</param>
internal sealed record StoredLease(LeaseId Id, TimeSpan TimeToLive, DateTimeOffset Ends);
