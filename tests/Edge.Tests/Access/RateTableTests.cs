using System.Net;
using Edge.Access;
using Edge.Services;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Edge.Tests.Access;

/// <summary>How often one client may ask.</summary>
public sealed class RateTableTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void A_burst_passes_then_as_many_as_the_rate_says()
    {
        var (table, rule) = (new RateTable(_time), RateRule.Parse("10/s burst 20")!);

        Assert.Equal(20, Passed(table, rule, "192.0.2.1", 50));
        Assert.False(table.Allows("photos", Key("192.0.2.1"), rule, out var wait));
        Assert.Equal(TimeSpan.FromMilliseconds(100), wait);
        _time.Advance(TimeSpan.FromMilliseconds(500));
        Assert.Equal(5, Passed(table, rule, "192.0.2.1", 50));
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(20, Passed(table, rule, "192.0.2.1", 50));
    }

    [Theory]
    [InlineData("192.0.2.2", 3)]
    [InlineData("::ffff:192.0.2.1", 0)]
    [InlineData("2001:db8:0:1::99", 3)]
    public void Each_client_has_its_own(string other, int expected)
    {
        var (table, rule) = (new RateTable(_time), RateRule.Parse("3/h")!);
        Passed(table, rule, "192.0.2.1", 3);

        Assert.Equal(expected, Passed(table, rule, other, 10));
    }

    [Fact]
    public void A_client_of_IPv6_is_its_64()
    {
        var (table, rule) = (new RateTable(_time), RateRule.Parse("3/h")!);

        Assert.Equal(3, Passed(table, rule, "2001:db8::1", 3));
        Assert.Equal(0, Passed(table, rule, "2001:db8::2", 3));
        Assert.Equal(3, Passed(table, rule, "2001:db8:0:1::2", 3));
    }

    [Fact]
    public void Services_are_counted_apart()
    {
        var (table, rule) = (new RateTable(_time), RateRule.Parse("1/h")!);

        Assert.True(table.Allows("photos", Key("192.0.2.1"), rule, out _));
        Assert.True(table.Allows("music", Key("192.0.2.1"), rule, out _));
        Assert.False(table.Allows("music", Key("192.0.2.1"), rule, out _));
    }

    [Fact]
    public void A_million_clients_do_not_make_it_grow_nor_free_one_who_asks_too_much()
    {
        var (table, rule) = (new RateTable(_time), RateRule.Parse("100/h")!);
        Passed(table, rule, "192.0.2.1", 100);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000_000; i++)
        {
            table.Allows("photos", new ClientKey(0x2001_0db8_0000_0000 + (ulong)i, 0), rule, out _);
        }

        // A collection that some other test sets off counts what is left of this thread's block as well.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 * 1024);
        Assert.False(table.Allows("photos", Key("192.0.2.1"), rule, out _));
    }

    private static int Passed(RateTable table, RateRule rule, string client, int requests) =>
        Enumerable.Range(0, requests).Count(_ => table.Allows("photos", Key(client), rule, out var _));

    private static ClientKey Key(string address) => ClientKey.Of(IPAddress.Parse(address));
}
