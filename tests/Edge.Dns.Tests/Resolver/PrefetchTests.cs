using Edge.Dns.Resolver;
using Edge.Dns.Wire;
using Microsoft.Extensions.Time.Testing;
using Xunit;
using static Edge.Dns.Tests.Resolver.ForwarderClient;

namespace Edge.Dns.Tests.Resolver;

/// <summary>What is in use is asked anew before it ends, and nobody waits for that.</summary>
public sealed class PrefetchTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly FakeUpstream _upstream = new(query => FakeUpstream.Reply(query, [$"{query.Questions[0].Name} 300 A 192.0.2.1"]));
    private readonly Forwarder _forwarder;

    public PrefetchTests()
    {
        _forwarder = new Forwarder(Options(_upstream.EndPoint), _time);
    }

    public void Dispose()
    {
        _forwarder.Dispose();
        _upstream.Dispose();
    }

    [Fact]
    public async Task A_hit_in_the_last_tenth_has_it_asked_anew_once()
    {
        await _forwarder.Ask("www.example.org");
        Advance(269);
        Assert.True(_forwarder.TryCache("www.example.org", RecordType.A, out _));
        Assert.Equal(1, _upstream.UdpCount);
        Advance(1);
        Action? release = null;
        _upstream.OnUdp = (query, send) => release = () => send(FakeUpstream.Reply(FakeUpstream.Parse(query), ["www.example.org 300 A 192.0.2.9"]).ToArray());
        for (var i = 0; i < 5; i++)
        {
            Assert.True(_forwarder.TryCache("www.example.org", RecordType.A, out var hit));
            Assert.Equal(["www.example.org. 30 A 192.0.2.1"], hit!.Answer.Text());
        }

        await Until(() => release is not null);
        Assert.Equal(2, _upstream.UdpCount);
        release!();
        await Until(() => _forwarder.TryCache("www.example.org", RecordType.A, out var hit) && hit!.Answer.Text()[0] == "www.example.org. 300 A 192.0.2.9");
    }

    [Fact]
    public async Task When_it_fails_the_answer_serves_to_its_end_and_stale_after_that()
    {
        await _forwarder.Ask("www.example.org");
        Advance(280);
        _upstream.Answer = query => FakeUpstream.Reply(query, [], rcode: Rcode.ServFail);
        Assert.True(_forwarder.TryCache("www.example.org", RecordType.A, out _));
        await Until(() => _forwarder.Stats.Failures == 1);
        Assert.True(_forwarder.TryCache("www.example.org", RecordType.A, out var hit));
        Assert.Equal(20u, hit!.Answer[0].Ttl);
        Advance(21);
        Assert.Equal(30u, (await _forwarder.Ask("www.example.org")).Answer[0].Ttl);
    }

    [Theory]
    [InlineData("another name below one that is missing")]
    [InlineData("nobody desires recursion")]
    public async Task Not_for(string what)
    {
        _upstream.Answer = query => FakeUpstream.Reply(query, [], ["example.org 300 SOA 300"], Rcode.NxDomain);
        await _forwarder.Ask("gone.example.org", edns: false);
        Advance(290);
        var query = what == "nobody desires recursion" ? Query("gone.example.org", RecordType.A, flags: MessageFlags.None) : Query("below.gone.example.org", RecordType.A);
        Assert.Equal(Rcode.NxDomain, (await _forwarder.Ask(query)).Rcode);
        Assert.Equal(1, _upstream.UdpCount);
        // It does not spoil the turn of who may.
        Assert.True(_forwarder.TryCache("gone.example.org", RecordType.A, out _));
        await Until(() => _upstream.UdpCount == 2);
    }

    private void Advance(double seconds) => _time.Advance(TimeSpan.FromSeconds(seconds));
}
