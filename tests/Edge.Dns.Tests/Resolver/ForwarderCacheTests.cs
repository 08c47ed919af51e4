using Edge.Dns.Resolver;
using Edge.Dns.Tests.Nameserver;
using Edge.Dns.Wire;
using Microsoft.Extensions.Time.Testing;
using Xunit;
using static Edge.Dns.Tests.Resolver.ForwarderClient;

namespace Edge.Dns.Tests.Resolver;

/// <summary>How long what is remembered.</summary>
public sealed class ForwarderCacheTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly FakeUpstream _upstream = new();
    private Forwarder _forwarder;

    public ForwarderCacheTests()
    {
        _forwarder = new Forwarder(Options(_upstream.EndPoint), _time);
    }

    public void Dispose()
    {
        _forwarder.Dispose();
        _upstream.Dispose();
    }

    [Fact]
    public async Task TTLs_count_down_and_end()
    {
        Serve(["www.example.org 300 CNAME two.example.org", "two.example.org 60 A 192.0.2.2"]);
        await _forwarder.Ask("www.example.org");
        Advance(53.9);
        Assert.True(_forwarder.TryCache("www.example.org", RecordType.A, out var kept));
        Assert.Equal(["www.example.org. 247 CNAME two.example.org.", "two.example.org. 7 A 192.0.2.2"], kept!.Answer.Text());
        Advance(6.1);
        Assert.False(_forwarder.TryCache("www.example.org", RecordType.A, out _));
        await _forwarder.Ask("www.example.org");
        Assert.Equal(2, _upstream.UdpCount);
    }

    [Theory]
    [InlineData(0u, 0, false)]
    [InlineData(1u, 0.9, true)]
    [InlineData(1u, 1.0, false)]
    [InlineData(1000000u, 86399, true)]
    [InlineData(1000000u, 86400, false)]
    public async Task The_TTL_is_obeyed_up_to_a_day(uint ttl, double after, bool cached)
    {
        Serve([$"www.example.org {ttl} A 192.0.2.1"]);
        var answer = await _forwarder.Ask("www.example.org");
        Assert.Equal(Math.Min(ttl, 86400), answer.Answer[0].Ttl);
        Advance(after);
        Assert.Equal(cached, _forwarder.TryCache("www.example.org", RecordType.A, out _));
    }

    /// <summary>For what somebody has just put there, such as the answer to a challenge.</summary>
    [Fact]
    public async Task What_is_asked_anew_is_asked_past_the_cache_and_remembered_in_its_place()
    {
        Serve([], ["example.org 900 SOA 900"], Rcode.NxDomain);
        await _forwarder.Ask("www.example.org");
        Serve(["www.example.org 300 A 192.0.2.1"]);
        Assert.Empty((await _forwarder.AskAsync(Name.Parse("www.example.org"), RecordType.A, TestContext.Current.CancellationToken)).Answer);
        Assert.Single((await _forwarder.AskAnewAsync(Name.Parse("www.example.org"), RecordType.A, TestContext.Current.CancellationToken)).Answer);
        Assert.Single((await _forwarder.AskAsync(Name.Parse("www.example.org"), RecordType.A, TestContext.Current.CancellationToken)).Answer);
    }

    [Fact]
    public async Task What_is_asked_anew_does_not_take_what_a_question_brings_that_was_on_its_way_before()
    {
        var first = new TaskCompletionSource<Action>();
        _upstream.OnUdp = (wire, reply) =>
        {
            var query = FakeUpstream.Parse(wire);
            if (!first.TrySetResult(() => reply(FakeUpstream.Reply(query, [], ["example.org 900 SOA 900"], Rcode.NxDomain).ToArray())))
            {
                reply(FakeUpstream.Reply(query, ["www.example.org 300 A 192.0.2.1"]).ToArray());
            }
        };
        var before = _forwarder.AskAsync(Name.Parse("www.example.org"), RecordType.A, TestContext.Current.CancellationToken);
        var answer = await first.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        var anew = _forwarder.AskAnewAsync(Name.Parse("www.example.org"), RecordType.A, TestContext.Current.CancellationToken);
        answer();
        Assert.Empty((await before).Answer);
        Assert.Single((await anew).Answer);
    }

    [Fact]
    public async Task A_special_name_is_nobodys_to_ask_anew()
    {
        Assert.Equal(Rcode.NxDomain, (await _forwarder.AskAnewAsync(Name.Parse("www.invalid"), RecordType.A, TestContext.Current.CancellationToken)).Rcode);
        Assert.Equal(0, _upstream.UdpCount);
    }

    [Fact]
    public async Task A_minimum_TTL_may_be_set()
    {
        _forwarder.Configure(Options(_upstream.EndPoint) with { MinTtl = TimeSpan.FromMinutes(1) });
        Serve(["www.example.org 0 A 192.0.2.1"]);
        Assert.Equal(60u, (await _forwarder.Ask("www.example.org")).Answer[0].Ttl);
        Advance(59);
        Assert.True(_forwarder.TryCache("www.example.org", RecordType.A, out _));
    }

    [Theory]
    [InlineData("example.org 900 SOA 60", 60)]
    [InlineData("example.org 30 SOA 60", 30)]
    [InlineData("example.org 90000 SOA 90000", 3600)]
    public async Task RFC_2308_section_5_NODATA_is_kept_for_name_and_type_as_long_as_the_SOA_says(string soa, int seconds)
    {
        Serve([], [soa]);
        var answer = await _forwarder.Ask("www.example.org");
        Assert.Equal((Rcode.NoError, 0, (uint)seconds), (answer.Rcode, answer.Answer.Count, answer.Authority.Single().Ttl));
        // Asked anew before its end it would last longer.
        _upstream.Answer = static _ => null;
        Advance(seconds - 1);
        Assert.True(_forwarder.TryCache("www.example.org", RecordType.A, out var kept));
        Assert.Equal(["example.org. 1 SOA soa"], kept!.Authority.Text());
        Assert.False(_forwarder.TryCache("www.example.org", RecordType.AAAA, out _));
        Assert.False(_forwarder.TryCache("sub.www.example.org", RecordType.A, out _));
        Advance(1);
        Assert.False(_forwarder.TryCache("www.example.org", RecordType.A, out _));
    }

    [Fact]
    public async Task RFC_2308_section_5_NXDOMAIN_is_kept_for_the_name_and_RFC_8020_for_all_below()
    {
        Serve([], ["example.org 900 SOA 60"], Rcode.NxDomain);
        await _forwarder.Ask("gone.example.org");
        foreach (var (name, type) in new[] { ("gone.example.org", RecordType.AAAA), ("GONE.example.org", RecordType.TXT), ("a.b.gone.example.org", RecordType.A) })
        {
            Assert.True(_forwarder.TryCache(name, type, out var kept), name);
            Assert.Equal(Rcode.NxDomain, kept!.Rcode);
            Assert.Equal(["example.org. 60 SOA soa"], kept.Authority.Text());
            Assert.Equal((Name.Parse(name), type), (kept.Questions[0].Name, kept.Questions[0].Type));
        }

        Assert.False(_forwarder.TryCache("begone.example.org", RecordType.A, out _));
        Assert.False(_forwarder.TryCache("example.org", RecordType.A, out _));
    }

    [Fact]
    public async Task An_NXDOMAIN_at_the_end_of_a_chain_is_not_about_the_name_that_was_asked()
    {
        Serve(["www.example.org 300 CNAME gone.example.org"], ["example.org 900 SOA 60"], Rcode.NxDomain);
        var answer = await _forwarder.Ask("www.example.org");
        Assert.Equal((Rcode.NxDomain, 1), (answer.Rcode, answer.Answer.Count));
        Assert.False(_forwarder.TryCache("www.example.org", RecordType.CNAME, out _));
        Assert.False(_forwarder.TryCache("x.www.example.org", RecordType.A, out _));
    }

    [Fact]
    public async Task RFC_2308_section_5_a_no_without_an_SOA_is_not_kept()
    {
        Serve([]);
        await _forwarder.Ask("www.example.org");
        await _forwarder.Ask("www.example.org");
        Assert.Equal(2, _upstream.UdpCount);
    }

    [Fact]
    public async Task RFC_9520_section_3_2_failures_are_kept_with_backoff()
    {
        Serve([], rcode: Rcode.ServFail);
        var times = new List<int>();
        for (var i = 0; i < 8; i++)
        {
            await _forwarder.Ask("www.example.org");
            var seconds = 0;
            for (; _forwarder.TryCache("www.example.org", RecordType.A, out _); seconds++)
            {
                Advance(1);
            }

            times.Add(seconds);
        }

        Assert.Equal([1, 2, 4, 8, 16, 32, 60, 60], times);
        Assert.Equal(8, _upstream.UdpCount);
    }

    [Fact]
    public async Task RFC_9520_section_3_2_a_failure_is_that_of_its_name_and_type_alone()
    {
        Serve([], rcode: Rcode.ServFail);
        await _forwarder.Ask("www.example.org");
        Assert.True(_forwarder.TryCache("www.example.org", RecordType.A, out var kept));
        Assert.Equal(Rcode.ServFail, kept!.Rcode);
        Assert.False(_forwarder.TryCache("www.example.org", RecordType.AAAA, out _));
        Assert.False(_forwarder.TryCache("x.www.example.org", RecordType.A, out _));
        Assert.False(_forwarder.TryCache("example.org", RecordType.A, out _));
        Serve(["www.example.org 300 AAAA 2001:db8::1"]);
        Assert.Single((await _forwarder.Ask("www.example.org", RecordType.AAAA)).Answer);
    }

    [Theory]
    [InlineData(Rcode.NoError, ExtendedErrorCode.StaleAnswer)]
    [InlineData(Rcode.NxDomain, ExtendedErrorCode.StaleNxDomainAnswer)]
    public async Task RFC_8767_what_was_known_is_served_while_upstreams_fail(Rcode rcode, ExtendedErrorCode code)
    {
        Serve(rcode == Rcode.NoError ? ["www.example.org 300 A 192.0.2.1"] : [], ["example.org 300 SOA 300"], rcode);
        await _forwarder.Ask("www.example.org");
        Advance(1000);
        Serve([], rcode: Rcode.ServFail);
        var stale = await _forwarder.Ask("www.example.org");
        Assert.Equal((rcode, code), (stale.Rcode, stale.ExtendedError()!.Value.Code));
        Assert.All(stale.Answer.Concat(stale.Authority), r => Assert.Equal(30u, r.Ttl));

        // RFC 8767 §5: for thirty seconds nobody is asked again.
        Advance(29);
        await _forwarder.Ask("www.example.org");
        Assert.Equal(2, _upstream.UdpCount);
        Serve(["www.example.org 300 A 192.0.2.9"]);
        Advance(1);
        var fresh = await _forwarder.Ask("www.example.org");
        Assert.Equal(["www.example.org. 300 A 192.0.2.9"], fresh.Answer.Text());
        Assert.Null(fresh.ExtendedError());
    }

    [Fact]
    public async Task RFC_8767_a_client_waits_no_longer_than_1_8_seconds_when_a_stale_answer_is_there()
    {
        _forwarder.Configure(Options(_upstream.EndPoint) with { AttemptTimeout = TimeSpan.FromSeconds(10), TotalTimeout = TimeSpan.FromSeconds(20) });
        Serve(["www.example.org 300 A 192.0.2.1"]);
        await _forwarder.Ask("www.example.org");
        Advance(301);
        Action? release = null;
        _upstream.OnUdp = (query, send) => release = () => send(FakeUpstream.Reply(FakeUpstream.Parse(query), ["www.example.org 300 A 192.0.2.9"]).ToArray());
        var asked = _forwarder.Ask("www.example.org");
        await Until(() => release is not null);
        Advance(1.7);
        Assert.False(asked.IsCompleted);
        Advance(0.1);
        Assert.Equal(["www.example.org. 30 A 192.0.2.1"], (await asked).Answer.Text());

        // The question went on, and its answer serves the next one.
        release!();
        await Until(() => _forwarder.TryCache("www.example.org", RecordType.A, out var kept) && kept!.Answer[0].Ttl == 300);
    }

    [Theory]
    [InlineData(86399, Rcode.NoError)]
    [InlineData(86400, Rcode.ServFail)]
    public async Task RFC_8767_section_5_stale_ends_after_a_day(int seconds, Rcode rcode)
    {
        Serve(["www.example.org 300 A 192.0.2.1"]);
        await _forwarder.Ask("www.example.org");
        Advance(300 + seconds);
        Serve([], rcode: Rcode.ServFail);
        Assert.Equal(rcode, (await _forwarder.Ask("www.example.org")).Rcode);
    }

    [Fact]
    public async Task With_and_without_DO_are_two_answers()
    {
        _upstream.Answer = q => FakeUpstream.Reply(q, [q.Edns!.DnssecOk ? "www.example.org 300 A 192.0.2.1" : "www.example.org 300 A 192.0.2.2"]);
        var signed = await _forwarder.Ask(Query("www.example.org", RecordType.A, edns: new Edns(1232, DnssecOk: true)));
        var plain = await _forwarder.Ask("www.example.org");
        Assert.NotEqual(signed.Answer[0].Data, plain.Answer[0].Data);
        Assert.Equal((true, false), (signed.Edns!.DnssecOk, plain.Edns!.DnssecOk));
        Assert.Equal(2, _upstream.UdpCount);
    }

    [Fact]
    public async Task The_cache_stays_within_its_bytes_and_keeps_what_is_used()
    {
        _forwarder.Dispose();
        _forwarder = new Forwarder(Options(_upstream.EndPoint) with { CacheBytes = 64 << 10 }, _time);
        _upstream.Answer = q => FakeUpstream.Reply(q, [$"{q.Questions[0].Name} 3000 A 192.0.2.1"]);
        await _forwarder.Ask("used.example.org");
        for (var i = 0; i < 2000; i++)
        {
            await _forwarder.Ask($"flood{i}.example.org");
            Assert.True(_forwarder.TryCache("used.example.org", RecordType.A, out _), $"lost after {i}");
            Assert.InRange(_forwarder.Stats.CacheBytes, 1, 64 << 10);
        }

        Assert.InRange(_forwarder.Stats.CacheEntries, 100, 500);
    }

    [Fact]
    public async Task An_answer_that_is_too_long_is_passed_on_and_not_kept()
    {
        Serve([.. Enumerable.Range(0, 1500).Select(i => $"big.example.org 300 AAAA 2001:db8::{i:x}")]);
        _upstream.OnUdp = (query, send) => send([.. query[..2], 0x82, 0, .. query[4..]]);
        Assert.Equal(1500, (await _forwarder.Ask("big.example.org", RecordType.AAAA)).Answer.Count);
        Assert.Equal(0, _forwarder.Stats.CacheEntries);
    }

    [Fact]
    public async Task A_hit_a_stale_hit_and_a_special_name_allocate_nothing()
    {
        Serve(["www.example.org 300 CNAME two.example.org", "two.example.org 300 A 192.0.2.2"]);
        await _forwarder.Ask("www.example.org");
        Serve([], ["example.org 3600 SOA 3600"], Rcode.NxDomain);
        await _forwarder.Ask("gone.example.org");
        AllocatesNothing(Query("wWw.example.org", RecordType.A, edns: new Edns(1232)));
        AllocatesNothing(Query("below.gone.example.org", RecordType.A));
        AllocatesNothing(Query("localhost", RecordType.A, edns: new Edns(1232)));
        AllocatesNothing(Query("4.3.168.192.in-addr.arpa", RecordType.PTR));
        Advance(500);
        Serve([], rcode: Rcode.ServFail);
        await _forwarder.Ask("www.example.org");
        AllocatesNothing(Query("www.example.org", RecordType.A, edns: new Edns(1232)));
    }

    [Fact]
    public async Task Readers_and_writers_at_once_never_see_a_wrong_answer()
    {
        var cache = new AnswerCache(40_000, 4096);
        var keys = Enumerable.Range(0, 500).Select(i => new QuestionKey(Name.Parse($"n{i}.example.org"), RecordType.A, 0)).ToArray();
        var wrong = 0;
        await Task.WhenAll(Enumerable.Range(0, 4).Select(worker => Task.Run(() =>
        {
            var random = new Random(worker);
            for (var i = 0; i < 20_000; i++)
            {
                var key = keys[random.Next(keys.Length)];
                if (worker < 2)
                {
                    cache.Put(AnswerBuilder.Build(key, Rcode.NoError, [], [], key.Type, TimeSpan.FromHours(1))!.Value, i);
                }
                else if (cache.Find(key.Name.Wire, key.Type, 0) is { } found && !found.Name.SequenceEqual(key.Name.Wire))
                {
                    Interlocked.Increment(ref wrong);
                }
            }
        })));
        Assert.Equal(0, wrong);
        Assert.InRange(cache.Bytes, 1, 40_000);
        Assert.Equal(cache.Count, keys.Count(k => cache.Find(k.Name.Wire, k.Type, 0) is not null));
    }

    private void AllocatesNothing(byte[] query)
    {
        var answer = new byte[1232];
        for (var i = 0; i < 200; i++)
        {
            Assert.True(_forwarder.TryAnswerFromCache(query, answer, 1232, out _));
        }

        var bytes = Allocated.By(() =>
        {
            for (var i = 0; i < 1000; i++)
            {
                _forwarder.TryAnswerFromCache(query, answer, 1232, out _);
            }
        });
        Assert.Equal(0, bytes);
    }

    private void Advance(double seconds) => _time.Advance(TimeSpan.FromSeconds(seconds));

    private void Serve(string[] answer, string[]? authority = null, Rcode rcode = Rcode.NoError) =>
        _upstream.Answer = q => FakeUpstream.Reply(q, answer, authority, rcode);
}
