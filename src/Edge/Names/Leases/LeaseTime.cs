namespace Edge.Names.Leases;

/// <summary>Times in lease files: seconds since 1970.</summary>
internal static class LeaseTime
{
    /// <summary>The last second of the year 9999, behind which there is no date.</summary>
    public const long Latest = 253_402_300_799;

    public static DateTimeOffset At(long seconds) => DateTimeOffset.FromUnixTimeSeconds(seconds);
}
