using System.Collections.Immutable;
using System.Net;
using Edge.Dns.Filtering;
using Edge.Dns.Nameserver;
using Edge.Dns.Queries;
using Edge.Dns.Resolver;
using Edge.Dns.Tests.Filtering;
using Edge.Dns.Tests.Resolver;
using Edge.Dns.Views;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Edge.Dns.Tests.Nameserver;

/// <summary>Answers of the resolver's cache that are remembered by the query's bytes: they age, and what changes them is seen at once.</summary>
public sealed class RememberedCacheTests : IDisposable
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private readonly FakeUpstream _upstream = new();
    private readonly Forwarder _forwarder;
    private readonly QueryProcessor _processor;
    private readonly QueryRecorder _recorder = new(null);
    private FilterPolicy _policy = FilterPolicy.None;
    private KnownClient _known;

    public RememberedCacheTests()
    {
        Serve(300);
        _forwarder = new Forwarder(Options(), _time);
        var views = new ViewSet([View.Declare("lan", [IPNetwork.Parse("192.168.1.0/24")]), View.Declare("public", [])]);
        var zones = new ZoneSet(["lan", "public"], [[], []]);
        _processor = new QueryProcessor(() => zones, () => views, _forwarder, options: new NameserverOptions { Time = _time }) { Filter = () => _policy };
    }

    public void Dispose()
    {
        _forwarder.Dispose();
        _upstream.Dispose();
    }

    [Fact]
    public async Task RFC_1035_3_2_1_times_to_live_get_shorter()
    {
        await LearnAsync("www.example.org.");
        Assert.Equal([300u, 300u], [Ttl("www.example.org."), Ttl("www.example.org.")]);
        for (var second = 1u; second <= 25; second++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal(300 - second, Ttl("www.example.org."));
        }

        Assert.True(_forwarder.Stats.Hits is 27, "a hit that was remembered counts as one");
    }

    [Theory]
    [InlineData(300, 10)]
    [InlineData(50, 5)]
    [InlineData(9, 0)]
    public void An_answer_is_good_for_a_tenth_of_its_time_and_ten_seconds_at_most(int ttl, int seconds)
    {
        var answer = Message("www.example.org.", ttl, 1);
        Assert.Equal(seconds > 0, AnswerAge.TryMeasure(answer, out var age));
        Assert.Equal(seconds, age.Seconds);
    }

    [Theory]
    [InlineData(4, true)]
    [InlineData(5, false)]
    public void Few_records_are_kept_track_of(int records, bool expected) => Assert.Equal(expected, AnswerAge.TryMeasure(Message("www.example.org.", 300, records), out _));

    [Fact]
    public async Task A_filter_that_changes_is_seen_at_once()
    {
        await LearnAsync("www.example.org.");
        Assert.Equal([300u, 300u], [Ttl("www.example.org."), Ttl("www.example.org.")]);
        _policy = TestRules.Policy("||example.org^");
        Assert.Equal(IPAddress.Any, Address("www.example.org."));
        _policy = FilterPolicy.None;
        Assert.NotEqual(IPAddress.Any, Address("www.example.org."));
    }

    [Fact]
    public async Task A_zone_that_gets_servers_of_its_own_is_forgotten_at_once()
    {
        await LearnAsync("www.example.org.");
        Assert.Equal([300u, 300u], [Ttl("www.example.org."), Ttl("www.example.org.")]);
        _forwarder.Configure(Options() with { Forward = [new(Name.Parse("example.org."), [_upstream.EndPoint])] });
        Assert.Null(Ask("www.example.org.", "192.168.1.20"));
    }

    [Fact]
    public async Task What_a_filter_says_to_one_group_is_not_remembered_for_another()
    {
        await LearnAsync("www.example.org.");
        _policy = TestRules.Policy(
            TestRules.Read(TestRules.List("ads", "||example.org^")),
            new FilterGroup("", [], []),
            new FilterGroup("kids", [ClientNetwork.From(IPNetwork.Parse("192.168.1.40/32"))], [0]));
        for (var i = 0; i < 4; i++)
        {
            Assert.NotEqual(IPAddress.Any, Address("www.example.org."));
            Assert.Equal(IPAddress.Any, Address("www.example.org.", "192.168.1.40"));
        }
    }

    [Fact]
    public async Task Strangers_get_nothing_of_it()
    {
        await LearnAsync("www.example.org.");
        Assert.Equal([300u, 300u], [Ttl("www.example.org."), Ttl("www.example.org.")]);
        Assert.Equal(Rcode.Refused, TestNameserver.Read(Ask("www.example.org.", "203.0.113.9")).Rcode);
    }

    [Fact]
    public async Task Nothing_is_allocated()
    {
        await LearnAsync("www.example.org.");
        Ask("www.example.org.", "192.168.1.20");
        Assert.Equal(0, Allocated.By(() =>
        {
            for (var i = 0; i < 2000; i++)
            {
                _ = AskInto("www.example.org.");
            }
        }));
    }

    private readonly byte[] _query = TestNameserver.Query("www.example.org.", "A", new Edns(1232), MessageFlags.RecursionDesired);
    private readonly byte[] _answer = new byte[1232];

    private int AskInto(string name)
    {
        var answering = _processor.Remembered;
        answering.Renew(_recorder);
        answering.Process(answering.Anticipate(_query), _query, new QueryContext(ClientAddress.From(Lan), Transport.Udp), ref _known, _recorder, _answer, out var length);
        return name.Length + length;
    }

    private static readonly IPAddress Lan = IPAddress.Parse("192.168.1.20");

    private ForwarderOptions Options() => ForwarderClient.Options(_upstream.EndPoint);

    private void Serve(int ttl) => _upstream.Answer = query => FakeUpstream.Reply(query, [$"{query.Questions[0].Name} {ttl} A 192.0.2.1"]);

    private async Task LearnAsync(string name) => await _forwarder.AskAsync(Name.Parse(name), RecordType.A, TestContext.Current.CancellationToken);

    private uint Ttl(string name) => Assert.Single(TestNameserver.Read(Ask(name, "192.168.1.20")).Answer).Ttl;

    private IPAddress Address(string name, string client = "192.168.1.20") => new(Assert.Single(TestNameserver.Read(Ask(name, client)).Answer).Data.Wire);

    private byte[]? Ask(string name, string client)
    {
        var query = TestNameserver.Query(name, "A", new Edns(1232), MessageFlags.RecursionDesired);
        var answer = new byte[1232];
        var answering = _processor.Remembered;
        answering.Renew(_recorder);
        var context = new QueryContext(ClientAddress.From(IPAddress.Parse(client)), Transport.Udp);
        return answering.Process(answering.Anticipate(query), query, context, ref _known, _recorder, answer, out var length) == QueryOutcome.Answered ? answer[..length] : null;
    }

    private static byte[] Message(string name, int ttl, int records)
    {
        var message = new Message { Flags = MessageFlags.Response };
        message.Questions.Add(new Question(Name.Parse(name), RecordType.A));
        message.Answer.AddRange(Enumerable.Range(0, records).Select(i => FakeUpstream.Record($"{name} {ttl} A 192.0.2.{i}")));
        return message.ToArray();
    }
}
