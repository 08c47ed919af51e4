using System.Net;
using System.Text.RegularExpressions;
using Edge.Dns.Wire;

namespace Edge.Tests.Whole;

/// <summary>The filter as a user has it: a section of edge.yaml, dig, and the commands that explain.</summary>
public sealed class FilterTests
{
    [Fact]
    public async Task Names_are_blocked_explained_allowed_and_answered()
    {
        Shell.Need("dig", "bind9-dnsutils");
        await using var edge = EdgeProcess.InExampleFolder();
        Directory.CreateDirectory(Path.Combine(edge.Folder, "filters"));
        await File.WriteAllTextAsync(Path.Combine(edge.Folder, "filters", "ads.txt"), "! my list\r\n0.0.0.0 counter.example\r\n||ads.example^\r\n");
        const string Filter = """

            filter:
              lists: { ads: filters/ads.txt }
              answers:
                printer.example.net: 192.168.1.9
                old.example.net: nas.example.com
                nas.example.com: 192.168.1.99
              groups:
                tv: { clients: 127.0.0.2, lists: [] }
            """;
        edge.WriteSettings(text => Inside(text) + Filter + "\n");
        await File.AppendAllTextAsync(Path.Combine(edge.Folder, "filters", "ads.txt"), "no rule at all\r\n");
        var check = (await edge.CommandAsync("check")).Output;
        Assert.Contains("filters/ads.txt:4: is neither a domain nor a line of a hosts file", check, StringComparison.Ordinal);
        Assert.Contains(": filter.answers.nas.example.com: is never used, since the name is in your zone example.com; write it there", check, StringComparison.Ordinal);
        await edge.StartAsync();
        await Eventually.TrueAsync(async () => await edge.DigAsync("www.ads.example", "A", "+short") == "0.0.0.0", () => edge.Output);
        Assert.Equal("::", await edge.DigAsync("counter.example", "AAAA", "+short"));
        Assert.Contains("EDE: 15 (Blocked): (list ads)", await edge.DigAsync("ads.example", "A"), StringComparison.Ordinal);
        Assert.Contains("status: NOERROR", await edge.DigAsync("ads.example", "HTTPS"), StringComparison.Ordinal);
        Assert.Equal("192.168.1.9", await edge.DigAsync("printer.example.net", "A", "+short"));
        Assert.Equal("nas.example.com.\n192.168.1.10", await edge.DigAsync("old.example.net", "A", "+short"));

        var blocked = await edge.CommandAsync("queries", "--blocked", "--name", "www.ads");
        Assert.Matches(new Regex(@" blocked +\d+\.\d+  www\.ads\.example = 0\.0\.0\.0 \(ads\)\r?$", RegexOptions.Multiline), blocked.Output);
        Assert.Contains(" custom ", (await edge.CommandAsync("queries", "--name", "printer")).Output, StringComparison.Ordinal);

        var explained = await edge.CommandAsync("explain", "www.ads.example", "--from", "127.0.0.1");
        Assert.Contains("blocked, group everyone: blocked by \"||ads.example^\" of the list ads (filters/ads.txt, line 3)", explained.Output, StringComparison.Ordinal);
        Assert.Contains("filter: { allow: [www.ads.example] }", explained.Output, StringComparison.Ordinal);
        Assert.Contains("passed, group tv", (await edge.CommandAsync("explain", "www.ads.example", "--from", "127.0.0.2")).Output, StringComparison.Ordinal);
        Assert.NotEqual("0.0.0.0", await edge.DigAsync("-b", "127.0.0.2", "www.ads.example", "A", "+short"));
        Assert.Contains("answered, group everyone: filter.answers gives printer.example.net the answer 192.168.1.9", (await edge.CommandAsync("explain", "printer.example.net", "--from", "127.0.0.1")).Output, StringComparison.Ordinal);

        var listed = await edge.CommandAsync("filter");
        Assert.Matches(new Regex(@"^ads +2 +[1-9]\d* +1 +file +filters/ads\.txt", RegexOptions.Multiline), listed.Output);

        Assert.Contains("nothing is blocked until", (await edge.CommandAsync("filter", "pause", "5")).Output, StringComparison.Ordinal);
        Assert.NotEqual("0.0.0.0", await edge.DigAsync("www.ads.example", "A", "+short"));
        Assert.DoesNotContain("nothing is blocked", (await edge.CommandAsync("filter", "resume")).Output, StringComparison.Ordinal);
        Assert.Equal("0.0.0.0", await edge.DigAsync("www.ads.example", "A", "+short"));

        // What explain says is to be written lets the name through.
        edge.WriteSettings(text => Inside(text) + Filter + "\n  allow: [www.ads.example]\n  reply: nxdomain\n");
        await Eventually.TrueAsync(async () => (await edge.DigAsync("ads.example", "A")).Contains("status: NXDOMAIN", StringComparison.Ordinal), () => edge.Output);
        Assert.NotEqual("0.0.0.0", await edge.DigAsync("www.ads.example", "A", "+short"));
        Assert.Contains("allowed by \"www.ads.example\" under filter.allow in edge.yaml", (await edge.CommandAsync("explain", "www.ads.example", "--from", "127.0.0.1")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Explain_says_which_rule_decides_for_which_type_and_what_an_HTTPS_record_leads_to()
    {
        await using var upstream = new SayingUpstream(question => (question.Type, question.Name.FirstLabel[0]) switch
        {
            (RecordType.A, _) => [new ResourceRecord(question.Name, RecordType.A, 60, RData.Address(IPAddress.Parse("203.0.113.7")))],
            (RecordType.HTTPS, (byte)'c' or (byte)'C') => [new ResourceRecord(question.Name, RecordType.HTTPS, 60, new RData([0, 1, .. Name.Parse("edge.tracker.example").Wire]))],
            _ => [],
        });
        await using var edge = EdgeProcess.InExampleFolder();
        await File.WriteAllTextAsync(Path.Combine(edge.Folder, "mine.txt"), "||half.example^$dnstype=AAAA\n||but.example^$dnstype=~A\n||tracker.example^\n");
        edge.WriteSettings(text => Regex.Replace(Inside(text), "^  upstreams: .*$", $"  upstreams: [127.0.0.1:{upstream.Port}]\n  validation: false", RegexOptions.Multiline) + "\nfilter: { lists: { mine: mine.txt } }\n");
        await edge.StartAsync();
        await Eventually.TrueAsync(async () => (await Explained("half.example")).Contains("blocked for AAAA by \"||half.example^$dnstype=AAAA\" of the list mine (mine.txt, line 1)", StringComparison.Ordinal), () => edge.Output);
        Assert.Contains("blocked for all types but A by \"||but.example^$dnstype=~A\" of the list mine (mine.txt, line 2)", await Explained("but.example"), StringComparison.Ordinal);
        Assert.Contains("its HTTPS record leads to edge.tracker.example, which is blocked by \"||tracker.example^\" of the list mine (mine.txt, line 3)", await Explained("cloaked.example"), StringComparison.Ordinal);
        Assert.Contains("passed, group everyone", await Explained("plain.example"), StringComparison.Ordinal);

        async Task<string> Explained(string name) => (await edge.CommandAsync("explain", name, "--from", "127.0.0.1")).Output;
    }

    // Two clients, both of the home.
    private static string Inside(string settings) => settings.Replace("clients: [127.0.0.1]", "clients: [127.0.0.0/8]", StringComparison.Ordinal);
}
