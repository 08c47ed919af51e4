namespace Edge.Client;

/// <summary>When to speak to Edge again. Chance in every pause keeps many applications from coming at once.</summary>
internal static class RegistrationPace
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    /// <summary>A third of the lease leaves room for two renewals that fail.</summary>
    public static TimeSpan Renewal(TimeSpan lease) => lease / 3 * (0.8 + (0.4 * Random.Shared.NextDouble()));

    /// <summary>After so many failures one after the other: a second, then twice as long each time, up to half a minute.</summary>
    public static TimeSpan Failure(int failures) => TimeSpan.FromSeconds(Math.Min(Longest.TotalSeconds, Math.Pow(2, failures - 1))) * (0.5 + (0.5 * Random.Shared.NextDouble()));

    /// <summary>After a refusal, whose reason may go away without our doing.</summary>
    public static TimeSpan Refusal() => Longest * (0.8 + (0.4 * Random.Shared.NextDouble()));
}
