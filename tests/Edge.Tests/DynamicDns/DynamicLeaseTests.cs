using Edge.Services;
using Xunit;

namespace Edge.Tests.DynamicDns;

/// <summary>Names that were lent, when Edge was down or its clock is set: who is alive has time to send again, who is not loses the name.</summary>
public sealed class DynamicLeaseTests
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    // A tenth is added to each lease.
    [Theory]
    [InlineData("after a power cut that is longer than the lease it has ten minutes", 24, 48, 1 / 6.0)]
    [InlineData("a short stop counts", 24, 2, 24.4)]
    [InlineData("one that was about to end has ten minutes", 24, 26.3, 1 / 6.0)]
    [InlineData("a lease that is shorter than that begins anew", 0.1, 0.05, 0.11)]
    public async Task A_name_after_a_stop(string why, double lease, double down, double left)
    {
        using var lab = await LabAsync(TimeSpan.FromHours(lease));
        await lab.SendAsync("a");
        await lab.StartAsync(TimeSpan.FromHours(down));
        await lab.PassAsync(TimeSpan.FromHours(left) - TimeSpan.FromSeconds(1));
        Assert.True(lab.Answered == "a", why);
        await lab.PassAsync(TimeSpan.FromSeconds(2));
        Assert.True(lab.Answered.Length == 0, why);
        Assert.Equal("", await lab.KeptAsync());
    }

    [Fact]
    public async Task Who_is_switched_on_for_hours_a_day_keeps_no_name_for_ever()
    {
        using var lab = await LabAsync(TimeSpan.FromHours(10));
        await lab.SendAsync("a");
        await lab.StartAsync(TimeSpan.FromHours(12));
        await lab.PassAsync(TimeSpan.FromMinutes(9));
        Assert.Equal("a", lab.Answered);
        await lab.PassAsync(TimeSpan.FromMinutes(2));
        Assert.Equal("", lab.Answered);
    }

    // Its end was written while the clock was wrong: it begins anew, once.
    [Fact]
    public async Task A_name_whose_end_is_too_far_ahead()
    {
        using var lab = await LabAsync(TimeSpan.FromHours(10));
        lab.SetClock(Day * 500);
        await lab.SendAsync("a");
        await lab.StartAsync();
        await lab.PassAsync(TimeSpan.FromHours(8));
        Assert.Equal("a", lab.Answered);
        await lab.StartAsync(TimeSpan.FromHours(1));
        await lab.PassAsync(TimeSpan.FromHours(2.1));
        Assert.Equal("", lab.Answered);
    }

    [Fact]
    public async Task A_clock_that_came_up_far_ahead_leaves_time_to_send_again()
    {
        using var lab = await LabAsync(Day);
        await lab.SendAsync("a");
        await lab.StartAsync(TimeSpan.FromHours(1), Day * 500);
        await lab.PassAsync(TimeSpan.FromMinutes(9));
        Assert.Equal("nochg 198.51.100.7", await lab.SendAsync("a"));
        lab.SetClock(default);
        await lab.PassAsync(TimeSpan.FromHours(26));
        Assert.Equal("a", lab.Answered);
        await lab.PassAsync(TimeSpan.FromHours(1));
        Assert.Equal("", lab.Answered);
    }

    // A box without a battery for its clock starts years ago, and finds a time server later.
    [Theory]
    [InlineData(-20_000, 0)]
    [InlineData(-500, 0)]
    [InlineData(0, 500)]
    [InlineData(0, -500)]
    public async Task A_clock_that_is_set_ends_nothing_and_prolongs_nothing(int atStart, int set)
    {
        using var lab = await LabAsync(Day);
        await lab.SendAsync("a");
        await lab.StartAsync(TimeSpan.FromHours(1), Day * atStart);
        Assert.Equal("good 198.51.100.8", await lab.SendAsync("b", "198.51.100.8"));
        lab.SetClock(Day * set);
        await lab.PassAsync(TimeSpan.FromHours(12));
        Assert.Equal("a b", lab.Answered);
        Assert.Equal("nochg 198.51.100.8", await lab.SendAsync("b", "198.51.100.8"));
        await lab.PassAsync(TimeSpan.FromHours(14.5));
        Assert.Equal("b", lab.Answered);
        await lab.PassAsync(TimeSpan.FromHours(12));
        Assert.Equal("", lab.Answered);
    }

    // Nobody knows its lease any more: it is not to be shorter for that.
    [Fact]
    public async Task A_name_that_an_older_version_kept()
    {
        using var lab = new DynamicRoomLab(time => Older(time, "a", time.GetUtcNow().AddHours(5)));
        await lab.StartAsync();
        await lab.PassAsync(TimeSpan.FromHours(4.9));
        Assert.Equal("a", lab.Answered);
        await lab.PassAsync(TimeSpan.FromHours(0.2));
        Assert.Equal("", lab.Answered);
    }

    private static Edge.Stores.MemoryStore Older(TimeProvider time, string host, DateTimeOffset ends)
    {
        var store = new Edge.Stores.MemoryStore(time, Microsoft.Extensions.Logging.Abstractions.NullLogger<Edge.Stores.MemoryStore>.Instance);
        var json = $$"""{"host":"{{host}}.example.com","token":"cabin","iPv4":"198.51.100.7","iPv6":null,"isForLanOnly":false,"changed":"2026-03-01T00:00:00+00:00","ends":"{{ends:O}}"}""";
        Assert.True(store.PutAsync($"dynamic/{host}.example.com", System.Text.Encoding.UTF8.GetBytes(json), null, null, default).AsTask().IsCompletedSuccessfully);
        return store;
    }

    private static async Task<DynamicRoomLab> LabAsync(TimeSpan lease)
    {
        var lab = new DynamicRoomLab { Token = new Token { Name = "cabin", Hash = new byte[32], Scope = new TokenScope(["*"], ["*"]), Created = default, Lease = lease } };
        await lab.StartAsync();
        return lab;
    }
}
