namespace Edge.Services;

/// <summary>How long a registered service lives without a renewal.</summary>
/// <param name="Id">The store's lease.</param>
/// <param name="TimeToLive">The time that each renewal grants.</param>
internal sealed record ServiceLease(long Id, TimeSpan TimeToLive);
