using System.Net;
using System.Text;
using Edge.Dns.Filtering;
using Edge.Dns.Wire;
using Xunit;

namespace Edge.Dns.Tests.Filtering;

/// <summary>What a line of a list means, in each of the three syntaxes that people publish.</summary>
public sealed class ListSyntaxTests
{
    /// <summary>Line, names it blocks, names it leaves alone.</summary>
    public static TheoryData<string, string, string> Lines() => new()
    {
        // Hosts files are about the very name, as in AdGuard Home and Pi-hole.
        { "0.0.0.0 ads.example", "ads.example ADS.Example", "www.ads.example example" },
        { "127.0.0.1\tads.example www.ads.example # both", "ads.example www.ads.example", "x.ads.example both" },
        { ":: ads.example", "ads.example", "" },
        { "::1 ads.example", "ads.example", "" },
        { "127.0.0.53   ads.example.", "ads.example", "" },
        { "0.0.0.0 localhost", "", "localhost" },
        { "0.0.0.0 0.0.0.0", "", "0.0.0.0" },
        { "192.168.1.9 nas.example", "", "nas.example" },
        { "fe80::1%lo0 localhost", "", "localhost" },
        { "255.255.255.255\tbroadcasthost", "", "broadcasthost" },
        // Plain domains alike; "*." and a dot in front are for whole domains.
        { "ads.example", "ads.example", "www.ads.example" },
        { "ads.example   # a comment", "ads.example", "" },
        { "  Ads.Example.  ", "ads.example", "" },
        { "*.ads.example", "ads.example www.ads.example a.b.ads.example", "notads.example" },
        { ".ads.example", "ads.example www.ads.example", "" },
        { "my_tracker.ads.example", "my_tracker.ads.example", "" },
        { "ads", "", "ads www.ads" },
        { "203.0.113.7", "", "203.0.113.7" },
        { "bücher.example", "xn--bcher-kva.example", "" },
        { "||ΠΑΡΆΔΕΙΓΜΑ.example^", "xn--hxajbheg2az3al.example", "" },
        { "xn--bcher-kva.example", "xn--bcher-kva.example", "" },
        // Adblock syntax.
        { "||ads.example^", "ads.example www.ads.example a.b.ads.example", "badads.example ads.example.org" },
        { "||ads.example", "ads.example www.ads.example", "badads.example ads.example.org" },
        { "||ads.example^|", "ads.example www.ads.example", "badads.example" },
        { "||ads.example|", "ads.example www.ads.example", "badads.example" },
        { "||zip^", "zip any.zip", "zip.example" },
        { "|ads.example^", "ads.example", "www.ads.example" },
        { "|ads.example|", "ads.example", "www.ads.example" },
        { "|https://ads.example^", "ads.example", "www.ads.example" },
        { "://ads.example^", "ads.example", "www.ads.example" },
        { "ads.example^", "ads.example www.ads.example", "badads.example" },
        { "||*.ads.example^", "www.ads.example a.b.ads.example", "ads.example" },
        { "||ad*.example.com^", "ads.example.com ad1.example.com x.adserver.example.com", "bad.example.com ads.example.org example.com" },
        { "||ads.", "ads.example www.ads.example", "badads.example adsexample" },
        { "||ads-*", "ads-1.example www.ads-x.example", "bads-1.example" },
        { "-banner.", "x-banner.example a.my-banner.y.example", "banner.example" },
        { "*tracker*", "mytracker1.example tracker.example", "track.example" },
        { "|cdn*.ads.example^", "cdn.ads.example cdn-7.ads.example", "x.cdn.ads.example" },
        { "||a*b*c.example^", "abc.example a1b2c.example x.abbc.example", "acb.example abc.example.org" },
        { "||ads.example^$important", "ads.example www.ads.example", "" },
        { "||example^$denyallow=good.example|fine.example", "ads.example example", "good.example www.good.example fine.example" },
        { "/^ads?[0-9]*\\./", "ad1.example ads.example", "xads.example mads1.example" },
        { "/ADS/", "myads.example", "example" },
        { "/^(a|aa)+$/", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaaaaaaaaaaab" },
        // What is no rule for names.
        { "! ||ads.example^", "", "ads.example" },
        { "# ads.example", "", "ads.example" },
        { "[Adblock Plus 2.0]", "", "adblock" },
        { "ads.example##.banner", "", "ads.example" },
        { "ads.example#@#.banner", "", "ads.example" },
        { "||ads.example/banner.js", "", "ads.example" },
        { "||ads.example^$third-party", "", "ads.example" },
        { "||ads.example^$dnsrewrite=1.2.3.4", "", "ads.example" },
        { "<!DOCTYPE html>", "", "html" },
        { "a..b", "", "a.b" },
        { "*", "", "ads.example" },
        { "||*^", "", "ads.example" },
        { "||a^", "a x.a", "b.example" },
        { "/(?=ads)/", "", "ads.example" },
        { "/(unclosed/", "", "unclosed" },
        { "/.*/", "", "ads.example" },
        { "/\\./", "", "ads.example" },
        { "/^[a-z]/", "", "ads.example" },
        { "@@/[a-z0-9]/", "", "ads.example" },
        { "/ex|^e/", "example", "ads.net" },
    };

    [Theory]
    [MemberData(nameof(Lines))]
    public void A_line_blocks_what_its_readers_expect(string line, string blocked, string passed)
    {
        var policy = TestRules.Policy(line);
        foreach (var name in blocked.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            Assert.Equal((name, VerdictKind.Blocked), (name, policy.Judge(name)));
        }

        foreach (var name in passed.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            Assert.Equal((name, VerdictKind.None), (name, policy.Judge(name)));
        }
    }

    [Theory]
    [InlineData("||ads.example^\n@@||good.ads.example^", "good.ads.example", VerdictKind.Allowed)]
    [InlineData("||ads.example^\n@@||good.ads.example^", "x.good.ads.example", VerdictKind.Allowed)]
    [InlineData("||ads.example^\n@@||good.ads.example^", "bad.ads.example", VerdictKind.Blocked)]
    [InlineData("||ads.example^\n@@|ads.example^", "www.ads.example", VerdictKind.Blocked)]
    [InlineData("||ads.example^$important\n@@||ads.example^", "ads.example", VerdictKind.Blocked)]
    [InlineData("||ads.example^$important\n@@||ads.example^$important", "ads.example", VerdictKind.Allowed)]
    [InlineData("0.0.0.0 ads.example\n@@ads.example", "ads.example", VerdictKind.Allowed)]
    [InlineData("||ads.example^\n@@/^good\\./", "good.ads.example", VerdictKind.Allowed)]
    public void Exceptions_go_before_blocks_and_important_ones_before_both(string list, string name, VerdictKind expected) =>
        Assert.Equal(expected, TestRules.Policy(list).Judge(name));

    [Theory]
    [InlineData("AAAA", RecordType.AAAA, VerdictKind.Blocked)]
    [InlineData("AAAA", RecordType.A, VerdictKind.None)]
    [InlineData("~A|~AAAA", RecordType.A, VerdictKind.None)]
    [InlineData("~A|~AAAA", RecordType.HTTPS, VerdictKind.Blocked)]
    public void Dnstype_narrows_a_rule_to_types(string types, RecordType asked, VerdictKind expected) =>
        Assert.Equal(expected, TestRules.Policy($"||ads.example^$dnstype={types}").Judge("www.ads.example", asked));

    [Theory]
    [InlineData("192.168.1.20", "192.168.1.20", VerdictKind.Blocked)]
    [InlineData("192.168.1.20", "192.168.1.21", VerdictKind.None)]
    [InlineData("192.168.1.0/28|fd00::/8", "192.168.1.15", VerdictKind.Blocked)]
    [InlineData("192.168.1.0/28|fd00::/8", "fd12::1", VerdictKind.Blocked)]
    [InlineData("192.168.1.0/28|fd00::/8", "192.168.1.16", VerdictKind.None)]
    [InlineData("~192.168.1.20", "192.168.1.20", VerdictKind.None)]
    [InlineData("~192.168.1.20", "192.168.1.21", VerdictKind.Blocked)]
    public void Client_narrows_a_rule_to_clients(string clients, string asking, VerdictKind expected) =>
        Assert.Equal(expected, TestRules.Policy($"||ads.example^$client={clients}").Judge("www.ads.example", client: asking));

    [Theory]
    [InlineData("a.example\nb.example\nc.example")]
    [InlineData("a.example\r\nb.example\r\nc.example\r\n")]
    [InlineData("a.example\rb.example\rc.example\r")]
    [InlineData("\uFEFFa.example\r\n\r\nb.example\n\rc.example")]
    public void Every_way_to_end_a_line_is_one(string list)
    {
        var policy = TestRules.Policy(list);
        Assert.All(["a.example", "b.example", "c.example"], name => Assert.Equal(VerdictKind.Blocked, policy.Judge(name)));
        Assert.Equal(3, policy.Rules.Summaries[0].Rules);
    }

    [Fact]
    public void Junk_is_counted_and_told_with_its_line_and_never_fatal()
    {
        var junk = string.Join('\n', "! title", "a.example", "a b c", "ads.example##.x", "", "b.example$unknown", "c..d", new string('x', 200_000), "\u0000\u0001", "z.example");
        var summary = TestRules.Policy(junk).Rules.Summaries[0];
        Assert.Equal((2, 1, 5), (summary.Rules, summary.NotForNames, summary.Unusable));
        Assert.Equal(
            [
                "test:3: is neither a domain nor a line of a hosts file",
                "test:6: has a modifier that is not known for names: unknown",
                "test:7: is not a domain name",
                "test:8: is longer than a rule can be",
                "test:9: is not a domain name",
            ],
            summary.Problems);
    }

    /// <summary>Terminals obey what follows an escape, and the log and "edge filter" show reasons on one.</summary>
    [Theory]
    [InlineData("||x.y^$\u001B[2J", "has a modifier that is not known for names: \\027[2J")]
    [InlineData("||x.y^$a\0b", "has a modifier that is not known for names: a\\000b")]
    [InlineData("||x.y^$\u009B2Jé", "has a modifier that is not known for names: \\194\\1552J\\195\\169")]
    [InlineData("||x.y^$client=\u001B]0;x\a", "has a client that is neither an address nor a network: \\027]0;x\\007")]
    [InlineData("||x.y^$dnstype=\u001B", "has a dnstype that is not known: \\027")]
    [InlineData("||x.y^$denyallow=\u001B", "has a domain in denyallow that is none: \\027")]
    [InlineData("/(\u001B[[2J/", "has a regular expression that cannot be read, at character 6: (\\027[[2J")]
    [InlineData("/(?=\u001B)/", "has a regular expression that cannot be used: look-around and back-references are not supported, nor is a very large one: (?=\\027)")]
    [InlineData("||x.y^$12345678901234567890123456789012345678901234567890123456789012345", "has a modifier that is not known for names: 123456789012345678901234567890123456789012345678901234567890...")]
    [InlineData("/.*/", "matches nearly every name")]
    [InlineData("\uFEFF <!DOCTYPE html><html><body>\nads.example\n</body></html>", "begins a web page, and not a list")]
    public void A_reason_shows_a_strangers_text_escaped_and_cut(string line, string reason) =>
        Assert.Equal([$"test:1: {reason}"], TestRules.Policy(line).Rules.Summaries[0].Problems);

    [Fact]
    public void The_rule_that_decides_is_shown_escaped()
    {
        const string List = "! \u001B\n0.0.0.0 ads.example #\u001B[2J";
        var verdict = TestRules.Policy(List).Judge(Name.Parse("ads.example").Wire, RecordType.A, TestRules.SomeClient);
        var found = FilterList.Find(new MemoryStream(Encoding.UTF8.GetBytes(List)), default, Name.Parse("ads.example"), RecordType.A, IPAddress.Loopback, verdict);
        Assert.Equal(new FoundRule(2, "0.0.0.0 ads.example #\\027[2J"), found);
    }

    [Fact]
    public void Rules_that_each_question_has_to_try_are_limited()
    {
        var summary = TestRules.Policy(string.Join('\n', Enumerable.Range(0, 600).Select(i => $"/^x{i}y/\n-z{i}-"))).Rules.Summaries[0];
        Assert.Equal((1000, 200), (summary.Rules, summary.Unusable));
        Assert.Equal("test:1001: is one rule that is bound to no domain more than the 1000 that a list may have", summary.Problems[0]);
    }

    [Fact]
    public void A_list_may_mean_whole_domains_or_what_is_allowed()
    {
        Assert.Equal(VerdictKind.Blocked, TestRules.Policy("ads.example", new ListSyntax(PlainReachesBelow: true)).Judge("www.ads.example"));
        Assert.Equal(VerdictKind.Allowed, TestRules.Policy("0.0.0.0 good.example\n||fine.example^", new ListSyntax(Allows: true)).Judge("good.example"));
        Assert.Equal(VerdictKind.Allowed, TestRules.Policy("0.0.0.0 good.example\n||fine.example^", new ListSyntax(Allows: true)).Judge("www.fine.example"));
    }

    [Fact]
    public void Lines_that_a_read_ends_within_are_whole()
    {
        var names = Enumerable.Range(0, 20_000).Select(i => $"name-{i}.some-length.example").ToList();
        var policy = TestRules.Policy(string.Join("\r\n", names));
        Assert.Equal((20_000, 0), (policy.Rules.Summaries[0].Rules, policy.Rules.Summaries[0].Unusable));
        Assert.All(names, name => Assert.Equal(VerdictKind.Blocked, policy.Judge(name)));
    }
}
