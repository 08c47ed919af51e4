using Edge.Dns.Queries;
using Xunit;

namespace Edge.Dns.Tests.Queries;

/// <summary>Those who watch: they see what they want, and nobody waits for them.</summary>
public sealed class QueryFollowTests
{
    [Fact]
    public void A_follower_sees_what_it_wants_and_from_now_on()
    {
        var server = new RecordedServer();
        server.Ask("ns.example.com.");
        server.Log.Drain();
        using var follower = server.Log.Follow(new QueryFilter { Name = "web" });
        server.Ask("ns.example.com.");
        server.Ask("web.example.com.");
        server.Log.Drain();
        Assert.True(follower.Queries.TryRead(out var seen));
        Assert.Equal("web.example.com", seen.Name);
        Assert.False(follower.Queries.TryRead(out _));
    }

    [Fact]
    public void One_who_reads_nothing_misses_the_oldest_and_keeps_nobody_waiting()
    {
        var server = new RecordedServer();
        using var slow = server.Log.Follow(new QueryFilter());
        for (var turn = 0; turn < 5; turn++)
        {
            for (var i = 0; i < 500; i++)
            {
                server.Ask("web.example.com.");
            }

            Assert.Equal(500, server.Log.Drain());
        }

        Assert.Equal(1500, slow.Missed);
        Assert.Equal(1000, slow.Queries.Count);
    }

    [Fact]
    public async Task The_end_of_the_log_is_the_end_of_following()
    {
        var server = new RecordedServer();
        server.Log.Start();
        var follower = server.Log.Follow(new QueryFilter());
        server.Ask("web.example.com.");
        await server.Log.DisposeAsync();
        Assert.True(follower.Queries.TryRead(out _));
        Assert.False(await follower.Queries.WaitToReadAsync(TestContext.Current.CancellationToken));
    }
}
