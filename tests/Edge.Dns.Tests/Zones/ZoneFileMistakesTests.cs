using Edge.Dns.Zones;
using Xunit;

namespace Edge.Dns.Tests.Zones;

/// <summary>A file with every mistake at once says all of them, each with its line and what to do.</summary>
public sealed class ZoneFileMistakesTests
{
    private const string Text = """
        $TTL 1h
        $TLL 1h
        @ SOA ns1 hostmaster ( 1 1h 15m
                               2w 5x )
        @ NS ns1
        ns1 A fe80::1
        ns1 AAAA 192.0.2.1
        mail MX mail.example.com.
        big 9999999999 A 192.0.2.1
        typo CANME nas
        bare 192.0.2.1
        txt TXT "not closed
        a..b A 192.0.2.1
        müller A 192.0.2.1
        srv SRV 0 0 99999 nas
        caa CAA 0 issue
        hash DS 1 13 2 abcd
        svc HTTPS 1 . alpn=h2 alpn=h3
        gen TYPE65280 \# 4 00
        chaos CH A 192.0.2.1
        close A 192.0.2.1 )
        www.example.com A 192.0.2.1
        more A 192.0.2.1 192.0.2.2
        good A 192.0.2.1
        $INCLUDE ../../etc/passwd
        long ( A 192.0.2.1
        """;

    // Line 2 breaks the SOA, line 3 the NS: that neither seems to be there, nor what lines 17 and 30 hold, is no mistake of its own.
    private const string Mixed = """
        $TTL 1h
        @ SOA ns1 hostmaster ( 1 1h 15m 2w 5x )
        @ NS ns1 ns2
        ns1 A fe80::1
        a CNAME ns1
        a A 192.0.2.1
        b CNAME ns1
        b CNAME ns2
        c DNAME x.example.net.
        c DNAME y.example.net.
        d.c A 192.0.2.1
        www.example.net. A 192.0.2.1
        *.e NS ns1
        *.f DNAME x.example.net.
        g SOA ns1 hostmaster 1 1h 15m 2w 5m
        typo CANME nas
        mail MX 10 smtp
        h MX mail.example.com.
        i IN CH A 192.0.2.1
        j TXT "not closed
          CNAME ns1
        k A 192.0.2.1
        k A 192.0.2.1
        l MX 10 a
        m A 192.0.2.1 192.0.2.2
        n DS 1 13 2 abcd
        o.example.com A 192.0.2.1
        p..q A 192.0.2.1
          CNAME ns1
        smtp A 192.0.2
        q A 192.0.2.1
        $ORIGIN r..s
        q CNAME ns1
        $ORIGIN example.com.
        q CNAME ns1
        ( A 192.0.2.1
        """;

    private static readonly int[] MixedLines = [2, 3, 4, 5, 8, 10, 11, 12, 13, 14, 15, 16, 18, 19, 20, 23, 24, 25, 26, 27, 28, 30, 32, 35, 36];

    [Fact]
    public void A_syntax_error_hides_no_other_mistake()
    {
        using var zones = new TemporaryZones();
        zones.Write("example.com.zone", Mixed);
        zones.Write("lan/example.com.zone", "$TTL 5m\nnas A fe80::1\na CNAME ns1\na A 192.168.1.1\n@ CNAME nas\n");
        var problems = ZoneFileSource.Check(zones.Path, "zones", ["lan"]);
        var log = new RecordingLogger();
        new ZoneFileSource(zones.Path, "zones", ["lan"], log, TimeProvider.System).Load();

        Assert.Equal(MixedLines, problems.Where(problem => problem.File == "zones/example.com.zone").Select(problem => problem.Line));
        Assert.Equal(22, problems.Count(problem => problem.File == "zones/example.com.zone" && problem.IsError));
        Assert.Equal([2, 3], problems.Where(problem => problem.File == "zones/lan/example.com.zone").Select(problem => problem.Line));
        Assert.All(problems, problem => Assert.Contains(log.Entries, entry => entry.Text.Contains(problem.ToString(), StringComparison.Ordinal)));
    }

    [Fact]
    public void A_mistyped_TTL_directive_hides_no_other_mistake()
    {
        using var zones = new TemporaryZones();
        zones.Write("example.com.zone", "$TLL 1h\nns1 A 192.0.2.1\n@ NS ns1\na A 192.0.2.1\na CNAME ns1\n");
        Assert.Equal([1, 2, 5], ZoneFileSource.Check(zones.Path, "zones", []).Select(problem => problem.Line));
    }

    [Theory]
    [InlineData("i CH A 192.0.2.1")]
    [InlineData("i IN CH A 192.0.2.1")]
    [InlineData("i CH IN A 192.0.2.1")]
    [InlineData("i 1h CH A 192.0.2.1")]
    [InlineData("i CH 1h A 192.0.2.1")]
    [InlineData("i IN 1h CH A 192.0.2.1")]
    [InlineData("i IN ch TXT x")]
    [InlineData("  CH A 192.0.2.1")]
    [InlineData("  IN CH A 192.0.2.1")]
    [InlineData("i HS A 192.0.2.1")]
    [InlineData("i IN CLASS3 A 192.0.2.1")]
    public void Another_class_is_told_as_one(string line)
    {
        using var zones = new TemporaryZones();
        zones.Write("example.com.zone", $"$TTL 1h\n@ SOA ns1 hostmaster 1 1h 15m 2w 5m\n@ NS ns1\nns1 A 192.0.2.1\n{line}\n");
        Assert.StartsWith("zones/example.com.zone:5: only class IN is served, not ", Assert.Single(ZoneFileSource.Check(zones.Path, "zones", [])).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Twenty_mistakes_are_twenty_problems_each_with_its_line()
    {
        using var zones = new TemporaryZones();
        zones.Write("example.com.zone", Text);
        var problems = ZoneFileSource.Check(zones.Path, "zones", ["lan"]);
        Assert.Equal([2, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 25, 26], problems.Select(problem => problem.Line));
        Assert.Equal(21, problems.Count(problem => problem.IsError));
        Assert.All(problems, problem => Assert.NotNull(problem.Hint ?? problem.Message.Split(':').ElementAtOrDefault(1)));
        Assert.Equal("zones/example.com.zone:6: A needs an IPv4 address; \"fe80::1\" is IPv6: use AAAA (as in: A 192.0.2.10)", problems[2].ToString());
        Assert.StartsWith("zones/example.com.zone:22: warning: the owner \"www.example.com\" stands for www.example.com.example.com.", problems[18].ToString(), StringComparison.Ordinal);
    }
}
