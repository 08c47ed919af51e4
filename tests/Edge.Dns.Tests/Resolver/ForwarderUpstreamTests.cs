using System.Net;
using System.Net.Sockets;
using Edge.Dns.Resolver;
using Edge.Dns.Resolver.Upstreams;
using Edge.Dns.Tests.Interop;
using Edge.Dns.Wire;
using Xunit;
using static Edge.Dns.Tests.Resolver.ForwarderClient;

namespace Edge.Dns.Tests.Resolver;

/// <summary>Upstreams that truncate, lie, lose, refuse and die.</summary>
public sealed class ForwarderUpstreamTests
{
    private static Message Good(Message query) => FakeUpstream.Reply(query, [$"{query.Questions[0].Name} 300 A 192.0.2.1"]);

    [Fact]
    public async Task The_answer_has_the_clients_id_and_case()
    {
        using var upstream = new FakeUpstream(Good);
        using var forwarder = new Forwarder(Options(upstream.EndPoint));
        var answer = await forwarder.Ask("WwW.exAmple.ORG");
        Assert.Equal(["WwW.exAmple.ORG. 300 A 192.0.2.1"], answer.Answer.Text());
        Assert.Equal(["www.EXAMPLE.org. 300 A 192.0.2.1"], (await forwarder.Ask("www.EXAMPLE.org")).Answer.Text());
        Assert.Equal(1, upstream.UdpCount);
    }

    [Fact]
    public async Task RFC_5452_ids_ports_and_case_are_random()
    {
        using var upstream = new FakeUpstream(Good);
        using var forwarder = new Forwarder(Options(upstream.EndPoint));
        for (var i = 0; i < 12; i++)
        {
            await forwarder.Ask($"n{i}.a-long-name-with-many-letters.example.org");
        }

        var queries = upstream.Received.Select(FakeUpstream.Parse).ToList();
        Assert.True(queries.Select(q => q.Id).Distinct().Count() > 8);
        Assert.True(queries.Select(q => q.Questions[0].Name.Parent!.ToString()).Distinct().Count() > 8);
        Assert.All(queries, q => Assert.Equal((1232, 0), (q.Edns!.PayloadSize, q.Edns.Options.Length)));
    }

    [Fact]
    public async Task RFC_7873_the_clients_cookie_and_subnet_stay_here()
    {
        using var upstream = new FakeUpstream(query =>
        {
            var reply = Good(query);
            reply.Edns = new Edns(1232) { Options = [new EdnsOption(10, new byte[16])] };
            return reply;
        });
        using var forwarder = new Forwarder(Options(upstream.EndPoint));
        var edns = new Edns(4096) { Options = [new EdnsOption(10, new byte[8]), new EdnsOption(8, new byte[] { 0, 1, 24, 0, 192, 0, 2 })] };
        var answer = await forwarder.Ask(Query("www.example.org", RecordType.A, edns: edns));
        Assert.Empty(answer.Edns!.Options);
        Assert.Empty(FakeUpstream.Parse(upstream.Received[0]).Edns!.Options);
    }

    [Fact]
    public async Task RFC_7766_a_truncated_reply_is_asked_again_over_tcp()
    {
        using var upstream = new FakeUpstream();
        upstream.OnUdp = (query, send) =>
        {
            var reply = FakeUpstream.Reply(FakeUpstream.Parse(query), []);
            reply.Flags |= MessageFlags.Truncated;
            send(reply.ToArray());
        };
        upstream.OnTcp = (query, send) => send(FakeUpstream.Reply(FakeUpstream.Parse(query), [.. Enumerable.Range(0, 200).Select(i => $"big.example.org 300 A 198.18.0.{i}")]).ToArray());
        using var forwarder = new Forwarder(Options(upstream.EndPoint));
        Assert.Equal(200, (await forwarder.Ask("big.example.org")).Answer.Count);
        Assert.Equal((1, 1), (upstream.UdpCount, upstream.TcpCount));
    }

    [Fact]
    public async Task RFC_2181_section_9_what_does_not_fit_is_cut_at_an_RRset_with_TC()
    {
        using var upstream = new FakeUpstream(q => FakeUpstream.Reply(q,
            ["big.example.org 300 CNAME other.example.org", .. Enumerable.Range(0, 60).Select(i => $"other.example.org 300 A 198.18.0.{i}")]));
        using var forwarder = new Forwarder(Options(upstream.EndPoint));
        var cut = await forwarder.Ask("big.example.org", limit: 512);
        Assert.Equal(["big.example.org. 300 CNAME other.example.org."], cut.Answer.Text());
        Assert.True(cut.Flags.HasFlag(MessageFlags.Truncated));
        var whole = await forwarder.Ask("big.example.org");
        Assert.Equal(61, whole.Answer.Count);
        Assert.False(whole.Flags.HasFlag(MessageFlags.Truncated));
    }

    [Fact]
    public async Task RFC_6840_section_5_8_AA_AD_and_Z_of_a_reply_are_not_passed_on_by_who_has_not_validated()
    {
        using var upstream = new FakeUpstream();
        upstream.OnUdp = (query, send) =>
        {
            var reply = Good(FakeUpstream.Parse(query)).ToArray();
            (reply[2], reply[3]) = ((byte)(reply[2] | 0x04), (byte)(reply[3] | 0x60));
            send(reply);
        };
        using var forwarder = new Forwarder(Options(upstream.EndPoint));
        for (var i = 0; i < 2; i++)
        {
            var answer = await forwarder.Ask(Query("www.example.org", RecordType.A, edns: new Edns(1232, DnssecOk: true), flags: MessageFlags.RecursionDesired | MessageFlags.AuthenticData));
            Assert.Equal(MessageFlags.Response | MessageFlags.RecursionDesired | MessageFlags.RecursionAvailable, answer.Flags);
        }
    }

    [Theory]
    [InlineData("another ID")]
    [InlineData("another name")]
    [InlineData("another type")]
    [InlineData("a query")]
    [InlineData("three bytes")]
    public async Task RFC_5452_section_9_a_reply_that_does_not_match_is_ignored_and_the_wait_goes_on(string lie)
    {
        using var upstream = new FakeUpstream();
        upstream.OnUdp = (wire, send) =>
        {
            var query = FakeUpstream.Parse(wire);
            var forged = FakeUpstream.Reply(query, [$"{query.Questions[0].Name} 300 A 198.18.6.6"]);
            switch (lie)
            {
                case "another ID":
                    forged.Id++;
                    break;
                case "another name":
                    forged.Questions[0] = new Question(Name.Parse("xxx.example.org"), RecordType.A);
                    break;
                case "another type":
                    forged.Questions[0] = forged.Questions[0] with { Type = RecordType.AAAA };
                    break;
                case "a query":
                    forged.Flags = MessageFlags.RecursionDesired;
                    break;
            }

            send(lie == "three bytes" ? [1, 2, 3] : forged.ToArray());
            send(Good(query).ToArray());
        };
        using var forwarder = new Forwarder(Options(upstream.EndPoint));
        Assert.Equal(["www.example.org. 300 A 192.0.2.1"], (await forwarder.Ask("www.example.org")).Answer.Text());
        Assert.Equal(1, upstream.UdpCount);
    }

    [Fact]
    public async Task A_reply_in_another_case_is_not_believed_over_udp()
    {
        using var upstream = new FakeUpstream(Good);
        upstream.OnUdp = (wire, send) =>
        {
            var query = FakeUpstream.Parse(wire);
            var forged = FakeUpstream.Reply(query, ["a-name-with-many-letters.example.org 300 A 198.18.6.6"]);
            forged.Questions[0] = new Question(Name.Parse("a-name-with-many-letters.example.org"), RecordType.A);
            send(forged.ToArray());
        };
        using var forwarder = new Forwarder(Options(upstream.EndPoint));
        Assert.Equal(["a-name-with-many-letters.example.org. 300 A 192.0.2.1"], (await forwarder.Ask("a-name-with-many-letters.example.org")).Answer.Text());
        Assert.Equal(1, upstream.TcpCount);
    }

    [Fact]
    public async Task RFC_6891_section_7_formerr_means_once_more_without_edns()
    {
        using var upstream = new FakeUpstream(q => q.Edns is null ? Good(q) : new Message { Id = q.Id, Flags = MessageFlags.Response, Rcode = Rcode.FormErr });
        using var forwarder = new Forwarder(Options(upstream.EndPoint));
        Assert.Single((await forwarder.Ask("a.example.org")).Answer);
        Assert.Single((await forwarder.Ask("b.example.org")).Answer);
        // The second question knows already.
        Assert.Equal(3, upstream.UdpCount);
    }

    [Theory]
    [InlineData("silent")]
    [InlineData("SERVFAIL")]
    [InlineData("REFUSED")]
    [InlineData("garbage")]
    [InlineData("nobody listens")]
    [InlineData("an address of three bytes")]
    [InlineData("truncated over TCP")]
    public async Task When_one_upstream_fails_the_next_answers(string failure)
    {
        using var bad = new FakeUpstream(q => failure switch
        {
            "an address of three bytes" => Misshapen(q),
            "truncated over TCP" => Truncated(q),
            "SERVFAIL" => FakeUpstream.Reply(q, [], rcode: Rcode.ServFail),
            "REFUSED" => FakeUpstream.Reply(q, [], rcode: Rcode.Refused),
            _ => null,
        });
        if (failure == "garbage")
        {
            bad.OnUdp = (query, send) => send([.. query[..2], 0x80, 0, 0, 1, 0, 9, 0, 0, 0, 0, .. query[12..(query.Length - 11)], 1, 2, 3]);
        }

        if (failure == "nobody listens")
        {
            bad.Dispose();
        }

        using var good = new FakeUpstream(Good);
        using var forwarder = new Forwarder(Options(bad.EndPoint, good.EndPoint));
        Assert.Equal(["www.example.org. 300 A 192.0.2.1"], (await forwarder.Ask("www.example.org")).Answer.Text());
        await Until(() => forwarder.Stats.Upstreams[0].IsDown == (failure == "nobody listens"));
    }

    private static Message Misshapen(Message query)
    {
        var reply = Good(query);
        reply.Answer[0] = reply.Answer[0] with { Data = new RData([192, 0, 2]) };
        return reply;
    }

    private static Message Truncated(Message query)
    {
        var reply = FakeUpstream.Reply(query, []);
        reply.Flags |= MessageFlags.Truncated;
        return reply;
    }

    [Fact]
    public async Task The_quicker_upstream_is_asked_first()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        using var slow = new FakeUpstream();
        using var quick = new FakeUpstream(Good);
        using var forwarder = new Forwarder(Options(slow.EndPoint, quick.EndPoint), time);
        for (var i = 0; i < 3; i++)
        {
            var first = forwarder.Ask($"first{i}.example.org");
            await Until(() => first.IsCompleted, () => time.Advance(TimeSpan.FromMilliseconds(5)));
        }

        // The clock stands still now: whoever had to wait for the slow one would wait for ever.
        var asked = slow.Received.Count(q => FakeUpstream.Parse(q).Questions[0].Type == RecordType.A);
        for (var i = 0; i < 5; i++)
        {
            await forwarder.Ask($"n{i}.example.org");
        }

        Assert.Equal(asked, slow.Received.Count(q => FakeUpstream.Parse(q).Questions[0].Type == RecordType.A));
        Assert.NotNull(forwarder.Stats.Upstreams[1].Latency);
        await Until(() => forwarder.Stats.Upstreams[0].LastFailure is not null, () => time.Advance(TimeSpan.FromMilliseconds(50)));
    }

    [Fact]
    public async Task RFC_5452_section_6_only_what_answers_the_question_is_kept()
    {
        using var upstream = new FakeUpstream(q =>
        {
            var reply = FakeUpstream.Reply(q,
                ["bank.example 300 A 198.18.6.6", "two.example.net 60 A 192.0.2.2", "www.example.org 300 CNAME two.example.net", "evil.example 300 CNAME two.example.net"],
                ["org 300 NS ns.evil.example"]);
            reply.Additional.Add(FakeUpstream.Record("ns.evil.example 300 A 198.18.6.6"));
            return reply;
        });
        using var forwarder = new Forwarder(Options(upstream.EndPoint));
        var answer = await forwarder.Ask("www.example.org");
        Assert.Equal(["www.example.org. 300 CNAME two.example.net.", "two.example.net. 60 A 192.0.2.2"], answer.Answer.Text());
        Assert.Empty(answer.Authority);
        Assert.Empty(answer.Additional);
        Assert.False(forwarder.TryCache("bank.example", RecordType.A, out _));
    }

    [Fact]
    public async Task Identical_questions_on_their_way_are_asked_once()
    {
        var held = new List<Action>();
        using var upstream = new FakeUpstream();
        upstream.OnUdp = (query, send) =>
        {
            lock (held)
            {
                held.Add(() => send(Good(FakeUpstream.Parse(query)).ToArray()));
            }
        };
        using var forwarder = new Forwarder(Options(upstream.EndPoint) with { AttemptTimeout = TimeSpan.FromSeconds(10), TotalTimeout = TimeSpan.FromSeconds(10) });
        var waiting = Enumerable.Range(0, 50).Select(i => forwarder.Ask(i % 2 == 0 ? "www.example.org" : "WWW.example.org")).ToList();
        await Until(() => held.Count > 0);
        held[0]();
        var answers = await Task.WhenAll(waiting);
        Assert.All(answers, a => Assert.Single(a.Answer));
        Assert.Equal(1, upstream.UdpCount);
        Assert.Equal(49, forwarder.Stats.Merged);
    }

    [Fact]
    public async Task RFC_8914_dead_upstreams_give_servfail_with_a_reason_and_unknown_names_fail_at_once()
    {
        var port = FreePorts.Next();
        // The clock stands still, so that no probe comes in between.
        using var forwarder = new Forwarder(Options(new IPEndPoint(IPAddress.Loopback, port)), new Microsoft.Extensions.Time.Testing.FakeTimeProvider());
        var first = await forwarder.Ask("one.example.org");
        Assert.Equal((Rcode.ServFail, ExtendedErrorCode.NetworkError), (first.Rcode, first.ExtendedError()!.Value.Code));
        var queries = forwarder.Stats.Upstreams[0].Queries;
        var task = forwarder.Ask("two.example.org");
        Assert.True(task.IsCompleted, "a dead network must not make anybody wait");
        Assert.Equal((Rcode.ServFail, (ExtendedErrorCode.NetworkError, "no upstream can be reached")), ((await task).Rcode, (await task).ExtendedError()!.Value));
        Assert.Equal(queries, forwarder.Stats.Upstreams[0].Queries);
    }

    [Fact]
    public async Task An_upstream_that_comes_back_is_noticed_by_the_probe()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        using var upstream = new FakeUpstream();
        using var forwarder = new Forwarder(Options(upstream.EndPoint), time);
        var asked = forwarder.Ask("one.example.org");
        await Until(() => asked.IsCompleted, () => time.Advance(TimeSpan.FromMilliseconds(50)));
        Assert.Equal((Rcode.ServFail, ExtendedErrorCode.NoReachableAuthority), ((await asked).Rcode, (await asked).ExtendedError()!.Value.Code));
        await Until(() => forwarder.Stats.Upstreams[0].IsDown, () => time.Advance(TimeSpan.FromMilliseconds(50)));

        upstream.Answer = Good;
        await Until(() => !forwarder.Stats.Upstreams[0].IsDown, () => time.Advance(TimeSpan.FromMilliseconds(50)));
        Assert.Single((await forwarder.Ask("two.example.org")).Answer);
    }

    [Fact]
    public async Task Without_any_upstream_the_answer_says_so()
    {
        using var forwarder = new Forwarder(new ForwarderOptions { ResolvConfPath = "/nonexistent" });
        var answer = await forwarder.Ask("www.example.org");
        Assert.Equal((Rcode.ServFail, (ExtendedErrorCode.NoReachableAuthority, "no upstream is configured")), (answer.Rcode, answer.ExtendedError()!.Value));
    }

    [Fact]
    public async Task A_validating_upstreams_reason_is_passed_on()
    {
        using var upstream = new FakeUpstream(q =>
        {
            var reply = FakeUpstream.Reply(q, [], rcode: Rcode.ServFail);
            reply.Edns = new Edns(1232) { Options = [EdnsOption.ExtendedError(ExtendedErrorCode.DnssecBogus, "no good")] };
            return reply;
        });
        using var forwarder = new Forwarder(Options(upstream.EndPoint));
        Assert.Equal((ExtendedErrorCode.DnssecBogus, "no good"), (await forwarder.Ask("www.example.org")).ExtendedError());
    }

    [Fact]
    public async Task Options_are_replaced_while_the_cache_stays()
    {
        using var one = new FakeUpstream(Good);
        using var two = new FakeUpstream(Good);
        using var forwarder = new Forwarder(Options(one.EndPoint));
        await forwarder.Ask("a.example.org");
        forwarder.Configure(Options(two.EndPoint));
        Assert.True(forwarder.TryCache("a.example.org", RecordType.A, out _));
        await forwarder.Ask("b.example.org");
        Assert.Equal((1, 1), (one.UdpCount, two.UdpCount));
    }

    [Theory]
    [InlineData(RecordType.AXFR, Rcode.NotImp)]
    [InlineData(RecordType.OPT, Rcode.NotImp)]
    public async Task Meta_types_are_not_forwarded(RecordType type, Rcode rcode)
    {
        using var upstream = new FakeUpstream(Good);
        using var forwarder = new Forwarder(Options(upstream.EndPoint));
        Assert.Equal(rcode, (await forwarder.Ask("www.example.org", type)).Rcode);
        Assert.Equal(0, upstream.UdpCount);
    }

    [Fact]
    public async Task Without_RD_only_the_cache_answers()
    {
        using var upstream = new FakeUpstream(Good);
        using var forwarder = new Forwarder(Options(upstream.EndPoint));
        var query = Query("www.example.org", RecordType.A, flags: MessageFlags.None);
        Assert.Equal(Rcode.Refused, (await forwarder.Ask(query)).Rcode);
        await forwarder.Ask("www.example.org", edns: false);
        Assert.Single((await forwarder.Ask(query)).Answer);
        Assert.Equal(1, upstream.UdpCount);
    }
}
