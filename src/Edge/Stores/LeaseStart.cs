namespace Edge.Stores;

/// <summary>What a lease has left when Edge starts: nobody could renew it while Edge was down.</summary>
internal static class LeaseStart
{
    /// <summary>As long as this, or as their time to live where that is shorter, leases have at least after a start.</summary>
    public static readonly TimeSpan Fair = TimeSpan.FromMinutes(10);

    // Who could not renew tries again by and by.
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The time left. One that ran out meanwhile has time to be renewed, and not its whole time: a box that is on for some hours a day
    /// would keep for ever what nobody renews. One that would last for longer than it was given begins anew, because then the
    /// wall clock was wrong or is.
    /// </summary>
    /// <param name="ends">When it ends, as it was written down.</param>
    /// <param name="timeToLive">The time that each renewal grants.</param>
    /// <param name="now">The wall clock.</param>
    public static TimeSpan Left(DateTimeOffset ends, TimeSpan timeToLive, DateTimeOffset now)
    {
        var left = BeginsAnew(ends, timeToLive, now) ? timeToLive : ends - now;
        var fair = timeToLive < Least ? Least : timeToLive < Fair ? timeToLive : Fair;
        return left > fair ? left : fair;
    }

    /// <summary>Whether it would last for longer than it was given. That it begins anew is to be written down, or it would at every start.</summary>
    public static bool BeginsAnew(DateTimeOffset ends, TimeSpan timeToLive, DateTimeOffset now) => ends - now > timeToLive;
}
