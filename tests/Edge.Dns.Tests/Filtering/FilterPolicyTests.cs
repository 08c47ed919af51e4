using System.Net;
using Edge.Dns.Filtering;
using Edge.Dns.Tests.Nameserver;
using Edge.Dns.Wire;
using Xunit;

namespace Edge.Dns.Tests.Filtering;

/// <summary>Whose word counts for whom.</summary>
public sealed class FilterPolicyTests
{
    // 0 list ads, 1 list social, 2 settings for all, 3 settings for kids.
    private static readonly FilterRules Rules = TestRules.Read(
        TestRules.List("ads", "||ads.example^\n||important.example^$important\nboth.example"),
        TestRules.List("social", "||social.example^\nboth.example"),
        (new FilterSource("settings", FilterTier.Settings, new ListSyntax(true)), "@@important.example\n@@chat.social.example\ntracker.example\ngames.example"),
        (new FilterSource("kids", FilterTier.Group, new ListSyntax(true)), "chat.social.example\n@@games.example"));

    private static readonly FilterPolicy Policy = TestRules.Policy(
        Rules,
        new FilterGroup("", [], [0, 2]),
        new FilterGroup("kids", [Network("192.168.1.32/28"), Network("fd00:1::/64")], [0, 1, 2, 3]),
        new FilterGroup("tv", [Network("192.168.1.40/32")], [2]));

    private static ClientNetwork Network(string text) => ClientNetwork.From(IPNetwork.Parse(text));

    [Theory]
    [InlineData("192.168.1.20", "www.ads.example", VerdictKind.Blocked, 0)]
    [InlineData("192.168.1.20", "social.example", VerdictKind.None, -1)]
    [InlineData("192.168.1.20", "x.tracker.example", VerdictKind.Blocked, 2)]
    [InlineData("192.168.1.20", "important.example", VerdictKind.Allowed, 2)]
    [InlineData("192.168.1.20", "both.example", VerdictKind.Blocked, 0)]
    [InlineData("192.168.1.33", "www.social.example", VerdictKind.Blocked, 1)]
    [InlineData("192.168.1.33", "chat.social.example", VerdictKind.Blocked, 3)]
    [InlineData("192.168.1.33", "games.example", VerdictKind.Allowed, 3)]
    [InlineData("192.168.1.20", "games.example", VerdictKind.Blocked, 2)]
    [InlineData("fd00:1::5", "www.social.example", VerdictKind.Blocked, 1)]
    [InlineData("192.168.1.40", "www.ads.example", VerdictKind.None, -1)]
    [InlineData("192.168.1.40", "tracker.example", VerdictKind.Blocked, 2)]
    public void The_nearer_word_goes_first(string client, string name, VerdictKind kind, int source)
    {
        var verdict = Policy.Judge(Name.Parse(name).Wire, RecordType.A, IPAddress.Parse(client).MapToIPv6().GetAddressBytes());
        Assert.Equal((kind, source), (verdict.Kind, verdict.Source));
    }

    [Fact]
    public void An_hour_without_the_internet_leaves_what_the_settings_allow()
    {
        var policy = TestRules.Policy(Rules, new FilterGroup("", [], [0, 2]), new FilterGroup("kids", [Network("192.168.1.32/28")], [0, 1, 2, 3], BlocksAll: true));
        Assert.Equal(VerdictKind.Blocked, policy.Judge("www.example.org", client: "192.168.1.33"));
        Assert.Equal(VerdictKind.Allowed, policy.Judge("games.example", client: "192.168.1.33"));
        Assert.Equal(VerdictKind.None, policy.Judge("www.example.org"));
    }

    [Theory]
    [InlineData("printer.example.net", 0)]
    [InlineData("x.printer.example.net", -1)]
    [InlineData("dev.example.net", 1)]
    [InlineData("a.b.dev.example.net", 2)]
    [InlineData("api.dev.example.net", 3)]
    [InlineData("example.net", -1)]
    public void The_closest_answer_of_the_settings_counts(string name, int answer)
    {
        CustomAnswer Of(string owner) => new(Name.Parse(owner), [IPAddress.Parse("192.168.1.9")]);
        var rules = TestRules.ReadWith([Of("printer.example.net"), Of("dev.example.net"), Of("*.dev.example.net"), Of("api.dev.example.net")]);
        var verdict = TestRules.Policy(rules).Judge(Name.Parse(name).Wire, RecordType.A, TestRules.SomeClient);
        Assert.Equal(answer, verdict.Answer);
    }

    [Fact]
    public void Looking_up_allocates_nothing()
    {
        var rules = TestRules.Read(TestRules.List("all", "0.0.0.0 a.example\n||b.example^\n||c*.example.org^\n-banner.\n||d.example^$dnstype=AAAA,denyallow=x.d.example\n/^e[0-9]+\\./"));
        var policy = TestRules.Policy(rules, new FilterGroup("", [], [0]), new FilterGroup("kids", [Network("192.168.1.32/28")], [0]));
        byte[][] names = [.. new[] { "a.example", "x.b.example", "www.passes.example.net", "cx.example.org", "my-banner.example", "y.d.example", "e17.example" }.Select(name => Name.Parse(name).Wire.ToArray())];
        for (var i = 0; i < 1000; i++)
        {
            policy.Judge(names[i % names.Length], RecordType.AAAA, TestRules.SomeClient);
        }

        Assert.Equal(0, Allocated.By(() =>
        {
            for (var i = 0; i < 10_000; i++)
            {
                policy.Judge(names[i % names.Length], RecordType.AAAA, TestRules.SomeClient);
            }
        }));
    }
}
