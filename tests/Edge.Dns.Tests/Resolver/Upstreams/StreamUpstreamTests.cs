using Edge.Dns.Resolver;
using Edge.Dns.Resolver.Upstreams;
using Edge.Dns.Wire;
using Microsoft.Extensions.Time.Testing;
using Xunit;
using static Edge.Dns.Tests.Resolver.ForwarderClient;

namespace Edge.Dns.Tests.Resolver.Upstreams;

/// <summary>Upstreams over TCP (RFC 7766) and TLS (RFC 7858): one connection, many questions, and what can become of it.</summary>
public sealed class StreamUpstreamTests : IDisposable
{
    private readonly TestAuthority _authority = new();

    public void Dispose() => _authority.Dispose();

    [Theory]
    [InlineData("tcp")]
    [InlineData("tls")]
    public async Task RFC_7766_section_6_2_1_one_connection_carries_many_questions_at_once_in_any_order(string protocol)
    {
        using var upstream = Upstream(protocol);
        var held = new List<(Message Query, Stream Stream)>();
        upstream.OnQuery = async (query, stream) =>
        {
            held.Add((FakeUpstream.Parse(query), stream));
            if (held.Count == 20)
            {
                foreach (var (late, to) in Enumerable.Reverse(held))
                {
                    await FakeStreamUpstream.SendAsync(to, FakeStreamUpstream.Good(late));
                }
            }
        };
        using var forwarder = Forwarder(upstream, protocol);
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => forwarder.Ask($"n{i}.example.org")));
        Assert.All(answers, (answer, i) => Assert.Equal([$"n{i}.example.org. 300 A 192.0.2.1"], answer.Answer.Text()));
        Assert.Equal((1, 20), (upstream.Connections, upstream.Queries));
        upstream.OnQuery = (query, stream) => FakeStreamUpstream.SendAsync(stream, FakeStreamUpstream.Good(FakeUpstream.Parse(query)));
        await forwarder.Ask("later.example.org");
        Assert.Equal(1, upstream.Connections);
    }

    [Theory]
    [InlineData("tcp")]
    [InlineData("tls")]
    public async Task RFC_7766_section_6_2_3_a_connection_that_was_closed_for_being_idle_is_opened_again_unnoticed(string protocol)
    {
        using var upstream = Upstream(protocol);
        var closes = false;
        upstream.OnQuery = async (query, stream) =>
        {
            if (closes)
            {
                closes = false;
                throw new IOException("closed as the question came");
            }

            await FakeStreamUpstream.SendAsync(stream, FakeStreamUpstream.Good(FakeUpstream.Parse(query)));
        };
        using var forwarder = Forwarder(upstream, protocol);
        await forwarder.Ask("one.example.org");
        closes = true;
        Assert.Single((await forwarder.Ask("two.example.org")).Answer);
        Assert.Equal(2, upstream.Connections);
        Assert.False(forwarder.Stats.Upstreams[0].IsDown);
        Assert.Null(forwarder.Stats.Upstreams[0].LastFailure);
    }

    [Theory]
    [InlineData("tcp")]
    [InlineData("tls")]
    public async Task What_a_connection_carries_is_not_sent_twice(string protocol)
    {
        var time = new FakeTimeProvider();
        using var upstream = Upstream(protocol);
        using var forwarder = new Forwarder(Settings(Server(upstream, protocol)), time);
        await forwarder.Ask("one.example.org");
        var release = new TaskCompletionSource();
        upstream.OnQuery = async (query, stream) =>
        {
            await release.Task;
            await FakeStreamUpstream.SendAsync(stream, FakeStreamUpstream.Good(FakeUpstream.Parse(query)));
        };
        var slow = forwarder.Ask("slow.example.org");
        await Until(() => upstream.Queries == 2);
        time.Advance(TimeSpan.FromSeconds(4));
        release.SetResult();
        Assert.Single((await slow).Answer);
        // What was sent before it would have been counted before it.
        Assert.Single((await forwarder.Ask("two.example.org")).Answer);
        Assert.Equal(3, upstream.Queries);
    }

    [Theory]
    [InlineData("tcp")]
    [InlineData("tls")]
    public async Task After_a_time_without_replies_the_next_try_has_a_connection_of_its_own(string protocol)
    {
        var time = new FakeTimeProvider();
        using var upstream = Upstream(protocol);
        using var forwarder = new Forwarder(Settings(Server(upstream, protocol)), time);
        await forwarder.Ask("one.example.org");
        upstream.OnQuery = static (_, _) => Task.CompletedTask;
        var asked = forwarder.Ask("two.example.org");
        await Until(() => upstream.Queries == 2);
        upstream.OnQuery = static (query, stream) => FakeStreamUpstream.SendAsync(stream, FakeStreamUpstream.Good(FakeUpstream.Parse(query)));
        time.Advance(TimeSpan.FromSeconds(5.1));
        Assert.Single((await asked).Answer);
        Assert.Equal(2, upstream.Connections);
    }

    [Theory]
    [InlineData("tcp", "cut in the middle")]
    [InlineData("tls", "cut in the middle")]
    [InlineData("tls", "closed")]
    [InlineData("tls", "hangs")]
    [InlineData("tls", "garbage")]
    [InlineData("tls", "another ID")]
    [InlineData("tls", "another name")]
    [InlineData("tls", "SERVFAIL")]
    public async Task When_the_stream_fails_the_next_upstream_answers(string protocol, string failure)
    {
        using var bad = Upstream(protocol);
        bad.OnQuery = async (query, stream) =>
        {
            var reply = FakeStreamUpstream.Good(FakeUpstream.Parse(query));
            switch (failure)
            {
                case "cut in the middle":
                    await stream.WriteAsync((byte[])[0, 100, .. reply.ToArray().Take(20)]);
                    throw new IOException(failure);
                case "closed":
                    throw new IOException(failure);
                case "garbage":
                    await stream.WriteAsync((byte[])[0, 30, .. query[..2], 0x80, 0, 0, 1, 0, 9, .. new byte[22]]);
                    break;
                case "another ID":
                    reply.Id++;
                    await FakeStreamUpstream.SendAsync(stream, reply);
                    break;
                case "another name":
                    reply.Questions[0] = new Question(Name.Parse("xxx.example.org"), RecordType.A);
                    await FakeStreamUpstream.SendAsync(stream, reply);
                    break;
                case "SERVFAIL":
                    reply.Rcode = Rcode.ServFail;
                    await FakeStreamUpstream.SendAsync(stream, reply);
                    break;
            }
        };
        using var good = new FakeUpstream(query => FakeUpstream.Reply(query, ["www.example.org 300 A 192.0.2.7"]));
        using var forwarder = new Forwarder(Settings(Server(bad, protocol), good.EndPoint));
        Assert.Equal(["www.example.org. 300 A 192.0.2.7"], (await forwarder.Ask("www.example.org")).Answer.Text());
    }

    [Theory]
    [InlineData("expired", "its certificate expired at ")]
    [InlineData("another name", "its certificate is not for dns.example but for other.example")]
    [InlineData("another CA", "its certificate is not trusted: ")]
    [InlineData("no TLS", "TLS fails: ")]
    public async Task RFC_8310_who_cannot_prove_its_name_is_down_and_it_is_said_why(string flaw, string reason)
    {
        using var stranger = new TestAuthority();
        using var upstream = flaw switch
        {
            "expired" => new FakeStreamUpstream(_authority.Server("dns.example", daysLeft: -1)),
            "another name" => new FakeStreamUpstream(_authority.Server("other.example")),
            "another CA" => new FakeStreamUpstream(stranger.Server("dns.example")),
            _ => new FakeStreamUpstream { OnQuery = static (_, _) => Task.CompletedTask },
        };
        if (flaw == "no TLS")
        {
            // A plain DNS server sees a length of 0x1603 in a ClientHello and waits; this one answers at once.
            upstream.Greeting = [0, 5, 1, 2, 3, 4, 5];
        }

        using var good = new FakeUpstream(FakeStreamUpstream.Good);
        using var forwarder = new Forwarder(Settings(Server(upstream, "tls"), good.EndPoint));
        Assert.Single((await forwarder.Ask("www.example.org")).Answer);
        await Until(() => forwarder.Stats.Upstreams[0].IsDown);
        Assert.StartsWith(reason, forwarder.Stats.Upstreams[0].LastError, StringComparison.Ordinal);
        Assert.Equal(0, upstream.Queries);
    }

    [Fact]
    public async Task An_address_can_be_the_name_in_the_certificate()
    {
        using var upstream = new FakeStreamUpstream(_authority.Server("127.0.0.1"));
        using var forwarder = new Forwarder(Settings(Parse($"tls://127.0.0.1:{upstream.Port}")));
        Assert.Single((await forwarder.Ask("www.example.org")).Answer);
    }

    [Fact]
    public async Task RFC_8467_section_4_1_queries_are_padded_to_128_bytes()
    {
        using var upstream = Upstream("tls");
        using var forwarder = Forwarder(upstream, "tls");
        for (var length = 1; length < 60; length += 7)
        {
            await forwarder.Ask($"{new string('a', length)}.example.org");
        }

        Assert.All(upstream.Received, query => Assert.Equal(128, query.Length));
        Assert.All(upstream.Received, query => Assert.Equal(EdnsOption.PaddingOption, Assert.Single(FakeUpstream.Parse(query).Edns!.Options).Code));
    }

    [Fact]
    public async Task An_upstream_given_by_name_is_found_through_those_given_by_address()
    {
        using var upstream = new FakeStreamUpstream(_authority.Server("dns.example"));
        using var helper = new FakeUpstream(query => FakeUpstream.Reply(query, query.Questions[0].Type == RecordType.A ? ["dns.example 300 A 127.0.0.1"] : [], ["example 300 SOA 300"]));
        using var forwarder = new Forwarder(Settings(Parse($"tls://dns.example:{upstream.Port}")) with { Bootstrap = [helper.EndPoint] });
        Assert.Single((await forwarder.Ask("one.example.org")).Answer);
        Assert.Single((await forwarder.Ask("two.example.org")).Answer);
        Assert.Equal((2, 2), (upstream.Queries, helper.UdpCount));
    }

    [Fact]
    public async Task The_next_address_is_tried_when_the_first_does_not_answer()
    {
        using var upstream = new FakeStreamUpstream(_authority.Server("dns.example"));
        // 127.0.0.2 refuses: nothing listens there.
        using var forwarder = new Forwarder(Settings(Parse($"tls://dns.example:{upstream.Port}@127.0.0.2,127.0.0.1")));
        Assert.Single((await forwarder.Ask("www.example.org")).Answer);
    }

    private FakeStreamUpstream Upstream(string protocol) => new(protocol == "tls" ? _authority.Server("dns.example") : null);

    private Forwarder Forwarder(FakeStreamUpstream upstream, string protocol) => new(Settings(Server(upstream, protocol)));

    private ForwarderOptions Settings(params UpstreamServer[] servers) => new()
    {
        Upstreams = [.. servers],
        ExtraRoots = _authority.Pem,
        AttemptTimeout = TimeSpan.FromSeconds(5),
        TotalTimeout = TimeSpan.FromSeconds(15),
    };

    private static UpstreamServer Server(FakeStreamUpstream upstream, string protocol) =>
        Parse(protocol == "tls" ? $"tls://dns.example:{upstream.Port}@127.0.0.1" : $"tcp://127.0.0.1:{upstream.Port}");

    private static UpstreamServer Parse(string text) => UpstreamServer.Parse(text, out var error) ?? throw new FormatException(error);
}
