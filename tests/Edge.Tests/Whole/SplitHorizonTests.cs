namespace Edge.Tests.Whole;

/// <summary>The README's promise about names, asked with dig of the program with the repository's own files.</summary>
public sealed class SplitHorizonTests(RunningEdge running) : IClassFixture<RunningEdge>
{
    private const string Lan = "127.0.0.1";
    private const string Stranger = "127.0.0.2";

    [Theory]
    [InlineData(Lan, "nas.example.com", "A", "192.168.1.10")]
    [InlineData(Stranger, "nas.example.com", "A", "203.0.113.10")]
    [InlineData(Lan, "anything.nas.example.com", "A", "nas.example.com.\n192.168.1.10")]
    [InlineData(Stranger, "anything.nas.example.com", "A", "nas.example.com.\n203.0.113.10")]
    [InlineData(Lan, "a.b.c.nas.example.com", "A", "nas.example.com.\n192.168.1.10")]
    [InlineData(Lan, "*.nas.example.com", "CNAME", "nas.example.com.")]
    [InlineData(Stranger, "*.nas.example.com", "CNAME", "nas.example.com.")]
    public async Task Each_side_gets_its_own_answer_over_UDP_and_TCP(string from, string name, string type, string expected)
    {
        Shell.Need("dig", "bind9-dnsutils");
        Assert.Equal(expected, await running.Edge.DigAsync("-b", from, name, type, "+short"));
        Assert.Equal(expected, await running.Edge.DigAsync("-b", from, name, type, "+short", "+tcp"));
    }

    [Theory]
    [InlineData(Stranger, "example.org", "A", "status: REFUSED")]
    [InlineData(Stranger, "nosuch.example.com", "A", "status: NXDOMAIN")]
    [InlineData(Lan, "nosuch.example.com", "A", "status: NXDOMAIN")]
    [InlineData(Lan, "nas.example.com", "TXT", "status: NOERROR")]
    public async Task A_name_that_is_not_there_is_said_so(string from, string name, string type, string status)
    {
        Shell.Need("dig", "bind9-dnsutils");
        var answer = await running.Edge.DigAsync("-b", from, name, type);
        Assert.Contains(status, answer, StringComparison.Ordinal);
        Assert.Contains("ANSWER: 0", answer, StringComparison.Ordinal);
        if (status != "status: REFUSED")
        {
            // RFC 2308 §3: the SOA in AUTHORITY, its TTL the smaller of its own and MINIMUM.
            Assert.Matches(@"example\.com\.\s+\d+\s+IN\s+SOA", answer);
        }
    }

    [Fact]
    public async Task A_name_declared_for_the_LAN_shows_nothing_of_the_public_one()
    {
        Shell.Need("dig", "bind9-dnsutils");
        // The public nas has an AAAA of its own; the LAN's answer must be the LAN's.
        var lan = await running.Edge.DigAsync("-b", Lan, "nas.example.com", "AAAA", "+short");
        var outside = await running.Edge.DigAsync("-b", Stranger, "nas.example.com", "AAAA", "+short");
        Assert.NotEqual(outside, lan);
    }

    [Fact]
    public async Task Explain_says_view_record_and_file_with_line()
    {
        var explained = await running.Edge.CommandAsync("explain", "nas.example.com", "--from", Lan);
        Assert.Equal(0, explained.ExitCode);
        Assert.Contains("lan:", explained.Output, StringComparison.Ordinal);
        Assert.Contains("192.168.1.10", explained.Output, StringComparison.Ordinal);
        Assert.Matches(@"from zones/lan/example\.com\.zone:\d+", explained.Output);
        var outside = await running.Edge.CommandAsync("explain", "https://x.nas.example.com/", "--from", Stranger);
        Assert.Contains("public:", outside.Output, StringComparison.Ordinal);
        Assert.Contains("wildcard", outside.Output, StringComparison.Ordinal);
        Assert.Matches(@"from zones/example\.com\.zone:\d+", outside.Output);
    }
}
