using Edge.Dns.Resolver;
using Edge.Dns.Wire;
using Microsoft.Extensions.Time.Testing;
using Xunit;
using static Edge.Dns.Tests.Resolver.ForwarderClient;

namespace Edge.Dns.Tests.Resolver.Upstreams;

/// <summary>Nobody waits for a slow upstream while another one could answer.</summary>
public sealed class HedgingTests
{
    private readonly FakeTimeProvider _time = new();

    private static Message Good(Message query) => FakeUpstream.Reply(query, [$"{query.Questions[0].Name} 300 A 192.0.2.1"]);

    [Fact]
    public async Task Who_is_later_than_usual_is_not_waited_for()
    {
        using var usual = new FakeUpstream(Good);
        using var other = new FakeUpstream(Good);
        using var forwarder = await Acquainted(usual, other);
        usual.Answer = static _ => null;
        var before = other.UdpCount;
        var asked = forwarder.Ask("slow.example.org");
        await Until(() => Asked(usual, "slow.example.org"));
        // Less than what is waited at least.
        _time.Advance(TimeSpan.FromMilliseconds(9));
        Assert.Equal(before, other.UdpCount);
        Assert.False(asked.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(20));
        Assert.Single((await asked).Answer);
        Assert.True(Asked(other, "slow.example.org"));
        // It was overtaken, so the other one comes first now and nobody waits at all.
        Assert.Single((await forwarder.Ask("next.example.org")).Answer);
        Assert.False(Asked(usual, "next.example.org"));
    }

    [Fact]
    public async Task Who_is_late_with_everything_is_asked_last_from_that_moment()
    {
        using var usual = new FakeUpstream(Good);
        using var other = new FakeUpstream(Good);
        using var forwarder = await Acquainted(usual, other);
        usual.Answer = static _ => null;
        Action? late = null;
        other.OnUdp = (query, send) => late = () => send(Good(FakeUpstream.Parse(query)).ToArray());
        var first = forwarder.Ask("first.example.org");
        await Until(() => Asked(usual, "first.example.org"));
        _time.Advance(TimeSpan.FromMilliseconds(15));
        await Until(() => late is not null);
        // Nobody has answered yet, but it is known already who should have.
        var answerFirst = late!;
        late = null;
        var second = forwarder.Ask("second.example.org");
        await Until(() => late is not null);
        Assert.False(Asked(usual, "second.example.org"));
        answerFirst();
        late!();
        Assert.All(await Task.WhenAll(first, second), answer => Assert.Single(answer.Answer));
    }

    [Fact]
    public async Task The_first_good_answer_counts_even_if_a_bad_one_is_quicker()
    {
        using var usual = new FakeUpstream(Good);
        using var other = new FakeUpstream(Good);
        using var forwarder = await Acquainted(usual, other);
        Action? late = null;
        usual.OnUdp = (query, send) => late = () => send(Good(FakeUpstream.Parse(query)).ToArray());
        other.Answer = static query => FakeUpstream.Reply(query, [], rcode: Rcode.ServFail);
        var asked = forwarder.Ask("slow.example.org");
        await Until(() => late is not null);
        _time.Advance(TimeSpan.FromMilliseconds(40));
        await Until(() => Asked(other, "slow.example.org"));
        late!();
        Assert.Equal(Rcode.NoError, (await asked).Rcode);
    }

    [Fact]
    public async Task One_of_three_upstreams_dead_costs_nobody_anything_after_the_first_moments()
    {
        using var dead = new FakeUpstream(Good);
        using var two = new FakeUpstream(Good);
        using var three = new FakeUpstream(Good);
        using var forwarder = await Acquainted(dead, two, three);
        dead.Answer = static _ => null;
        // The first moments: until the silence was noticed.
        for (var i = 0; i < 3; i++)
        {
            var first = forwarder.Ask($"first{i}.example.org");
            await Until(() => first.IsCompleted, () => _time.Advance(TimeSpan.FromMilliseconds(5)));
        }

        // Time stands still now: whoever had to wait for it would wait for ever.
        for (var i = 0; i < 200; i++)
        {
            Assert.Single((await forwarder.Ask($"n{i}.example.org")).Answer);
        }
    }

    [Fact]
    public async Task A_lost_datagram_is_sent_again_before_its_time_is_over()
    {
        using var only = new FakeUpstream(Good);
        using var forwarder = new Forwarder(Options(only.EndPoint) with { AttemptTimeout = TimeSpan.FromSeconds(1.5), TotalTimeout = TimeSpan.FromSeconds(4.5) }, _time);
        await forwarder.Ask("warm.example.org");
        var lost = true;
        only.OnUdp = (query, send) =>
        {
            if (!lost)
            {
                send(Good(FakeUpstream.Parse(query)).ToArray());
            }

            lost = false;
        };
        var asked = forwarder.Ask("www.example.org");
        await Until(() => !lost);
        _time.Advance(TimeSpan.FromMilliseconds(400));
        Assert.Single((await asked).Answer);
    }

    [Fact]
    public async Task Who_needs_an_upstream_that_is_down_has_it_looked_for_at_once()
    {
        using var upstream = new FakeUpstream();
        using var forwarder = new Forwarder(Options(upstream.EndPoint), _time);
        var asked = forwarder.Ask("one.example.org");
        await Until(() => asked.IsCompleted && forwarder.Stats.Upstreams[0].IsDown, () => _time.Advance(TimeSpan.FromMilliseconds(50)));
        // Down for so long that it is looked for every eight seconds only.
        for (var i = 0; i < 150; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        upstream.Answer = Good;
        Assert.Equal(Rcode.ServFail, (await forwarder.Ask("two.example.org")).Rcode);
        var start = _time.GetUtcNow();
        await Until(() => !forwarder.Stats.Upstreams[0].IsDown, () => _time.Advance(TimeSpan.FromMilliseconds(1)));
        Assert.InRange((_time.GetUtcNow() - start).TotalSeconds, 0, 2);
        Assert.Single((await forwarder.Ask("three.example.org")).Answer);
    }

    // A forwarder that has heard of each of them once, with the first one as the quickest.
    private async Task<Forwarder> Acquainted(params FakeUpstream[] upstreams)
    {
        var forwarder = new Forwarder(Options([.. upstreams.Select(upstream => upstream.EndPoint)]) with { AttemptTimeout = TimeSpan.FromSeconds(1.5), TotalTimeout = TimeSpan.FromSeconds(4.5) }, _time);
        for (var i = 0; !forwarder.Stats.Upstreams.All(upstream => upstream.Latency is not null); i++)
        {
            Assert.True(i < 1000, "somebody is never asked");
            await forwarder.Ask($"warm{i}.example.org");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        // Late replies to these questions are no part of what follows.
        await Until(() => upstreams.All(upstream => upstream.UdpCount > 0));
        return forwarder;
    }

    private static bool Asked(FakeUpstream upstream, string name)
    {
        lock (upstream.Received)
        {
            return upstream.Received.Exists(query => FakeUpstream.Parse(query).Questions[0].Name == Name.Parse(name));
        }
    }
}
