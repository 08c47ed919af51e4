using System.Collections.Immutable;
using System.Net;
using Edge.Dns.Filtering;
using Edge.Dns.Nameserver;
using Edge.Dns.Queries;
using Edge.Dns.Resolver;
using Edge.Dns.Tests.Nameserver;
using Edge.Dns.Views;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Xunit;

namespace Edge.Dns.Tests.Filtering;

/// <summary>What a client is told of names that are blocked, allowed, or answered by the settings.</summary>
public sealed class FilteredAnswersTests
{
    private const string Zone = """
        $ORIGIN example.com.
        $TTL 300
        @     SOA   ns hostmaster 1 7200 900 1209600 300
        @     NS    ns
        ns    A     192.0.2.53
        nas   A     192.168.1.5
        blog  CNAME www.ads.example.
        """;

    private static readonly FilterRules Rules = TestRules.ReadWith(
        [
            new CustomAnswer(Name.Parse("printer.example.net"), [IPAddress.Parse("192.168.1.9")]),
            new CustomAnswer(Name.Parse("old.example.net"), Name.Parse("nas.example.com")),
            new CustomAnswer(Name.Parse("away.example.net"), Name.Parse("www.example.org")),
            new CustomAnswer(Name.Parse("bad.example.net"), Name.Parse("www.ads.example")),
            new CustomAnswer(Name.Parse("*.loop.example.net"), Name.Parse("x.loop.example.net")),
        ],
        TestRules.List("ads", "||ads.example^\n||example.com^\n@@||allowed.example.org^\n||localhost^"),
        TestRules.List("social", "||social.example^"));

    [Theory]
    [InlineData("zero", "www.ads.example", "A", Rcode.NoError, "0.0.0.0")]
    [InlineData("zero", "www.ads.example", "AAAA", Rcode.NoError, "::")]
    [InlineData("zero", "www.ads.example", "HTTPS", Rcode.NoError, "")]
    [InlineData("zero", "www.ads.example", "MX", Rcode.NoError, "")]
    [InlineData("nxdomain", "www.ads.example", "A", Rcode.NxDomain, "")]
    [InlineData("refused", "www.ads.example", "A", Rcode.Refused, "")]
    [InlineData("address", "www.ads.example", "A", Rcode.NoError, "192.168.1.2")]
    [InlineData("address", "www.ads.example", "AAAA", Rcode.NoError, "")]
    public void A_blocked_name_is_answered_as_the_settings_say(string reply, string name, string type, Rcode rcode, string data)
    {
        var replies = new Dictionary<string, FilterReply>
        {
            ["zero"] = FilterReply.ZeroAddress,
            ["nxdomain"] = FilterReply.NxDomain,
            ["refused"] = FilterReply.Refused,
            ["address"] = FilterReply.WithAddresses([IPAddress.Parse("192.168.1.2")]),
        };
        var message = Ask(Server(new FilterPolicy(Rules, [], replies[reply], null)), name, type);
        Assert.Equal(rcode, message.Rcode);
        Assert.Equal(data, string.Join(' ', message.Answer.Select(record => RecordText.FormatData(record.Type, record.Data))));
        Assert.Equal(data.Length == 0 && rcode != Rcode.Refused ? "www.ads.example." : "", string.Join(' ', message.Authority.Where(record => record.Type == RecordType.SOA).Select(record => record.Owner)));
        Assert.True(message.Flags.HasFlag(MessageFlags.RecursionAvailable));
        Assert.False(message.Flags.HasFlag(MessageFlags.Authoritative));
        Assert.Equal((15, "list ads"), ErrorOf(message));
    }

    /// <summary>What counts for everybody is blocked, for those in a group too; what is chosen for a group is filtered.</summary>
    [Theory]
    [InlineData("ads.example", 15, "list ads")]
    [InlineData("social.example", 17, "list social")]
    [InlineData("tracker.example", 15, "filter.block")]
    [InlineData("games.example", 17, "filter.groups.kids.block")]
    public void RFC_8914_4_18_a_policy_for_chosen_clients_is_told_as_filtered(string name, int code, string text)
    {
        var rules = TestRules.Read(
            TestRules.List("ads", "ads.example"),
            TestRules.List("social", "social.example"),
            (new FilterSource("filter.block", FilterTier.Settings, new ListSyntax(true)), "tracker.example"),
            (new FilterSource("filter.groups.kids.block", FilterTier.Group, new ListSyntax(true)), "games.example"));
        var policy = TestRules.Policy(rules, new FilterGroup("", [], [0, 2]), new FilterGroup("kids", [ClientNetwork.From(IPNetwork.Parse("192.168.1.0/24"))], [0, 1, 2, 3]));
        Assert.Equal((code, text), ErrorOf(Ask(Server(policy), name, "A")));
    }

    /// <summary>allowed.example.org stands for www.ads.example: the nearer of two words counts, of two that are as near the one that allows.</summary>
    [Theory]
    [InlineData(FilterTier.List, FilterTier.List, "www.ads.example. 192.0.2.66")]
    [InlineData(FilterTier.List, FilterTier.Settings, "0.0.0.0")]
    [InlineData(FilterTier.List, FilterTier.Group, "0.0.0.0")]
    [InlineData(FilterTier.Settings, FilterTier.List, "www.ads.example. 192.0.2.66")]
    [InlineData(FilterTier.Settings, FilterTier.Settings, "www.ads.example. 192.0.2.66")]
    [InlineData(FilterTier.Settings, FilterTier.Group, "0.0.0.0")]
    [InlineData(FilterTier.Group, FilterTier.Settings, "www.ads.example. 192.0.2.66")]
    public void What_the_user_blocks_is_blocked_where_an_allowed_name_leads_too(FilterTier allows, FilterTier blocks, string data)
    {
        var rules = TestRules.Read(
            (new FilterSource("allows", allows, new ListSyntax(Allows: true)), "allowed.example.org"),
            (new FilterSource("blocks", blocks, new ListSyntax(true)), "ads.example"));
        foreach (var cached in (bool[])[false, true])
        {
            Assert.Equal(data, Data(Ask(Server(TestRules.Policy(rules), cached), "allowed.example.org", "A")));
        }
    }

    [Fact]
    public void RFC_8914_4_18_so_is_an_hour_without_the_internet()
    {
        var policy = TestRules.Policy(Rules, new FilterGroup("", [], []), new FilterGroup("kids", [ClientNetwork.From(IPNetwork.Parse("192.168.1.0/24"))], [1], BlocksAll: true));
        var server = Server(policy);
        Assert.Equal((17, "group kids: not at this hour"), ErrorOf(Ask(server, "www.example.org", "A")));
        Assert.Equal("192.168.1.5", Data(Ask(server, "nas.example.com", "A")));
        Assert.Equal("127.0.0.1", Data(Ask(server, "localhost", "A")));
    }

    [Fact]
    public void Own_zones_and_special_names_are_never_blocked()
    {
        var server = Server(TestRules.Policy(Rules));
        Assert.Equal("192.168.1.5", Data(Ask(server, "nas.example.com", "A")));
        Assert.Equal("127.0.0.1", Data(Ask(server, "localhost", "A")));
        // An alias in a zone of ours is its owner's word, wherever it leads.
        Assert.Equal("www.ads.example. 192.0.2.66", Data(Ask(server, "blog.example.com", "A")));
    }

    [Theory]
    [InlineData("cloaked.example.org", "A", "0.0.0.0")]
    [InlineData("deep.example.org", "A", "0.0.0.0")]
    [InlineData("deep.example.org", "AAAA", "::")]
    [InlineData("allowed.example.org", "A", "www.ads.example. 192.0.2.66")]
    [InlineData("www.example.org", "A", "192.0.2.80")]
    [InlineData("service.example.org", "HTTPS", "")]
    [InlineData("open.example.org", "HTTPS", "1 . alpn=\"h2\"")]
    public void A_name_that_stands_for_a_blocked_one_is_blocked_unless_it_is_allowed_itself(string name, string type, string data)
    {
        foreach (var cached in (bool[])[false, true])
        {
            Assert.Equal(data, Data(Ask(Server(TestRules.Policy(Rules), cached), name, type)));
        }
    }

    [Theory]
    [InlineData("printer.example.net", "A", "192.168.1.9")]
    [InlineData("printer.example.net", "AAAA", "")]
    [InlineData("printer.example.net", "HTTPS", "")]
    [InlineData("old.example.net", "A", "nas.example.com. 192.168.1.5")]
    [InlineData("away.example.net", "A", "www.example.org. 192.0.2.80")]
    [InlineData("bad.example.net", "A", "www.ads.example. 0.0.0.0")]
    public void An_answer_of_the_settings_goes_before_everything_that_is_not_ours(string name, string type, string data)
    {
        var message = Ask(Server(TestRules.Policy(Rules)), name, type);
        Assert.Equal((Rcode.NoError, data), (message.Rcode, Data(message)));
        Assert.Equal(Name.Parse(name), message.Questions[0].Name);
    }

    [Fact]
    public void Answers_that_lead_in_a_circle_end() =>
        Assert.Equal(Rcode.ServFail, Ask(Server(TestRules.Policy(Rules)), "a.loop.example.net", "A").Rcode);

    [Fact]
    public void Who_may_not_have_names_resolved_learns_nothing_of_the_filter()
    {
        var message = Ask(Server(TestRules.Policy(Rules)), "printer.example.net", "A", "203.0.113.7");
        Assert.Equal((Rcode.Refused, ""), (message.Rcode, Data(message)));
    }

    [Fact]
    public void What_is_blocked_is_counted_for_its_list()
    {
        var hits = new HitCounters();
        var server = Server(new FilterPolicy(Rules, [], FilterReply.ZeroAddress, hits));
        Ask(server, "www.ads.example", "A");
        Ask(server, "www.ads.example", "AAAA");
        Ask(server, "cloaked.example.org", "A");
        Ask(server, "social.example", "A");
        Ask(server, "www.example.org", "A");
        Assert.Equal((3, 1, 0), (hits[0], hits[1], hits[-1]));
    }

    [Fact]
    public void Ten_thousand_questions_that_are_blocked_answered_or_passed_allocate_nothing()
    {
        var processor = Server(TestRules.Policy(Rules), cached: true);
        byte[][] queries = [.. new[] { "www.ads.example", "printer.example.net", "www.example.org", "cloaked.example.org", "allowed.example.org" }
            .Select(name => TestNameserver.Query(name, "A", new Edns(1232), MessageFlags.RecursionDesired))];
        var context = new QueryContext(TestNameserver.LanClient, Transport.Udp);
        var answer = new byte[1232];
        Assert.All(queries, query => Assert.Equal(QueryOutcome.Answered, processor.Process(query, context, answer, out _)));
        Assert.Equal(0, Allocated.By(() =>
        {
            for (var i = 0; i < 10_000; i++)
            {
                processor.Process(queries[i % queries.Length], context, answer, out _);
            }
        }));
    }

    private static QueryProcessor Server(FilterPolicy policy, bool cached = false)
    {
        var views = new ViewSet([View.Declare("lan", [IPNetwork.Parse("192.168.1.0/24")]), View.Declare("public", [])]);
        ImmutableArray<Zone> zones = [TestNameserver.ZoneOf("example.com.", Zone)];
        var served = new ZoneSet(["lan", "public"], [zones, zones]);
        return new QueryProcessor(() => served, () => views, new Internet(cached)) { Filter = () => policy };
    }

    private static Message Ask(QueryProcessor processor, string name, string type, string client = "192.168.1.20")
    {
        var query = TestNameserver.Query(name, type, new Edns(1232), MessageFlags.RecursionDesired);
        var context = new QueryContext(ClientAddress.From(IPAddress.Parse(client)), Transport.Udp);
        var answer = new byte[1232];
        var outcome = processor.Process(query, context, answer, out var length);
        if (outcome == QueryOutcome.Deferred)
        {
            var resolved = processor.ResolveAsync(query, context, answer, TestContext.Current.CancellationToken);
            Assert.True(resolved.IsCompletedSuccessfully);
            length = resolved.GetAwaiter().GetResult();
        }

        return TestNameserver.Read(answer[..length]);
    }

    private static string Data(Message message) => string.Join(' ', message.Answer.Select(record => RecordText.FormatData(record.Type, record.Data)));

    private static (int Code, string Text) ErrorOf(Message message)
    {
        var option = message.Edns!.Options.Single(option => option.Code == EdnsOption.ExtendedErrorOption).Data.Span;
        return ((option[0] << 8) | option[1], System.Text.Encoding.UTF8.GetString(option[2..]));
    }

    // Names outside; answered at once or after a wait. localhost is what the real resolver answers by itself.
    private sealed class Internet(bool cached) : IRecursor
    {
        private static readonly Dictionary<string, string[]> Answers = new()
        {
            ["www.example.org. A"] = ["www.example.org. 60 A 192.0.2.80"],
            ["www.ads.example. A"] = ["www.ads.example. 60 A 192.0.2.66"],
            ["cloaked.example.org. A"] = ["cloaked.example.org. 60 CNAME t.ADS.example.", "t.ads.example. 60 A 192.0.2.66"],
            ["deep.example.org. A"] = ["deep.example.org. 60 CNAME a.example.org.", "a.example.org. 60 CNAME x.ads.example.", "x.ads.example. 60 A 192.0.2.66"],
            ["deep.example.org. AAAA"] = ["deep.example.org. 60 CNAME a.example.org.", "a.example.org. 60 CNAME x.ads.example."],
            ["allowed.example.org. A"] = ["allowed.example.org. 60 CNAME www.ads.example.", "www.ads.example. 60 A 192.0.2.66"],
            ["service.example.org. HTTPS"] = ["service.example.org. 60 HTTPS 1 edge.ads.example. alpn=h2"],
            ["open.example.org. HTTPS"] = ["open.example.org. 60 HTTPS 1 . alpn=h2"],
            ["localhost. A"] = ["localhost. 60 A 127.0.0.1"],
        };

        private readonly Dictionary<byte[], byte[]> _made = new(Answers.Count, Comparer.Instance);

        public bool TryAnswerFromCache(ReadOnlySpan<byte> query, Span<byte> answer, int limit, out int length, QueryNotes? notes = null)
        {
            length = 0;
            if (!cached)
            {
                return false;
            }

            if (!_made.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(query, out var made))
            {
                made = Make(query);
                _made.Add(query.ToArray(), made);
            }

            made.CopyTo(answer);
            length = made.Length;
            return true;
        }

        public ValueTask<int> ResolveAsync(ReadOnlyMemory<byte> query, Memory<byte> answer, int limit, CancellationToken cancel, QueryNotes? notes = null)
        {
            var made = Make(query.Span);
            made.CopyTo(answer);
            return ValueTask.FromResult(made.Length);
        }

        private static byte[] Make(ReadOnlySpan<byte> query)
        {
            Assert.True(Message.TryParse(query, out var message, out _));
            message.Flags |= MessageFlags.Response | MessageFlags.RecursionAvailable;
            var question = message.Questions[0];
            message.Answer.AddRange(Answers.GetValueOrDefault($"{question.Name} {RecordText.FormatType(question.Type)}", []).Select(line => RecordText.Parse(line)));
            return message.ToArray();
        }

        private sealed class Comparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
        {
            public static readonly Comparer Instance = new();

            public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

            public int GetHashCode(byte[] obj) => GetHashCode((ReadOnlySpan<byte>)obj);

            public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();

            public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

            public int GetHashCode(ReadOnlySpan<byte> alternate) => alternate.Length > 20 ? alternate[14] * 31 + alternate.Length : alternate.Length;
        }
    }
}
