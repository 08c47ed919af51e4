using Edge.Settings;

namespace Edge.Tests.Settings;

/// <summary>Times as people write them.</summary>
public sealed class DurationTextTests
{
    [Theory]
    [InlineData("30", 30)]
    [InlineData("90s", 90)]
    [InlineData("15m", 900)]
    [InlineData("1h30m", 5400)]
    [InlineData("7d", 604800)]
    [InlineData("2w", 1209600)]
    public void Is_read(string text, int seconds) => Assert.Equal(TimeSpan.FromSeconds(seconds), DurationText.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("soon")]
    [InlineData("-5s")]
    [InlineData("5x")]
    [InlineData("s")]
    [InlineData("1h30")]
    [InlineData("99999999999999d")]
    public void Is_refused(string text) => Assert.Null(DurationText.Parse(text));

    [Theory]
    [InlineData(0, "0s")]
    [InlineData(30, "30s")]
    [InlineData(5400, "1h30m")]
    [InlineData(90061, "1d1h")]
    public void Is_written(int seconds, string text) => Assert.Equal(text, DurationText.Format(TimeSpan.FromSeconds(seconds)));
}
