using Edge.Dns.Resolver;
using Edge.Dns.Resolver.Recursion;
using Edge.Dns.Wire;
using Xunit;

namespace Edge.Dns.Tests.Resolver.Recursion;

/// <summary>From the root down to the answer (RFC 1034 §5.3.3), each part asked where it belongs.</summary>
public sealed class Rfc1034WalkTests
{
    private const string Root = PrivateInternet.RootAddress;
    private const string Com = "192.5.6.30";
    private const string Org = "199.19.56.1";
    private const string Leaf = "203.0.113.10";
    private const string Other = "203.0.113.20";

    [Theory]
    [InlineData("www.example.com", "A", "NOERROR\nwww.example.com. A 203.0.113.80")]
    [InlineData("WWW.Example.COM", "A", "NOERROR\nwww.example.com. A 203.0.113.80")]
    [InlineData("example.com", "NS", "NOERROR\nexample.com. NS ns1.example.com.")]
    [InlineData("example.com", "SOA", "NOERROR\nexample.com. SOA ns1.example.com. host.example.com. 1 2 3 4 60")]
    [InlineData("com", "NS", "NOERROR\ncom. NS a.gtld.com.")]
    [InlineData(".", "NS", "NOERROR\n. NS a.root-servers.net.")]
    [InlineData("www.example.com", "AAAA", "NOERROR")]
    [InlineData("nothing.example.com", "A", "NXDOMAIN")]
    [InlineData("nothing.at.all", "A", "NXDOMAIN")]
    [InlineData("x.wild.example.com", "TXT", "NOERROR\nx.wild.example.com. TXT \"wild\"")]
    [InlineData("c.d.example.com", "A", "NOERROR")]
    [InlineData("a.b.c.d.example.com", "A", "NOERROR\na.b.c.d.example.com. A 203.0.113.81")]
    [InlineData("alias.example.com", "A", "NOERROR\nalias.example.com. CNAME www.example.com.\nwww.example.com. A 203.0.113.80")]
    [InlineData("alias.example.com", "CNAME", "NOERROR\nalias.example.com. CNAME www.example.com.")]
    [InlineData("alias.example.com", "TXT", "NOERROR\nalias.example.com. CNAME www.example.com.")]
    [InlineData("gone.example.com", "A", "NXDOMAIN\ngone.example.com. CNAME nothing.example.com.")]
    [InlineData("out.example.com", "A", "NOERROR\nout.example.com. CNAME www.example.org.\nwww.example.org. A 203.0.113.90")]
    [InlineData("twice.example.com", "A", "NOERROR\ntwice.example.com. CNAME back.example.org.\nback.example.org. CNAME www.example.com.\nwww.example.com. A 203.0.113.80")]
    [InlineData("outgone.example.com", "A", "NXDOMAIN\noutgone.example.com. CNAME nothing.example.org.")]
    [InlineData("www.old.example.com", "A", "NOERROR\nold.example.com. DNAME example.org.\nwww.old.example.com. CNAME www.example.org.\nwww.example.org. A 203.0.113.90")]
    [InlineData("down.example.com", "A", "NOERROR\ndown.example.com. CNAME www.sub.example.com.\nwww.sub.example.com. A 203.0.113.82")]
    [InlineData("www.sub.example.com", "A", "NOERROR\nwww.sub.example.com. A 203.0.113.82")]
    [InlineData("glueless.com", "TXT", "NOERROR\nglueless.com. TXT \"here\"")]
    public async Task Answers(string name, string type, string expected)
    {
        using var origin = Internet().Resolver();
        Assert.Equal(expected, await origin.TextAsync(name, type));
        // What was learned on the way does not change it.
        Assert.Equal(expected, await origin.TextAsync(name, type));
    }

    [Fact]
    public async Task A_cold_name_of_three_levels_costs_three_queries_and_a_warm_one_one()
    {
        var internet = Internet();
        using var origin = internet.Resolver();
        await origin.AskAsync("www.example.com");
        Assert.Equal([$"{Root} com. A", $"{Com} example.com. A", $"{Leaf} www.example.com. A"], internet.Asked.Select(asked => asked.ToString()));
        internet.Forget();
        await origin.AskAsync("www.example.com", "AAAA");
        Assert.Equal([$"{Leaf} www.example.com. AAAA"], internet.Asked.Select(asked => asked.ToString()));
    }

    [Fact]
    public async Task A_server_without_glue_is_looked_for_where_it_is()
    {
        var internet = Internet();
        using var origin = internet.Resolver();
        await origin.AskAsync("glueless.com", "TXT");
        Assert.Equal(
            [$"{Root} com. A", $"{Com} glueless.com. TXT", $"{Root} org. A", $"{Org} example.org. A", $"{Other} ns.example.org. A", $"{Other} glueless.com. TXT"],
            internet.Asked.Select(asked => asked.ToString()));
    }

    [Fact]
    public async Task RFC_4035_3_1_4_1_the_DS_is_asked_of_the_parent_and_the_DNSKEY_of_the_zone()
    {
        var internet = Internet();
        using var origin = internet.Resolver();
        await origin.AskAsync("www.example.com");
        internet.Forget();
        Assert.Equal("NOERROR\nexample.com. DS 1 13 2 0011223344556677889900112233445566778899001122334455667788990011", await origin.TextAsync("example.com", "DS"));
        Assert.Equal("NOERROR", await origin.TextAsync("sub.example.com", "DS"));
        Assert.Equal("NOERROR", await origin.TextAsync(".", "DS"));
        Assert.Equal("NOERROR", await origin.TextAsync("example.com", "DNSKEY"));
        Assert.Equal([$"{Com} example.com. DS", $"{Leaf} sub.example.com. DS", $"{Root} . DS", $"{Leaf} example.com. DNSKEY"], internet.Asked.Select(asked => asked.ToString()));
    }

    [Fact]
    public async Task Queries_do_not_desire_recursion_and_carry_DO_when_proofs_are_wanted()
    {
        var internet = Internet();
        using var origin = internet.Resolver();
        await origin.AskAsync("www.example.com", dnssecOk: true);
        Assert.All(internet.Asked, asked => Assert.Equal(MessageFlags.None, asked.Query.Flags));
        Assert.All(internet.Asked, asked => Assert.True(asked.Query.Edns is { DnssecOk: true, PayloadSize: 1232 }));
        internet.Forget();
        await origin.AskAsync("www.example.org");
        Assert.All(internet.Asked, asked => Assert.True(asked.Query.Edns is { DnssecOk: false }));
    }

    [Fact]
    public async Task Negative_answers_bring_the_SOA_of_the_zone_that_gave_them()
    {
        using var origin = Internet().Resolver();
        var answer = (await origin.AskAsync("nothing.example.com")).Message!;
        Assert.Equal(["example.com. SOA ns1.example.com. host.example.com. 1 2 3 4 60"], answer.Authority.Select(Resolved.Line));
        answer = (await origin.AskAsync("outgone.example.com")).Message!;
        Assert.Equal(["example.org. SOA ns.example.org. host.example.org. 1 2 3 4 60"], answer.Authority.Select(Resolved.Line));
    }

    [Theory]
    [InlineData("out.example.com", "NOERROR\nout.example.com. CNAME www.example.org.\nwww.example.org. A 10.0.0.1")]
    [InlineData("twice.example.com", "NOERROR\ntwice.example.com. CNAME back.example.org.\nback.example.org. CNAME x.inside.")]
    [InlineData("www.example.com", "NOERROR\nwww.example.com. A 203.0.113.80")]
    public async Task An_alias_into_a_zone_that_others_answer_for_is_theirs_from_there_on(string name, string expected)
    {
        var internet = Internet();
        using var origin = internet.Resolver();
        var inside = new FixedOrigin("www.example.org. 60 A 10.0.0.1", "back.example.org. 60 CNAME x.inside.");
        var key = QuestionKey.LowerCase(Name.Parse(name).Wire, RecordType.A, 0);
        var answer = await origin.AskAsync(key, other => other.IsAtOrBelow(Name.Parse("example.org.")) ? inside : null, TestContext.Current.CancellationToken);
        Assert.Equal(expected, answer.Text());
        Assert.DoesNotContain(internet.Asked, asked => asked.Address is Org or Other);
    }

    [Fact]
    public async Task Parallel_equal_parts_are_asked_once()
    {
        var internet = Internet();
        using var origin = internet.Resolver();
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => origin.TextAsync($"x{i}.wild.example.com", "TXT")));
        Assert.Equal(50, answers.Distinct().Count(answer => answer.StartsWith("NOERROR\n", StringComparison.Ordinal)));
        // Some began when the first had the answer already; none asks again what is known.
        Assert.Single(internet.Asked, asked => asked.Name == "com.");
        Assert.Single(internet.Asked, asked => asked.Name == "example.com.");
    }

    [Fact]
    public async Task What_a_top_level_domain_denies_is_not_asked_again_for_names_below()
    {
        var internet = Internet();
        using var origin = internet.Resolver();
        Assert.Equal("NXDOMAIN", await origin.TextAsync("a.nobody.com"));
        internet.Forget();
        var answer = await origin.AskAsync("b.c.nobody.com", "AAAA");
        Assert.Equal("NXDOMAIN", answer.Text());
        Assert.Single(answer.Message!.Authority, record => record.Type == RecordType.SOA);
        Assert.Empty(internet.Asked);
        internet.Time.Advance(TimeSpan.FromSeconds(901));
        await origin.AskAsync("b.c.nobody.com", "AAAA");
        Assert.NotEmpty(internet.Asked);
    }

    [Fact]
    public async Task Nothing_is_sent_without_a_question()
    {
        var internet = Internet();
        using var origin = internet.Resolver();
        internet.Time.Advance(TimeSpan.FromDays(30));
        await Task.Yield();
        Assert.Equal(0, origin.Stats.Queries);
        await origin.AskAsync("www.example.com");
        var sent = origin.Stats.Queries;
        internet.Time.Advance(TimeSpan.FromDays(30));
        await Task.Yield();
        Assert.Equal(sent, origin.Stats.Queries);
    }

    private static PrivateInternet Internet() => new PrivateInternet()
        .ServeRoot($"""
            com. NS a.gtld.com.
            a.gtld.com. A {Com}
            org. NS a.nic.org.
            a.nic.org. A {Org}
            """)
        .Serve(Com, ("com.", $"""
            $TTL 86400
            @ SOA a.gtld.com. host.com. 1 2 3 4 900
            @ NS a.gtld.com.
            a.gtld A {Com}
            example NS ns1.example
            example DS 1 13 2 0011223344556677889900112233445566778899001122334455667788990011
            ns1.example A {Leaf}
            glueless NS ns.example.org.
            """))
        .Serve(Org, ("org.", $"""
            $TTL 86400
            @ SOA a.nic.org. host.org. 1 2 3 4 900
            @ NS a.nic.org.
            a.nic A {Org}
            example NS ns.example
            ns.example A {Other}
            """))
        .Serve(Leaf, ("example.com.", $"""
            $TTL 3600
            @ SOA ns1 host 1 2 3 4 60
            @ NS ns1
            ns1 A {Leaf}
            www A 203.0.113.80
            a.b.c.d A 203.0.113.81
            *.wild TXT wild
            alias CNAME www
            gone CNAME nothing
            out CNAME www.example.org.
            twice CNAME back.example.org.
            outgone CNAME nothing.example.org.
            old DNAME example.org.
            down CNAME www.sub
            sub NS ns.sub
            ns.sub A {Other}
            """))
        .Serve(Other,
            ("example.org.", $"""
            $TTL 3600
            @ SOA ns host 1 2 3 4 60
            @ NS ns
            ns A {Other}
            www A 203.0.113.90
            back CNAME www.example.com.
            """),
            ("glueless.com.", """
            $TTL 3600
            @ SOA ns.example.org. host.example.org. 1 2 3 4 60
            @ NS ns.example.org.
            @ TXT here
            """),
            ("sub.example.com.", $"""
            $TTL 3600
            @ SOA ns host 1 2 3 4 60
            @ NS ns
            ns A {Other}
            www A 203.0.113.82
            """));
}
