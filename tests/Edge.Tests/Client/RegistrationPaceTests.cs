using Edge.Client;
using Xunit;

namespace Edge.Tests.Client;

/// <summary>When an application speaks to Edge again.</summary>
public sealed class RegistrationPaceTests
{
    [Theory]
    [InlineData(30, 8, 12)]
    [InlineData(5, 4.0 / 3, 2)]
    [InlineData(86400, 23040, 34560)]
    public void A_lease_is_renewed_at_a_third_of_it_give_or_take_a_fifth(double lease, double least, double most) =>
        Holds(() => RegistrationPace.Renewal(TimeSpan.FromSeconds(lease)), least, most);

    [Theory]
    [InlineData(1, 0.5, 1)]
    [InlineData(2, 1, 2)]
    [InlineData(5, 8, 16)]
    [InlineData(6, 15, 30)]
    [InlineData(1_000_000, 15, 30)]
    public void After_each_failure_the_pause_doubles_up_to_half_a_minute(int failures, double least, double most) =>
        Holds(() => RegistrationPace.Failure(failures), least, most);

    [Fact]
    public void A_refusal_is_asked_about_every_half_minute() => Holds(RegistrationPace.Refusal, 24, 36);

    // Within its bounds, and spread over at least half of them.
    private static void Holds(Func<TimeSpan> pause, double least, double most)
    {
        var pauses = Enumerable.Range(0, 1000).Select(_ => pause().TotalSeconds).ToList();
        Assert.All(pauses, seconds => Assert.InRange(seconds, least - 0.001, most + 0.001));
        Assert.True(pauses.Max() - pauses.Min() > (most - least) / 2);
    }
}
