using System.Collections.Concurrent;
using System.Reflection;
using Xunit;
using Xunit.v3;

[assembly: Edge.Dns.Tests.TimeLimit]

namespace Edge.Dns.Tests;

/// <summary>
/// A test that hangs is named, and what it waits for is cancelled, so that it fails with the place where it waited and the others go on.
/// </summary>
[AttributeUsage(AttributeTargets.Assembly)]
internal sealed class TimeLimitAttribute : BeforeAfterTestAttribute
{
    /// <summary>The longest tests take a minute and a half where nothing else runs.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(6);

    private readonly ConcurrentDictionary<string, Timer> _running = [];

    public override void Before(MethodInfo methodUnderTest, IXunitTest test)
    {
        var context = TestContext.Current;
        _running[test.UniqueID] = new Timer(_ => End(context, test), null, Longest, Timeout.InfiniteTimeSpan);
    }

    public override void After(MethodInfo methodUnderTest, IXunitTest test)
    {
        if (_running.TryRemove(test.UniqueID, out var timer))
        {
            timer.Dispose();
        }
    }

    private static void End(ITestContext context, IXunitTest test)
    {
        Console.Error.WriteLine($"== {test.TestDisplayName} hangs: cancelled after {Longest.TotalMinutes} minutes");
        try
        {
            context.CancelCurrentTest();
        }
        catch (Exception over) when (over is AggregateException or ObjectDisposedException)
        {
            // It has just ended, or what it waited for does not like to be cancelled: thrown here it would end all tests.
            Console.Error.WriteLine(over);
        }
    }
}
