using Edge.Dns.Nameserver;
using Edge.Dns.Tests.Zones;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Edge.Dns.Tests.Nameserver;

/// <summary>A flood of refusals is a few lines in the log and a number.</summary>
public sealed class RefusalLimitTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly RecordingLogger _logger = new();

    [Theory]
    [InlineData(1, 1, null)]
    [InlineData(RefusalLimit.Lines, RefusalLimit.Lines, null)]
    [InlineData(RefusalLimit.Lines + 1, RefusalLimit.Lines, "1 more updates were refused in the last minute")]
    [InlineData(100_000, RefusalLimit.Lines, "99995 more updates were refused in the last minute")]
    public void In_each_minute_a_few_pass_and_the_others_are_counted(int refusals, int passing, string? told)
    {
        var limit = new RefusalLimit("updates", _time, _logger);
        for (var minute = 1; minute <= 3; minute++)
        {
            Assert.Equal(passing, Enumerable.Range(0, refusals).Count(_ => limit.Passes()));
            _time.Advance(TimeSpan.FromMinutes(1));
            Assert.Equal(told is null ? [] : Enumerable.Repeat((LogLevel.Warning, told), minute), _logger.Entries);
        }
    }
}
