using Edge.Dns.Nameserver;
using Edge.Dns.Wire;
using Xunit;

namespace Edge.Dns.Tests.Nameserver;

public sealed class AllocationTests
{
    private const string Zone = """
        $ORIGIN example.com.
        $TTL 300
        @         SOA   ns hostmaster 1 7200 900 1209600 300
        @         NS    ns
        @         MX    10 web
        ns        A     192.0.2.53
        web       A     192.0.2.80
        *.wild    CNAME web
        moved     DNAME wild
        sub       NS    ns.sub
        ns.sub    A     192.0.2.54
        child     NS    ns
        deeper    DNAME x.deeper
        """;

    [Fact]
    public void Ten_thousand_answers_from_the_zones_allocate_nothing()
    {
        var server = TestNameserver.With(("example.com.", Zone), ("child.example.com.", "@ 300 SOA ns hostmaster 1 7200 900 1209600 300\n@ 300 NS ns.example.com."));
        byte[][] queries =
        [
            TestNameserver.Query("web.example.com.", "A", new Edns(1232)),
            TestNameserver.Query("example.com.", "MX"),
            TestNameserver.Query("x.wild.example.com.", "A", new Edns(1232, DnssecOk: true)),
            TestNameserver.Query("x.moved.example.com.", "AAAA"),
            TestNameserver.Query("www.sub.example.com.", "A"),
            TestNameserver.Query("gone.example.com.", "A"),
            TestNameserver.Query("www.elsewhere.org.", "A"),
            TestNameserver.Query("child.example.com.", "DS"),
            TestNameserver.Query("a.deeper.example.com.", "A"),
            [1, 2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xC0],
            [1, 2, 0x28, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0],
        ];
        var answer = new byte[Message.MaxLength];
        var context = new QueryContext(TestNameserver.PublicClient, Transport.Udp);
        foreach (var query in queries)
        {
            Assert.Equal(QueryOutcome.Answered, server.Processor.Process(query, context, answer, out _));
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 10_000; i++)
        {
            server.Processor.Process(queries[i % queries.Length], context, answer, out _);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
