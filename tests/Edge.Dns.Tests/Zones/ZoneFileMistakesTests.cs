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
