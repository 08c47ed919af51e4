using System.Net;
using Edge.Dns.Filtering;
using Edge.Dns.Nameserver;
using Edge.Dns.Queries;
using Edge.Dns.Tests.Filtering;
using Edge.Dns.Tests.Nameserver;
using Edge.Dns.Wire;
using Xunit;

namespace Edge.Dns.Tests.Queries;

/// <summary>What is remembered of each query, and for how long.</summary>
public sealed class QueryLogTests
{
    private const MessageFlags Wanted = MessageFlags.RecursionDesired;

    [Theory]
    [InlineData("web.example.com", "A", "192.168.1.20", "lan", "NOERROR", "zone", "192.0.2.80")]
    [InlineData("web.example.com", "AAAA", "198.51.100.7", "public", "NOERROR", "zone", "2001:db8::80")]
    [InlineData("gone.example.com", "A", "2001:db8::7", "public", "NXDOMAIN", "zone", "")]
    [InlineData("web.example.com", "TYPE65280", "192.168.1.20", "lan", "NOERROR", "zone", "")]
    [InlineData("many.example.com", "A", "192.168.1.20", "lan", "NOERROR", "zone", "192.0.2.1 192.0.2.2 192.0.2.3 192.0.2.4 ...")]
    [InlineData("www.example.org", "A", "198.51.100.7", "public", "REFUSED", "refused", "")]
    [InlineData("example.com", "NS", "192.168.1.20", "lan", "NOERROR", "zone", "")]
    [InlineData("example.com", "NXNAME", "192.168.1.20", "-", "FORMERR", "error", "")]
    public void A_query_is_remembered_as_it_was_answered(string name, string type, string client, string view, string rcode, string by, string answers)
    {
        var server = new RecordedServer();
        server.Ask(name + ".", type, client, Transport.Tls);
        var query = server.Single();
        Assert.Equal((name, type, client, view, "tls", rcode, by), (query.Name, query.Type, query.Client, query.View, query.Transport, query.Rcode, query.By));
        Assert.Equal(answers, string.Join(' ', query.Answers));
        Assert.Equal(server.Time.GetUtcNow(), query.Time);
    }

    [Fact]
    public void Errors_are_told_by_their_code()
    {
        var server = new RecordedServer();
        server.Ask("web.example.com.", edns: new Edns(1232) { Version = 1 });
        server.Ask([1, 2, 0x78, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        server.Ask([1, 2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xC0, 12, 0, 1, 0, 1]);
        Assert.Equal(["error BADVERS web.example.com", "error NOTIMP ", "error FORMERR "], server.Log.Find(new QueryFilter()).Select(query => $"{query.By} {query.Rcode} {query.Name}"));
    }

    [Fact]
    public void What_gets_no_answer_is_remembered_as_dropped()
    {
        var server = new RecordedServer();
        Assert.Equal(QueryOutcome.Dropped, server.Ask([1, 2, 0x80, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, (byte)'x', 0, 0, 1, 0, 1]));
        Assert.Equal(QueryOutcome.Dropped, server.Ask([1]));
        Assert.Equal(["dropped  x", "dropped  "], server.Log.Find(new QueryFilter()).Select(query => $"{query.By} {query.Rcode} {query.Name}"));
    }

    [Fact]
    public void A_stranger_who_is_sent_back_and_one_who_asks_too_much()
    {
        var required = new RecordedServer(answering: new NameserverOptions { Cookies = new ServerCookies([new byte[16], ServerCookies.NewSecret()]), CookiesRequired = true });
        required.Ask("web.example.com.", client: "198.51.100.7");
        Assert.Equal("sent-back", required.Single().By);
        var limited = new RecordedServer(answering: new NameserverOptions { RateLimiter = new RateLimiter(new RateLimitOptions { Answers = 1, Others = 1, Slip = 0 }) });
        for (var i = 0; i < 50; i++)
        {
            limited.Ask("web.example.com.", client: "198.51.100.7");
        }

        Assert.Equal(["dropped", "zone"], limited.Log.Find(new QueryFilter()).Select(query => query.By).Distinct().Order());
    }

    [Theory]
    [InlineData("cache", "", false)]
    [InlineData("stale", "", false)]
    [InlineData("special", "", false)]
    [InlineData("upstream", "192.0.2.1:53", true)]
    public async Task Who_answers_for_the_resolver_says_how(string by, string source, bool waits)
    {
        var way = (AnsweredBy)QueryWords.Ways.IndexOf(by);
        var server = new RecordedServer(recursor: new NotingRecursor(way, source.Length == 0 ? null : source, waits));
        var query = TestNameserver.Query("www.example.org.", "A", flags: Wanted);
        if (server.Ask(query) == QueryOutcome.Deferred)
        {
            Assert.Empty(server.Log.Find(new QueryFilter()));
            await server.Processor.CompleteAsync(query, RecordedServer.ContextOf("192.168.1.20"), new CollectingSink(), TestContext.Current.CancellationToken);
        }

        var recorded = server.Single();
        Assert.Equal((by, source.Length == 0 ? null : source, "lan", "NOERROR"), (recorded.By, recorded.Source, recorded.View, recorded.Rcode));
    }

    [Theory]
    [InlineData("www.ads.example", "192.168.1.20", "blocked", "ads", "0.0.0.0")]
    [InlineData("www.ads.example", "192.168.1.30", "blocked", "kids", "0.0.0.0")]
    [InlineData("printer.example.net", "192.168.1.20", "custom", null, "192.168.1.9")]
    [InlineData("www.example.org", "192.168.1.20", "cache", null, "")]
    public void What_the_filter_answers_says_who_blocks_it(string name, string client, string by, string? source, string answer)
    {
        var rules = TestRules.ReadWith([new CustomAnswer(Name.Parse("printer.example.net"), [IPAddress.Parse("192.168.1.9")])], TestRules.List("ads", "||ads.example^"));
        var policy = TestRules.Policy(rules, new FilterGroup("", [], [0]), new FilterGroup("kids", [ClientNetwork.From(IPNetwork.Parse("192.168.1.30/32"))], [0], BlocksAll: true));
        var server = new RecordedServer(recursor: new NotingRecursor(AnsweredBy.Cache, null, waits: false), filter: policy);
        server.Ask(name + ".", client: client, flags: Wanted);
        var query = server.Single();
        Assert.Equal((by, source, answer), (query.By, query.Source, string.Join(' ', query.Answers)));
    }

    [Fact]
    public async Task What_waits_is_remembered_once_with_the_time_it_took()
    {
        var server = new RecordedServer(recursor: new NotingRecursor(AnsweredBy.Upstream, "192.0.2.1:53", waits: true));
        var query = TestNameserver.Query("www.example.org.", "A", flags: Wanted);
        var context = RecordedServer.ContextOf("192.168.1.20") with { Arrived = server.Time.GetUtcNow().UtcTicks };
        server.Time.Advance(TimeSpan.FromMilliseconds(12));
        await server.Processor.ResolveAsync(query, context, new byte[1232], TestContext.Current.CancellationToken);
        Assert.Equal(12_000u, server.Single().Microseconds);
    }

    [Fact]
    public void A_transfer_that_nobody_gives_is_remembered_as_refused()
    {
        var server = new RecordedServer();
        var query = TestNameserver.Query("example.com.", "AXFR");
        server.Ask(query, transport: Transport.Tcp);
        Assert.Equal(("REFUSED", "refused", "AXFR"), (server.Single().Rcode, server.Single().By, server.Single().Type));
    }

    [Theory]
    [InlineData("a\\000b.example.com", "a\\000b.example.com")]
    [InlineData("\\027[31mred\\007.example.com", "\\027[31mred\\007.example.com")]
    [InlineData("line\\010break.example.com", "line\\010break.example.com")]
    [InlineData("a\\.b.example.com", "a\\.b.example.com")]
    [InlineData("\\200\\255.example.com", "\\200\\255.example.com")]
    public void Names_are_printable_whatever_is_in_them(string asked, string shown)
    {
        var server = new RecordedServer();
        server.Ask(asked + ".");
        Assert.Equal(shown, server.Single().Name);
        Assert.DoesNotContain(server.Single().Name, char.IsControl);
    }

    [Fact]
    public void Of_the_longest_name_the_end_is_kept_in_whole_labels()
    {
        var server = new RecordedServer();
        var label = new string('x', 63);
        server.Ask($"{label}.{label}.{label}.{new string('y', 48)}.example.com.");
        Assert.Equal($"...{new string('y', 48)}.example.com", server.Single().Name);
        server.Ask(string.Concat(Enumerable.Repeat("a.", 121)) + "example.com.");
        var name = server.Log.Find(new QueryFilter())[^1].Name;
        Assert.Matches(@"^\.\.\.(a\.){45}example\.com$", name);
    }

    [Fact]
    public void An_hour_later_nothing_is_left()
    {
        var server = new RecordedServer();
        server.Ask("web.example.com.");
        server.Time.Advance(TimeSpan.FromMinutes(59));
        server.Ask("ns.example.com.");
        Assert.Equal(2, server.Log.Find(new QueryFilter()).Count);
        server.Time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal("ns.example.com", server.Single().Name);
        Assert.Equal("ns.example.com", Assert.Single(server.Log.Statistics(10).Names).Name);
        server.Time.Advance(TimeSpan.FromMinutes(61));
        Assert.Empty(server.Log.Find(new QueryFilter()));
        Assert.Empty(server.Log.Statistics(10).Names);
        Assert.Empty(server.Log.Statistics(10).Clients);
        Assert.Equal(2, server.Log.Statistics(10).Queries);
    }

    [Theory]
    [InlineData(ClientDisplay.Network, "192.168.1.20", "192.168.1.0/24")]
    [InlineData(ClientDisplay.Network, "2001:db8:1:2ff:3::4", "2001:db8:1:200::/56")]
    [InlineData(ClientDisplay.Full, "2001:db8:1:2ff:3::4", "2001:db8:1:2ff:3::4")]
    public void A_client_is_kept_as_far_as_is_wanted(ClientDisplay display, string client, string shown)
    {
        var server = new RecordedServer(new QueryLogOptions { Clients = display });
        server.Ask("web.example.com.", client: client);
        Assert.Equal(shown, server.Single().Client);
        Assert.Equal(shown, Assert.Single(server.Log.Statistics(10).Clients).Name);
        Assert.Single(server.Log.Find(new QueryFilter { Network = IPNetwork.Parse($"{client}/{(client.Contains(':') ? 128 : 32)}") }));
        Assert.Empty(server.Log.Find(new QueryFilter { Network = IPNetwork.Parse("10.0.0.0/8") }));
    }

    [Fact]
    public void A_hashed_client_is_told_from_others_and_not_named()
    {
        var server = new RecordedServer(new QueryLogOptions { Clients = ClientDisplay.Hashed });
        server.Ask("web.example.com.", client: "192.168.1.20");
        server.Ask("web.example.com.", client: "192.168.1.20");
        server.Ask("web.example.com.", client: "192.168.1.21");
        var clients = server.Log.Find(new QueryFilter()).Select(query => query.Client).ToList();
        Assert.All(clients, client => Assert.Matches("^#[0-9a-f]{16}$", client));
        Assert.Equal([2, 1], clients.CountBy(client => client).Select(pair => pair.Value));
        Assert.Equal(2, server.Log.Find(new QueryFilter { Client = clients[0] }).Count);
    }

    [Fact]
    public void Switched_off_nothing_is_remembered_and_what_was_is_forgotten()
    {
        var server = new RecordedServer();
        server.Ask("web.example.com.");
        Assert.Single(server.Log.Find(new QueryFilter()));
        server.Log.Use(new QueryLogOptions { Enabled = false });
        server.Ask("web.example.com.");
        Assert.False(server.Log.IsRecording);
        Assert.Empty(server.Log.Find(new QueryFilter()));
        Assert.Empty(server.Log.Statistics(10).Clients);
        server.Log.Use(new QueryLogOptions());
        server.Ask("ns.example.com.");
        Assert.Equal("ns.example.com", server.Single().Name);
    }

    [Fact]
    public void Filters_choose_and_the_latest_are_shown()
    {
        var server = new RecordedServer();
        server.Ask("web.example.com.", "A", "192.168.1.20");
        server.Time.Advance(TimeSpan.FromMinutes(1));
        var since = server.Time.GetUtcNow();
        server.Time.Advance(TimeSpan.FromMinutes(1));
        server.Ask("web.example.com.", "AAAA", "192.168.1.21");
        server.Ask("NS.example.com.", "A", "2001:db8::1");
        string Found(QueryFilter filter) => string.Join(' ', server.Log.Find(filter).Select(query => $"{query.Name}/{query.Type}"));
        Assert.Equal("web.example.com/AAAA NS.example.com/A", Found(new QueryFilter { Since = since }));
        Assert.Equal("web.example.com/A web.example.com/AAAA", Found(new QueryFilter { Name = "WEB" }));
        Assert.Equal("web.example.com/AAAA", Found(new QueryFilter { Type = (ushort)RecordType.AAAA }));
        Assert.Equal("web.example.com/AAAA", Found(new QueryFilter { Network = IPNetwork.Parse("192.168.1.21/32") }));
        Assert.Equal("web.example.com/A web.example.com/AAAA", Found(new QueryFilter { Network = IPNetwork.Parse("192.168.0.0/16") }));
        Assert.Equal("NS.example.com/A", Found(new QueryFilter { Network = IPNetwork.Parse("2001:db8::/32") }));
        Assert.Equal("NS.example.com/A", Found(new QueryFilter { Limit = 1 }));
        Assert.Equal("", Found(new QueryFilter { Blocked = true }));
    }

    [Fact]
    public void However_much_is_asked_the_budget_is_kept()
    {
        var history = new QueryHistory { Budget = 1 << 20 };
        QuerySlot slot = default;
        for (var i = 0; i < 100_000; i++)
        {
            slot.Time = i + 1;
            slot.NameLength = (byte)(i % 100);
            slot.AnswerLength = 30;
            history.Append(ref slot);
            Assert.True(history.Bytes <= 1 << 20);
        }

        Assert.InRange(history.Count, 7000, 11_000);
        var words = new QueryWords(_ => "", TransportKinds.Names, new QuerySources());
        var found = history.Find(new QueryFilter { Limit = int.MaxValue }, words);
        Assert.Equal(history.Count, found.Count);
        Assert.Equal(100_000, found[^1].Time.UtcTicks);
        history.Expire(99_000);
        Assert.Equal(1001, history.Count);
        history.Budget = 64 * 1024;
        Assert.Equal(64 * 1024, history.Bytes);
        history.Expire(long.MaxValue);
        Assert.Equal(0, history.Count);
        slot.Time = 5;
        history.Append(ref slot);
        Assert.Equal(5, Assert.Single(history.Find(new QueryFilter(), words)).Time.UtcTicks);
    }
}
