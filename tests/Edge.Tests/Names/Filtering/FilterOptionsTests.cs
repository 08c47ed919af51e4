using System.Net;
using Edge.Dns.Filtering;
using Edge.Dns.Wire;
using Edge.Names.Filtering;
using Edge.Settings;
using Xunit;

namespace Edge.Tests.Names.Filtering;

/// <summary>The "filter" section: what it says, and what is said of mistakes in it.</summary>
public sealed class FilterOptionsTests
{
    private const string Whole = """
        lists:
          ads: https://example.net/hosts.txt
          mine: filters/mine.txt
          social: { from: "https://example.net/social.txt", subdomains: true, update: 12h }
          good: { from: filters/good.txt, allows: true }
        block: [tracker.example, "||x.example^", "/^ad[0-9]+\\./"]
        allow: good.example
        answers:
          printer.example.net: 192.168.1.9
          both.example.net: [192.168.1.9, "fd00::9"]
          "*.dev.example.net": 192.168.1.7
          old.example.net: nas.example.com
        reply: nxdomain
        groups:
          everyone: { lists: [ads, mine, good] }
          kids:
            clients: [192.168.1.40, 192.168.1.64/28, "fd00:1::/64"]
            block: games.example
            allow: [school.example]
            schedule:
              "mon-fri 20:00-07:00": [social]
              "daily 22:00-06:30": all
          tv: { clients: 192.168.1.90, lists: [ads] }
        rebinding: { protect: false, allow: [plex.direct] }
        """;

    [Fact]
    public void The_whole_section_is_read()
    {
        var (filter, problems) = Read(Whole);
        Assert.Empty(problems);
        Assert.Equal(
            ["ads https://example.net/hosts.txt  False False 1.00:00:00", "mine  /etc/edge/filters/mine.txt False False 1.00:00:00", "social https://example.net/social.txt  True False 12:00:00", "good  /etc/edge/filters/good.txt False True 1.00:00:00"],
            filter.Lists.Select(list => $"{list.Name} {list.Url} {list.File} {list.Syntax.PlainReachesBelow} {list.Syntax.Allows} {list.Update}"));
        Assert.Equal(3, filter.Block.Length);
        Assert.Equal("good.example", Assert.Single(filter.Allow));
        Assert.Equal(
            ["printer.example.net. 192.168.1.9 ", "both.example.net. 192.168.1.9|fd00::9 ", "*.dev.example.net. 192.168.1.7 ", "old.example.net.  nas.example.com."],
            filter.Answers.Select(answer => $"{answer.Name} {string.Join<IPAddress>('|', answer.Addresses)} {answer.Target}"));
        Assert.Same(FilterReply.NxDomain, filter.Reply);
        Assert.Equal(
            ["everyone:  [ads mine good]", "kids: 192.168.1.40 192.168.1.64/28 fd00:1::/64 [ads mine good]", "tv: 192.168.1.90 [ads]"],
            filter.Groups.Select(group => $"{group.Name}: {string.Join(' ', group.Clients)} [{string.Join(' ', group.Lists)}]"));
        Assert.Equal([("social", false), ("", true)], filter.Groups[1].Schedule.Select(hours => (string.Join(' ', hours.Lists), hours.BlocksAll)));
        Assert.False(filter.RebindingProtection);
        Assert.Equal(Name.Parse("plex.direct"), Assert.Single(filter.RebindingExceptions));
    }

    [Fact]
    public void Without_groups_every_list_is_for_everyone()
    {
        var (filter, problems) = Read("lists: { a: a.txt, b: b.txt }");
        Assert.Empty(problems);
        Assert.Equal(["a", "b"], Assert.Single(filter.Groups).Lists);
        Assert.True(filter.RebindingProtection);
    }

    [Fact]
    public void A_section_that_says_the_same_is_the_same()
    {
        Assert.Equal(Read(Whole).Filter, Read("# a comment\n" + Whole.Replace("[ads, mine, good]", "[ads,   mine, good]", StringComparison.Ordinal)).Filter);
        Assert.NotEqual(Read(Whole).Filter, Read(Whole.Replace("plex.direct", "example.org", StringComparison.Ordinal)).Filter);
    }

    [Theory]
    [InlineData("list: {}", "edge.yaml:1: list: is not a known key (did you mean \"lists\"?)")]
    [InlineData("lists: { a b: x.txt }", "edge.yaml:1: lists.a b: \"a b\" cannot be the name of a list (at most 40 letters, digits, - and _: it is also the name of a file)")]
    [InlineData("lists:\n  a: ftp://example.net/x", "edge.yaml:2: lists.a: \"ftp://example.net/x\" is not the address of a list (https://example.net/hosts.txt, or a file such as filters/mine.txt)")]
    [InlineData("lists:\n  a: { update: 1d }", "edge.yaml:2: lists.a: does not say where the list is from (add from: https://example.net/hosts.txt, or a file such as filters/mine.txt)")]
    [InlineData("lists:\n  a: { from: x, update: 1m }", "edge.yaml:2: lists.a.update: must lie between 10m and 60d")]
    [InlineData("block:\n- a.example\n- 'a b'", "edge.yaml:3: block[1]: \"a b\" is neither a domain nor a line of a hosts file (write a name, which stands for what is below it too, or a rule such as \"|name^\" or \"/expression/\")")]
    [InlineData("block: '||a.example^$nope'", "edge.yaml:1: block: \"||a.example^$nope\" has a modifier that is not known for names: nope (write a name, which stands for what is below it too, or a rule such as \"|name^\" or \"/expression/\")")]
    [InlineData("allow: '# a.example'", "edge.yaml:1: allow: \"# a.example\" is no rule for a name (write a name, which stands for what is below it too, or a rule such as \"|name^\" or \"/expression/\")")]
    [InlineData("answers:\n  a..b: 1.2.3.4", "edge.yaml:2: answers.a..b: \"a..b\" is not a name: a label is empty (two dots in a row, or nothing at all)")]
    [InlineData("answers:\n  a.example: [1.2.3.4, b.example]", "edge.yaml:2: answers.a.example[1]: \"b.example\" is neither an address nor, on its own, a name (write NAME: ADDRESS, NAME: [ADDRESS, …], or NAME: OTHER-NAME)")]
    [InlineData("answers:\n  a.example: b.example\n  b.example: x.c.example\n  '*.c.example': a.example", "edge.yaml:2: answers.a.example: leads back to itself by way of b.example.")]
    [InlineData("answers:\n  '*.c.example': x.c.example", "edge.yaml:2: answers.*.c.example: leads back to itself by way of x.c.example.")]
    [InlineData("lists:\n  a: ''", "edge.yaml:2: lists.a: does not say where the list is from (add from: https://example.net/hosts.txt, or a file such as filters/mine.txt)")]
    [InlineData("answers:\n  a.b: 300.1.1.1", "edge.yaml:2: answers.a.b: \"300.1.1.1\" is not an address (write NAME: ADDRESS, NAME: [ADDRESS, …], or NAME: OTHER-NAME)")]
    [InlineData("answers:\n  a.b: 192.168.1", "edge.yaml:2: answers.a.b: \"192.168.1\" is not an address (write NAME: ADDRESS, NAME: [ADDRESS, …], or NAME: OTHER-NAME)")]
    [InlineData("answers:\n  a.b: [1.2.3.4, 010.0.0.1]", "edge.yaml:2: answers.a.b[1]: \"010.0.0.1\" is not an address (write NAME: ADDRESS, NAME: [ADDRESS, …], or NAME: OTHER-NAME)")]
    [InlineData("answers:\n  a.b: 'fd00::x'", "edge.yaml:2: answers.a.b: \"fd00::x\" is not an address (write NAME: ADDRESS, NAME: [ADDRESS, …], or NAME: OTHER-NAME)")]
    [InlineData("answers:\n  '*': 7.7.7.7", "edge.yaml:2: answers.*: would answer every name there is (write *.DOMAIN for what is below a domain)")]
    [InlineData("block: ['@@||x.example^']", "edge.yaml:1: block[0]: \"@@||x.example^\" allows instead of blocking (write it under \"allow\")")]
    [InlineData("reply: [1.2.3.4, nxdomain]", "edge.yaml:1: reply[1]: \"nxdomain\" cannot stand in a list (write it alone, or addresses alone)")]
    [InlineData("reply: [zero-address, 1.2.3.4]", "edge.yaml:1: reply[0]: \"zero-address\" cannot stand in a list (write it alone, or addresses alone)")]
    [InlineData("reply: 1.2.3", "edge.yaml:1: reply: is not zero-address, nxdomain, refused, or an address to be told instead")]
    [InlineData("reply: nothing", "edge.yaml:1: reply: is not zero-address, nxdomain, refused, or an address to be told instead")]
    [InlineData("groups:\n  kids: { lists: [] }", "edge.yaml:2: groups.kids: has no clients, so nothing of it would ever count (add clients: [ADDRESS or NETWORK, …])")]
    [InlineData("groups:\n  everyone: { clients: 1.2.3.4 }", "edge.yaml:2: groups.everyone.clients: \"everyone\" cannot list clients (it is whoever is in no other group; remove \"clients\")")]
    [InlineData("lists: { ads: a.txt }\ngroups:\n  tv: { clients: 1.2.3.4, lists: [adds] }", "edge.yaml:3: groups.tv.lists[0]: \"adds\" is not the name of a list (there are: ads)")]
    [InlineData("groups:\n  a: { clients: 1.2.3.4 }\n  b: { clients: 1.2.3.4/32 }", "edge.yaml:1: groups: the same clients are in a and b (a client is in one group: in the one with the smallest network that holds it)")]
    [InlineData("groups:\n  a:\n    clients: 1.2.3.4\n    schedule:\n      mon 20-7: all", "edge.yaml:5: groups.a.schedule.mon 20-7: \"mon 20-7\" are no hours (write DAYS FROM-TO, such as \"mon-fri 20:00-07:00\", \"sat,sun 09:00-21:30\" or \"daily 21:00-06:00\")")]
    [InlineData("rebinding: { allow: [.] }", "edge.yaml:1: rebinding.allow[0]: \".\" is not a domain, such as plex.direct")]
    public void A_slip_is_told_with_its_line(string yaml, string expected) => Assert.Contains(expected, Read(yaml).Problems);

    internal static (FilterOptions Filter, IReadOnlyList<string> Problems) Read(string yaml, string folder = "/etc/edge")
    {
        var problems = new ProblemList();
        var root = YamlDocumentReader.Read(yaml, "edge.yaml", problems);
        var filter = root is null ? FilterOptions.Default : FilterOptions.Read(new MapReader(root, problems), folder);
        return (filter, [.. problems.All.Select(problem => problem.ToString())]);
    }
}
