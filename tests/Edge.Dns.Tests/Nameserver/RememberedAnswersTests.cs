using System.Buffers.Binary;
using System.Net;
using Edge.Dns.Nameserver;
using Edge.Dns.Queries;
using Edge.Dns.Resolver;
using Edge.Dns.Wire;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Edge.Dns.Tests.Nameserver;

public sealed class RememberedAnswersTests
{
    private const string Zone = """
        $TTL 300
        @      SOA   ns hostmaster 1 7200 900 1209600 300
        @      NS    ns
        ns     A     192.0.2.53
        web    A     192.0.2.80
        *.wild CNAME web
        large  TXT   "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
        large  TXT   "1123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
        large  TXT   "2123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
        large  TXT   "3123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
        large  TXT   "4123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
        """;

    private readonly QueryRecorder _recorder = new(null);
    private KnownClient _known;

    [Theory]
    [InlineData("web.example.com.", "A", true)]
    [InlineData("web.example.com.", "TXT", true)]
    [InlineData("gone.example.com.", "A", true)]
    [InlineData("large.example.com.", "TXT", false)]
    [InlineData("www.elsewhere.org.", "A", false)]
    [InlineData("web.example.com.", "AXFR", false)]
    public void Whole_answers_from_the_zones_last(string name, string type, bool expected)
    {
        var server = TestNameserver.With(("example.com.", Zone)).Using(new NameserverOptions());
        server.Processor.ProcessAnew(TestNameserver.Query(name, type), new QueryContext(TestNameserver.PublicClient, Transport.Udp), new QueryNotes(), new byte[1232], out _, out var age);
        Assert.Equal(expected, age.Seconds > 0);
    }

    [Theory]
    [InlineData("web.example.com.", "A", false)]
    [InlineData("WEB.example.com.", "A", true)]
    [InlineData("web.example.com.", "AAAA", true)]
    [InlineData("gone.example.com.", "A", false)]
    [InlineData("x.wild.example.com.", "A", true)]
    [InlineData("www.elsewhere.org.", "A", false)]
    public void The_same_query_again_gets_the_same_answer_under_its_own_id(string name, string type, bool edns)
    {
        var server = TestNameserver.With(("example.com.", Zone));
        var query = TestNameserver.Query(name, type, edns ? new Edns(1232) : null);
        var first = Ask(server, query)!;
        Assert.Equal(server.Raw(query), first);
        query[0] ^= 0xFF;
        var second = Ask(server, query)!;
        Assert.Equal(server.Raw(query), second);
        Assert.Equal(first[2..], second[2..]);
        Assert.NotEqual(first[0], second[0]);
    }

    [Fact]
    public void A_changed_zone_is_answered_at_once()
    {
        var server = TestNameserver.With(("example.com.", Zone));
        var query = TestNameserver.Query("web.example.com.", "A");
        for (var i = 0; i < 5; i++)
        {
            Ask(server, query);
            server.Zones = TestNameserver.With(("example.com.", Zone.Replace("192.0.2.80", $"192.0.2.{i}", StringComparison.Ordinal))).Zones;
            Assert.EndsWith($" 192.0.2.{i}", RecordText(Ask(server, query)), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Each_view_has_its_own_answers()
    {
        var server = TestNameserver.WithViews(("example.com.", Zone.Replace("192.0.2.80", "10.0.0.1", StringComparison.Ordinal)), ("example.com.", Zone));
        var query = TestNameserver.Query("web.example.com.", "A");
        for (var i = 0; i < 3; i++)
        {
            Assert.EndsWith(" 192.0.2.80", RecordText(Ask(server, query)), StringComparison.Ordinal);
            Assert.EndsWith(" 10.0.0.1", RecordText(Ask(server, query, TestNameserver.LanClient)), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_remembered_answer_counts_for_the_rate_limit()
    {
        var server = TestNameserver.With(("example.com.", Zone)).Using(new NameserverOptions
        {
            Time = new FakeTimeProvider(),
            RateLimiter = new RateLimiter(new RateLimitOptions { Answers = 10, Others = 10, Slip = 2 }),
        });
        var answers = Enumerable.Range(0, 50).Select(_ => Ask(server, TestNameserver.Query("web.example.com.", "A"))).ToList();
        Assert.InRange(answers.Count(answer => answer is not null && (answer[2] & 2) == 0), 5, 15);
        Assert.Contains(answers, answer => answer is not null && (answer[2] & 2) != 0 && TestNameserver.Read(answer).Answer.Count == 0);
        Assert.Contains(null, answers);
    }

    [Fact]
    public void Who_must_prove_its_address_gets_nothing_from_memory()
    {
        var server = TestNameserver.With(("example.com.", Zone)).Using(new NameserverOptions
        {
            Cookies = new ServerCookies([new byte[16], ServerCookies.NewSecret()]),
            CookiesRequired = true,
        });
        var query = TestNameserver.Query("web.example.com.", "A");
        Assert.Single(TestNameserver.Read(Ask(server, query, TestNameserver.LanClient)).Answer);
        Assert.Single(TestNameserver.Read(Ask(server, query, TestNameserver.LanClient)).Answer);
        Assert.True(TestNameserver.Read(Ask(server, query)).Flags.HasFlag(MessageFlags.Truncated));
        Assert.Single(TestNameserver.Read(Ask(server, query, TestNameserver.LanClient)).Answer);
    }

    [Fact]
    public void A_cookie_is_made_for_each_client()
    {
        var server = TestNameserver.With(("example.com.", Zone)).Using(new NameserverOptions { Cookies = new ServerCookies([new byte[16], ServerCookies.NewSecret()]) });
        var query = TestNameserver.Query("web.example.com.", "A", new Edns(1232) { Options = [new EdnsOption(EdnsOption.CookieOption, new byte[8])] });
        Assert.Equal(Ask(server, query)!.Length, Ask(server, query, TestNameserver.LanClient)!.Length);
        Assert.NotEqual(Ask(server, query), Ask(server, query, TestNameserver.LanClient));
    }

    [Fact]
    public void What_the_resolver_remembers_grows_older_there()
    {
        var server = TestNameserver.With(new Aging(), ("example.com.", Zone));
        var query = TestNameserver.Query("www.elsewhere.org.", "A", flags: MessageFlags.RecursionDesired);
        Assert.Equal([1, 2, 3], Enumerable.Range(0, 3).Select(_ => (int)Ask(server, query, TestNameserver.LanClient)![^1]));
    }

    [Fact]
    public void Many_names_in_any_order_are_answered_as_without_memory()
    {
        var server = TestNameserver.With(("example.com.", Zone));
        var pick = new Random(7);
        for (var i = 0; i < 150_000; i++)
        {
            // Few are asked often, most once or twice.
            var number = pick.Next(pick.Next(2) == 0 ? 50 : 100_000);
            var query = TestNameserver.Query($"n{number}.{(number % 3 == 0 ? "wild." : "")}example.com.", "A", number % 2 == 0 ? new Edns(1232) : null);
            BinaryPrimitives.WriteUInt16BigEndian(query, (ushort)i);
            var client = number % 5 == 0 ? TestNameserver.LanClient : TestNameserver.PublicClient;
            if (!Ask(server, query, client).AsSpan().SequenceEqual(server.Raw(query, client: client)))
            {
                Assert.Fail($"n{number} after {i} queries");
            }
        }
    }

    [Fact]
    public void An_answer_is_forgotten_after_a_minute_since_signatures_go_by_the_clock()
    {
        var time = new FakeTimeProvider();
        var memory = new AnswerMemory();
        memory.Renew(time.GetUtcNow());
        var query = TestNameserver.Query("web.example.com.", "A");
        var (key, room) = (memory.Anticipate(query), new byte[512]);
        memory.Keep(key, 1, 0, query, [.. query, 7], AnswerAge.OfOurs);
        time.Advance(TimeSpan.FromSeconds(60));
        memory.Renew(time.GetUtcNow());
        Assert.True(memory.TryRecall(key, 1, 0, query, room, out var length, out _));
        Assert.Equal([.. query, 7], room[..length]);
        time.Advance(TimeSpan.FromSeconds(1));
        memory.Renew(time.GetUtcNow());
        Assert.False(memory.TryRecall(key, 1, 0, query, room, out _, out _));
    }

    [Fact]
    public void A_clock_that_is_set_back_makes_nothing_last_longer()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var memory = new AnswerMemory();
        memory.Renew(time.GetUtcNow());
        var query = TestNameserver.Query("web.example.com.", "A");
        var (key, room) = (memory.Anticipate(query), new byte[512]);
        memory.Keep(key, 1, 0, query, [.. query, 7], AnswerAge.OfOurs);
        time.AdjustTime(time.GetUtcNow() - TimeSpan.FromDays(3));
        memory.Renew(time.GetUtcNow());
        Assert.False(memory.TryRecall(key, 1, 0, query, room, out _, out _));
    }

    [Fact]
    public void What_is_no_longer_asked_makes_room_for_what_is()
    {
        var time = new FakeTimeProvider();
        var memory = new AnswerMemory();
        var room = new byte[512];
        for (var generation = 0; generation < 2; generation++)
        {
            // More than half of the places for short answers each, so that both together do not fit.
            byte[][] queries = [.. Enumerable.Range(0, 40_000).Select(i => TestNameserver.Query($"n{i}.g{generation}.example.com.", "A"))];
            for (var round = 0; round < 4; round++)
            {
                time.Advance(TimeSpan.FromSeconds(1));
                memory.Renew(time.GetUtcNow());
                foreach (var query in queries)
                {
                    var key = memory.Anticipate(query);
                    if (!memory.TryRecall(key, 1, 0, query, room, out _, out _))
                    {
                        memory.Keep(key, 1, 0, query, query, AnswerAge.OfOurs);
                    }
                }
            }

            Assert.InRange(queries.Count(query => memory.TryRecall(memory.Anticipate(query), 1, 0, query, room, out _, out _)), queries.Length * 0.9, queries.Length);
        }
    }

    [Fact]
    public void Readers_never_see_half_of_what_writers_write()
    {
        var memory = new AnswerMemory();
        var query = TestNameserver.Query("web.example.com.", "A");
        var key = memory.Anticipate(query);
        var found = 0;
        Parallel.For(0, 4, worker =>
        {
            var room = new byte[512];
            var answer = new byte[300];
            for (var i = 0; i < 100_000; i++)
            {
                if (worker % 2 == 0)
                {
                    var length = 100 + (i % 200);
                    Array.Fill(answer, (byte)length);
                    memory.Keep(key, 1, 0, query, answer.AsSpan(0, length), AnswerAge.OfOurs);
                }
                else if (memory.TryRecall(key, 1, 0, query, room, out var length, out _))
                {
                    Interlocked.Increment(ref found);
                    Assert.Equal(-1, room.AsSpan(2, length - 2).IndexOfAnyExcept((byte)length));
                }
            }
        });
        Assert.NotEqual(0, found);
    }

    [Fact]
    public void Remembering_and_recalling_allocate_nothing()
    {
        var server = TestNameserver.With(("example.com.", Zone));
        byte[][] queries = [.. Enumerable.Range(0, 1000).Select(i => TestNameserver.Query($"n{i}.example.com.", "A"))];
        var answer = new byte[1232];
        var context = new QueryContext(TestNameserver.PublicClient, Transport.Udp);
        var answering = server.Processor.Remembered;
        answering.Process(answering.Anticipate(queries[0]), queries[0], context, ref _known, _recorder, answer, out _);
        var bytes = Allocated.By(() =>
        {
            for (var i = 0; i < 5000; i++)
            {
                var query = queries[i % queries.Length];
                answering.Renew(_recorder);
                answering.Process(answering.Anticipate(query), query, context, ref _known, _recorder, answer, out _);
            }
        });
        Assert.Equal(0, bytes);
    }

    private byte[]? Ask(TestNameserver server, byte[] query, ClientAddress? client = null)
    {
        var answer = new byte[Edns.SafePayloadSize];
        var answering = server.Processor.Remembered;
        answering.Renew(_recorder);
        var outcome = answering.Process(answering.Anticipate(query), query, new QueryContext(client ?? TestNameserver.PublicClient, Transport.Udp), ref _known, _recorder, answer, out var length);
        return outcome == QueryOutcome.Answered ? answer[..length] : null;
    }

    private static string RecordText(byte[]? answer) => Edge.Dns.Zones.RecordText.Format(Assert.Single(TestNameserver.Read(answer).Answer));

    // A cache whose answer ends with a number that grows.
    private sealed class Aging : IRecursor
    {
        private byte _asked;

        public bool TryAnswerFromCache(ReadOnlySpan<byte> query, Span<byte> answer, int limit, out int length, QueryNotes? notes = null)
        {
            query.CopyTo(answer);
            answer[query.Length] = ++_asked;
            length = query.Length + 1;
            return true;
        }

        public ValueTask<int> ResolveAsync(ReadOnlyMemory<byte> query, Memory<byte> answer, int limit, CancellationToken cancel, QueryNotes? notes = null) => throw new NotSupportedException();

        public ValueTask<Message?> ResolveAsync(Question question, CancellationToken cancel) => throw new NotSupportedException();
    }
}
