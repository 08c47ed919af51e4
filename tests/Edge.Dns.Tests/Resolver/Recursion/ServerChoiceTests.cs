using System.Diagnostics;
using Edge.Dns.Resolver.Recursion;
using Edge.Dns.Wire;
using Xunit;

namespace Edge.Dns.Tests.Resolver.Recursion;

/// <summary>Which server is asked, how, and when no more.</summary>
public sealed class ServerChoiceTests
{
    private const string First = "203.0.113.10";
    private const string Second = "203.0.113.20";
    private const string Truth = "NOERROR\nwww.example.com. A 203.0.113.80";

    public static TheoryData<string, MessageFlags, Rcode, string[]> Useless => new()
    {
        { "REFUSED", MessageFlags.None, Rcode.Refused, [] },
        { "SERVFAIL", MessageFlags.None, Rcode.ServFail, [] },
        { "FORMERR", MessageFlags.None, Rcode.FormErr, [] },
        { "NOTAUTH", MessageFlags.None, Rcode.NotAuth, [] },
        { "a referral upward", MessageFlags.None, Rcode.NoError, ["com. 600 NS a.gtld.com."] },
        { "a referral to the root", MessageFlags.None, Rcode.NoError, [". 600 NS a.root-servers.net."] },
        { "a referral to itself", MessageFlags.None, Rcode.NoError, ["example.com. 600 NS ns1.example.com."] },
        { "nothing", MessageFlags.None, Rcode.NoError, [] },
        { "a denial out of a cache", MessageFlags.RecursionAvailable, Rcode.NxDomain, ["example.com. 600 SOA 600"] },
        { "the SOA of the zone above", MessageFlags.Authoritative, Rcode.NxDomain, ["com. 600 SOA 600"] },
    };

    [Theory]
    [MemberData(nameof(Useless))]
    public async Task After_a_useless_server_the_next_one_is_asked(string kind, MessageFlags flags, Rcode rcode, string[] authority)
    {
        Assert.NotEmpty(kind);
        for (var i = 0; i < 8; i++)
        {
            var internet = Internet(query =>
            {
                var reply = FakeUpstream.Reply(query, [], authority, rcode);
                reply.Flags = MessageFlags.Response | flags;
                return reply;
            });
            using var origin = internet.Resolver();
            Assert.Equal(Truth, await origin.TextAsync("www.example.com"));
        }
    }

    [Fact]
    public async Task A_lame_server_is_left_alone_for_a_while()
    {
        var internet = Internet(query => FakeUpstream.Reply(query, [], rcode: Rcode.Refused));
        using var origin = internet.Resolver();
        for (var i = 0; i < 50; i++)
        {
            Assert.NotNull((await origin.AskAsync($"n{i}.example.com")).Message);
        }

        Assert.InRange(internet.Asked.Count(asked => asked.Address == First), 0, 2);
    }

    [Fact]
    public async Task A_zone_whose_servers_are_all_lame_costs_nothing_after_the_first_time()
    {
        var internet = Internet(query => FakeUpstream.Reply(query, [], rcode: Rcode.Refused)).Script(Second, query => FakeUpstream.Reply(query, [], rcode: Rcode.Refused));
        using var origin = internet.Resolver();
        await origin.AskAsync("www.example.com");
        internet.Forget();
        for (var i = 0; i < 50; i++)
        {
            Assert.StartsWith("FAILED", await origin.TextAsync($"n{i}.example.com"), StringComparison.Ordinal);
        }

        Assert.Empty(internet.Asked);
        // It is looked at again after a minute.
        internet.Time.Advance(TimeSpan.FromSeconds(61));
        await origin.AskAsync("www.example.com");
        Assert.NotEmpty(internet.Asked);
    }

    [Fact]
    public async Task Who_refuses_one_type_still_serves_the_others()
    {
        var internet = Internet(query => FakeUpstream.Reply(query, [], rcode: Rcode.Refused));
        Func<Message, Message?> picky = query =>
        {
            var isAny = query.Questions[0].Type == RecordType.ANY;
            var reply = FakeUpstream.Reply(query, isAny ? [] : ["www.example.com. 600 A 203.0.113.80"], rcode: isAny ? Rcode.Refused : Rcode.NoError);
            reply.Flags |= MessageFlags.Authoritative;
            return reply;
        };
        internet.Script($"{First} {Second}", picky);
        using var origin = internet.Resolver();
        Assert.StartsWith("FAILED", await origin.TextAsync("www.example.com", "ANY"), StringComparison.Ordinal);
        Assert.Equal(Truth, await origin.TextAsync("www.example.com"));
    }

    [Fact]
    public async Task A_silent_server_costs_one_timeout_and_then_nothing()
    {
        var internet = Internet(_ => null);
        using var origin = internet.Resolver();
        for (var i = 0; i < 60; i++)
        {
            Assert.NotNull((await origin.AskAsync($"n{i}.example.com")).Message);
        }

        Assert.InRange(internet.Asked.Count(asked => asked.Address == First), 0, 4);
    }

    [Fact]
    public async Task A_zone_whose_servers_are_all_silent_is_asked_once_a_second_however_many_ask()
    {
        var internet = Internet(_ => null).Script(Second, _ => null);
        using var origin = internet.Resolver();
        for (var i = 0; i < 5; i++)
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(4.5), internet.Time);
            Assert.StartsWith("FAILED", (await origin.AskAsync($"n{i}.example.com", deadline: patience.Token)).Text(), StringComparison.Ordinal);
        }

        internet.Forget();
        var start = internet.Time.GetTimestamp();
        using var atOnce = new CancellationTokenSource(TimeSpan.FromSeconds(4.5), internet.Time);
        await Task.WhenAll(Enumerable.Range(0, 100).Select(i => origin.AskAsync($"m{i}.example.com", deadline: atOnce.Token)));
        var seconds = internet.Time.GetElapsedTime(start).TotalSeconds;
        Assert.InRange(internet.Asked.Length, 0, 2 + (2 * (seconds + 1)));
    }

    [Fact]
    public async Task A_zone_that_was_silent_is_found_within_two_seconds_of_its_return()
    {
        var silent = true;
        var server = Nameserver.TestNameserver.With(("example.com.", Example));
        var internet = Internet(_ => null).At($"{First} {Second}", (query, _) => silent ? null : server.Raw(query));
        using var origin = internet.Resolver();
        for (var i = 0; i < 5; i++)
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(4.5), internet.Time);
            await origin.AskAsync($"n{i}.example.com", deadline: patience.Token);
        }

        silent = false;
        internet.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(Truth, await origin.TextAsync("www.example.com"));
    }

    [Fact]
    public async Task RFC_6891_7_who_does_not_know_EDNS_is_asked_without_and_remembered()
    {
        var internet = Internet(query =>
        {
            var reply = FakeUpstream.Reply(query, query.Edns is null ? [$"{query.Questions[0].Name} 600 A 203.0.113.80"] : [], rcode: query.Edns is null ? Rcode.NoError : Rcode.FormErr);
            reply.Flags |= MessageFlags.Authoritative;
            reply.Edns = null;
            return reply;
        });
        internet.Script(Second, _ => null);
        using var origin = internet.Resolver();
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal($"NOERROR\nn{i}.example.com. A 203.0.113.80", await origin.TextAsync($"n{i}.example.com"));
        }

        Assert.Single(internet.Asked, asked => asked.Address == First && asked.Query.Edns is not null);
    }

    [Fact]
    public async Task What_is_truncated_comes_over_TCP()
    {
        var internet = Internet(_ => null).Serve($"{First} {Second}", ("example.com.", Example + "\n" + string.Join('\n', Enumerable.Range(0, 40).Select(i => $"big TXT \"{i} {new string('x', 100)}\""))));
        using var origin = internet.Resolver();
        Assert.Equal(40, (await origin.AskAsync("big.example.com", "TXT")).Message!.Answer.Count);
        Assert.Single(internet.Asked, asked => asked.OverTcp);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Who_changes_the_case_of_names_is_found_out_once(bool hasTcp)
    {
        var server = Nameserver.TestNameserver.With(("example.com.", Example + "\n*.wild A 203.0.113.81"));
        var internet = Internet(_ => null).At($"{First} {Second}", (query, overTcp) => overTcp && !hasTcp ? null : server.Raw(Lower(query)));
        using var origin = internet.Resolver();
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal($"NOERROR\nlong-enough-name-{i}.wild.example.com. A 203.0.113.81", await origin.TextAsync($"long-enough-name-{i}.wild.example.com"));
        }

        // Each of the two servers once.
        Assert.InRange(internet.Asked.Count(asked => asked.OverTcp), 1, 2);
    }

    [Fact]
    public async Task Every_query_has_its_own_case()
    {
        var internet = Internet(_ => null);
        using var origin = internet.Resolver();
        for (var i = 0; i < 20; i++)
        {
            await origin.AskAsync($"a-rather-long-name-{i}.example.com");
        }

        var cases = internet.Asked.Where(asked => asked.Name.StartsWith("a-rather", StringComparison.Ordinal)).Select(asked => string.Concat(asked.Query.Questions[0].Name.ToString().Where(char.IsAsciiLetter)));
        Assert.InRange(cases.Distinct().Count(), 15, 100);
    }

    [Fact]
    public async Task The_quicker_server_gets_most_of_the_questions()
    {
        var internet = Internet(_ => null).Serve($"{First} {Second}", ("example.com.", Example));
        internet.Latency[First] = 10;
        internet.Latency[Second] = 200;
        using var origin = internet.Resolver();
        for (var i = 0; i < 100; i++)
        {
            await origin.AskAsync($"n{i}.example.com");
        }

        Assert.InRange(internet.Asked.Count(asked => asked.Address == Second), 1, 20);
    }

    [Fact]
    public async Task Without_a_way_out_over_IPv6_it_is_left_alone()
    {
        var internet = new PrivateInternet()
            .ServeRoot(string.Join('\n', Enumerable.Range(0, 30).Select(i => $"t{i}. NS ns.t{i}.\nns.t{i}. A 192.0.43.{i}\nns.t{i}. AAAA 2001:500::{i + 1}")));
        for (var i = 0; i < 30; i++)
        {
            internet.Serve($"192.0.43.{i}", ($"t{i}.", $"@ 600 SOA ns host 1 2 3 4 60\n@ 600 NS ns\nns 600 A 192.0.43.{i}\nwww 600 A 203.0.113.80"))
                .Script($"2001:500::{i + 1}", _ => null);
        }

        using var origin = internet.Resolver();
        for (var i = 0; i < 30; i++)
        {
            Assert.NotNull((await origin.AskAsync($"www.t{i}")).Message);
        }

        Assert.InRange(internet.Asked.Count(asked => asked.Address.Contains(':', StringComparison.Ordinal)), 0, 12);
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task One_family_is_enough(bool useIPv4, bool useIPv6)
    {
        var internet = new PrivateInternet();
        internet.Serve("192.0.43.1 2001:500::1", ("com.", "@ 600 SOA ns host 1 2 3 4 60\n@ 600 NS ns\nns 600 A 192.0.43.1\nns 600 AAAA 2001:500::1\nwww 600 A 203.0.113.80\nexample 600 NS ns.other.org."))
            .Serve("192.0.43.2 2001:500::2", ("org.", "@ 600 SOA ns host 1 2 3 4 60\n@ 600 NS ns\nns 600 A 192.0.43.2\nns 600 AAAA 2001:500::2\nns.other 600 A 192.0.43.3\nns.other 600 AAAA 2001:500::3"))
            .Serve("192.0.43.3 2001:500::3", ("example.com.", "@ 600 SOA ns.other.org. host 1 2 3 4 60\n@ 600 NS ns.other.org.\nwww 600 A 203.0.113.80"))
            .Serve("198.41.0.4 2001:503:ba3e::2:30", (".", """
                . 600 SOA a.root-servers.net. nobody. 1 2 3 4 900
                . 600 NS a.root-servers.net.
                a.root-servers.net. 600 A 198.41.0.4
                a.root-servers.net. 600 AAAA 2001:503:ba3e::2:30
                com. 600 NS ns.com.
                ns.com. 600 A 192.0.43.1
                ns.com. 600 AAAA 2001:500::1
                org. 600 NS ns.org.
                ns.org. 600 A 192.0.43.2
                ns.org. 600 AAAA 2001:500::2
                """));
        using var origin = new RecursiveOrigin(new RecursionOptions { UseIPv4 = useIPv4, UseIPv6 = useIPv6 }, internet.Time, link: internet);
        Assert.Equal(Truth, await origin.TextAsync("www.example.com"));
        Assert.All(internet.Asked.Concat(internet.Priming), asked => Assert.Equal(useIPv6, asked.Address.Contains(':', StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Without_any_network_it_fails_at_once_and_says_so()
    {
        var watch = Stopwatch.StartNew();
        using var origin = new RecursiveOrigin(new RecursionOptions(), TimeProvider.System, link: new PrivateInternet());
        var answer = await origin.AskAsync("www.example.com");
        Assert.False(answer.WasAsked);
        Assert.Contains("no name server can be reached", answer.Text(), StringComparison.Ordinal);
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 3);
    }

    private static byte[] Lower(byte[] original)
    {
        byte[] query = [.. original];
        for (var i = MessageHeader.Length; query[i] != 0; i++)
        {
            query[i] = NameComparison.Lower(query[i]);
        }

        return query;
    }

    private const string Example = """
        $TTL 600
        @ SOA ns1 host 1 2 3 4 60
        @ NS ns1
        @ NS ns2
        ns1 A 203.0.113.10
        ns2 A 203.0.113.20
        www A 203.0.113.80
        """;

    private static PrivateInternet Internet(Func<Message, Message?> first) => new PrivateInternet()
        .ServeRoot("com. NS a.gtld.com.\na.gtld.com. A 192.5.6.30")
        .Serve("192.5.6.30", ("com.", """
            $TTL 86400
            @ SOA a.gtld host 1 2 3 4 900
            @ NS a.gtld
            a.gtld A 192.5.6.30
            example NS ns1.example
            example NS ns2.example
            ns1.example A 203.0.113.10
            ns2.example A 203.0.113.20
            """))
        .Serve(Second, ("example.com.", Example))
        .Script(First, first);
}
