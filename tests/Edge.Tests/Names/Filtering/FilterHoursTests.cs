using System.Globalization;
using Edge.Names.Filtering;
using Xunit;

namespace Edge.Tests.Names.Filtering;

/// <summary>Hours by the clock on the wall. 2026-03-02 is a Monday.</summary>
public sealed class FilterHoursTests
{
    [Theory]
    [InlineData("mon-fri 20:00-07:00", "2026-03-02 19:59", false)]
    [InlineData("mon-fri 20:00-07:00", "2026-03-02 20:00", true)]
    [InlineData("mon-fri 20:00-07:00", "2026-03-03 06:59", true)]
    [InlineData("mon-fri 20:00-07:00", "2026-03-03 07:00", false)]
    [InlineData("mon-fri 20:00-07:00", "2026-03-02 06:00", false)]
    [InlineData("mon-fri 20:00-07:00", "2026-03-07 06:00", true)]
    [InlineData("mon-fri 20:00-07:00", "2026-03-07 20:00", false)]
    [InlineData("fri-mon 08:00-09:00", "2026-03-01 08:30", true)]
    [InlineData("fri-mon 08:00-09:00", "2026-03-03 08:30", false)]
    [InlineData("sat,sun 09:00-21:30", "2026-03-07 21:29", true)]
    [InlineData("sat,sun 09:00-21:30", "2026-03-06 12:00", false)]
    [InlineData("daily 21:00-24:00", "2026-03-04 23:59", true)]
    [InlineData("daily 21:00-24:00", "2026-03-05 00:00", false)]
    [InlineData("9:00-12:00", "2026-03-05 09:00", true)]
    [InlineData("Mon,WED-thu 00:00-24:00", "2026-03-05 13:00", true)]
    public void They_hold_at_some_times_and_not_at_others(string hours, string local, bool expected) =>
        Assert.Equal(expected, FilterHours.Parse(hours)!.Hold(DateTime.Parse(local, CultureInfo.InvariantCulture)));

    [Theory]
    [InlineData("")]
    [InlineData("mon")]
    [InlineData("mon-fri")]
    [InlineData("funday 20:00-21:00")]
    [InlineData("mon-tue-wed 20:00-21:00")]
    [InlineData("mon 20:00")]
    [InlineData("mon 20:00-20:00")]
    [InlineData("mon 24:00-07:00")]
    [InlineData("mon 25:00-07:00")]
    [InlineData("mon tue 20:00-21:00")]
    public void Anything_else_is_none(string text) => Assert.Null(FilterHours.Parse(text));
}
