using Edge.Dns.Resolver.Recursion;
using Edge.Dns.Wire;
using Xunit;

namespace Edge.Dns.Tests.Resolver.Recursion;

/// <summary>What one question may cost, whatever strangers delegate to whom.</summary>
public sealed class RecursionLimitTests
{
    private const string Com = "192.5.6.30";
    private const string Net = "192.5.6.31";
    private const string Leaf = "203.0.113.10";
    private const string Victim = "203.0.113.20";

    [Theory]
    [InlineData("one", "a1.example.com", "aliases of a1.example.com. lead in a circle", "a1 CNAME a2\na2 CNAME a1")]
    [InlineData("itself", "self.example.com", "aliases of self.example.com. lead in a circle", "self CNAME self")]
    [InlineData("two zones", "x.example.com", "aliases of x.example.com. lead in a circle", "x CNAME x.victim.net.")]
    [InlineData("many", "n0.example.com", "n0.example.com. has more than 16 aliases", "$GENERATE 0-40 n$ CNAME n${1}")]
    public async Task Aliases_in_a_circle_and_without_end(string kind, string name, string expected, string records)
    {
        var internet = Internet(records);
        using var origin = internet.Resolver();
        Assert.Contains(expected, await origin.TextAsync(name), StringComparison.Ordinal);
        Assert.InRange(internet.Asked.Length, 1, 25);
        Assert.NotEmpty(kind);
    }

    [Fact]
    public async Task Sixteen_aliases_are_followed()
    {
        var internet = Internet("$GENERATE 0-14 n$ CNAME n${1}\nn15 CNAME www\nwww A 203.0.113.80");
        using var origin = internet.Resolver();
        var answer = await origin.TextAsync("n0.example.com");
        Assert.EndsWith("www.example.com. A 203.0.113.80", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task NXNS_a_hundred_servers_without_addresses_cost_the_victim_a_few_queries()
    {
        var internet = Internet("");
        using var origin = internet.Resolver();
        Assert.StartsWith("FAILED", await origin.TextAsync("www.nxns.com"), StringComparison.Ordinal);
        var atVictim = internet.Asked.Count(asked => asked.Address == Victim);
        Assert.InRange(atVictim, 1, 8);
        Assert.InRange(internet.Asked.Length, 1, 20);
        // The next name costs less: what has no address is known by now.
        internet.Forget();
        await origin.AskAsync("www2.nxns.com");
        Assert.InRange(internet.Asked.Count(asked => asked.Address == Victim), 0, 8);
    }

    [Fact]
    public async Task NXNS_over_several_levels_stays_within_the_lookups_of_one_question()
    {
        // Each of the servers lies in a zone whose servers lie in further zones.
        var internet = Internet(
            string.Join('\n', Enumerable.Range(0, 20).Select(i => $"deep NS ns.d{i}")),
            string.Join('\n', Enumerable.Range(0, 20).SelectMany(i => Enumerable.Range(0, 20).Select(j => $"d{i} NS ns{j}.e{i}"))),
            string.Join('\n', Enumerable.Range(0, 20).SelectMany(i => Enumerable.Range(0, 20).Select(j => $"e{i} NS n{j}.f{i}"))));
        using var origin = internet.Resolver();
        Assert.StartsWith("FAILED", await origin.TextAsync("www.deep.example.com"), StringComparison.Ordinal);
        Assert.InRange(internet.Asked.Length, 1, 60);
    }

    [Fact]
    public async Task Two_zones_that_need_each_others_servers_fail_at_once()
    {
        var internet = Internet("");
        using var origin = internet.Resolver();
        Assert.StartsWith("FAILED", await origin.TextAsync("www.loop.com"), StringComparison.Ordinal);
        Assert.InRange(internet.Asked.Length, 1, 12);
        internet.Forget();
        Assert.StartsWith("FAILED", await origin.TextAsync("other.loop.com"), StringComparison.Ordinal);
        Assert.Empty(internet.Asked);
    }

    [Fact]
    public async Task Two_zones_that_serve_each_other_are_found_by_the_glue_of_the_zone_above_both()
    {
        var internet = Internet("").Serve("203.0.113.40", ("left.com.", "@ 600 SOA ns.right.com. host 1 2 3 4 60\n@ 600 NS ns.right.com.\nns 600 A 203.0.113.40\nwww 600 A 203.0.113.41"));
        using var origin = internet.Resolver();
        Assert.Equal("NOERROR\nwww.left.com. A 203.0.113.41", await origin.TextAsync("www.left.com"));
        Assert.Equal(3, internet.Asked.Length);
    }

    [Fact]
    public async Task A_server_inside_its_own_zone_without_glue_is_not_looked_for()
    {
        var internet = Internet("");
        using var origin = internet.Resolver();
        Assert.StartsWith("FAILED", await origin.TextAsync("www.noglue.com"), StringComparison.Ordinal);
        Assert.Equal(2, internet.Asked.Length);
    }

    [Fact]
    public async Task A_delegation_that_gets_deeper_without_end_ends()
    {
        var internet = Internet("").Script("203.0.113.30", query =>
        {
            // Whatever is asked, the next label is another zone on the same server.
            var reply = FakeUpstream.Reply(query, []);
            reply.Authority.Add(FakeUpstream.Record($"{query.Questions[0].Name} 600 NS ns.endless.com."));
            return reply;
        });
        using var origin = internet.Resolver();
        Assert.StartsWith("FAILED", await origin.TextAsync(string.Concat(Enumerable.Repeat("a.", 100)) + "endless.com"), StringComparison.Ordinal);
        Assert.InRange(internet.Asked.Length, 1, 100);
    }

    [Fact]
    public async Task One_question_costs_a_hundred_queries_at_the_most()
    {
        var internet = Internet("$GENERATE 0-40 n$ CNAME n${1}.sub${1}\n" + string.Join('\n', Enumerable.Range(0, 42).Select(i => $"sub{i} NS ns.victim.net.")));
        using var origin = internet.Resolver(new RecursionOptions { MaxQueries = 6 });
        Assert.StartsWith("FAILED", await origin.TextAsync("n0.example.com"), StringComparison.Ordinal);
        Assert.InRange(internet.Asked.Length, 1, 6);
    }

    private static PrivateInternet Internet(params string[] records) => new PrivateInternet()
        .ServeRoot($"""
            com. NS a.gtld.com.
            a.gtld.com. A {Com}
            net. NS a.gtld.net.
            a.gtld.net. A {Net}
            """)
        .Serve(Com, ("com.", $"""
            $TTL 86400
            @ SOA a.gtld host 1 2 3 4 900
            @ NS a.gtld
            a.gtld A {Com}
            example NS ns.example
            ns.example A {Leaf}
            {string.Join('\n', Enumerable.Range(0, 100).Select(i => $"nxns NS n{i}.victim.net."))}
            loop NS ns.loop.net.
            noglue NS ns.noglue
            left NS ns.right
            right NS ns.left
            ns.right A 203.0.113.40
            ns.left A 203.0.113.40
            endless NS ns.endless
            ns.endless A 203.0.113.30
            """))
        .Serve(Net, ("net.", $"""
            $TTL 86400
            @ SOA a.gtld host 1 2 3 4 900
            @ NS a.gtld
            a.gtld A {Net}
            victim NS ns.victim
            ns.victim A {Victim}
            loop NS ns.loop.com.
            """))
        .Serve(Leaf, ("example.com.", $"""
            $TTL 3600
            @ SOA ns host 1 2 3 4 60
            @ NS ns
            ns A {Leaf}
            {string.Join('\n', records)}
            """))
        .Serve(Victim, ("victim.net.", $"""
            $TTL 3600
            @ SOA ns host 1 2 3 4 60
            @ NS ns
            ns A {Victim}
            x CNAME x.example.com.
            """));
}
