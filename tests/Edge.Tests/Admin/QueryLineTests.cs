using Edge.Admin.Commands;
using Edge.Dns.Queries;

namespace Edge.Tests.Admin;

/// <summary>What "edge queries" prints: a line for each query, whatever another program has said.</summary>
public sealed class QueryLineTests
{
    private static readonly RecordedQuery Query = new(
        new DateTimeOffset(2026, 11, 26, 15, 58, 12, 804, TimeSpan.Zero), "192.168.1.20", "lan", "udp", "www.example.org", "A", "NOERROR", "upstream", "192.0.2.1:53", 14_200, ["192.0.2.80"]);

    [Fact]
    public void A_line_has_its_columns()
    {
        Assert.Matches(@"^\d\d:58:12\.804  192\.168\.1\.20     lan     udp    A      NOERROR   upstream      14\.20  www\.example\.org = 192\.0\.2\.80 \(192\.0\.2\.1:53\)$", QueryLine.Format(Query));
        Assert.EndsWith("  dropped        0.00  -", QueryLine.Format(Query with { Name = "", Rcode = "", By = "dropped", Microseconds = 0, Answers = [], Source = null }), StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_gets_to_the_terminal_that_it_would_obey()
    {
        var line = QueryLine.Format(Query with { Name = "\u001b[31mred\r\n", Source = "list\u0007\u009b", View = "\u0000" });
        Assert.DoesNotContain(line, char.IsControl);
    }
}
