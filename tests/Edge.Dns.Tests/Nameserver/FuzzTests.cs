using Edge.Dns.Nameserver;
using Edge.Dns.Wire;
using Xunit;

namespace Edge.Dns.Tests.Nameserver;

/// <summary>Bytes that nobody meant. The seed is fixed: a failure comes back.</summary>
public sealed class FuzzTests
{
    private const string Zone = """
        $ORIGIN example.com.
        $TTL 300
        @         SOA   ns hostmaster 1 7200 900 1209600 300
        @         NS    ns
        @         MX    10 web
        ns        A     192.0.2.53
        web       A     192.0.2.80
        web       AAAA  2001:db8::80
        *.wild    CNAME web
        *         TXT   "any"
        moved     DNAME wild
        sub       NS    ns.sub
        ns.sub    A     192.0.2.54
        """;

    private static readonly TestNameserver Server = TestNameserver.With(("example.com.", Zone));

    [Fact]
    public void Every_truncation_of_a_query_is_dropped_or_answered_readably()
    {
        var query = TestNameserver.Query("x.wild.example.com.", "A", new Edns(1232, DnssecOk: true) { Options = [new EdnsOption(65001, new byte[] { 1, 2, 3 })] });
        for (var length = 0; length <= query.Length; length++)
        {
            Check(query.AsSpan(0, length));
        }
    }

    [Fact]
    public void Random_changes_of_queries_are_dropped_or_answered_readably()
    {
        var random = new Random(20260101);
        byte[][] seeds =
        [
            TestNameserver.Query("x.wild.example.com.", "A", new Edns(1232)),
            TestNameserver.Query("a.b.moved.example.com.", "ANY"),
            TestNameserver.Query("www.sub.example.com.", "A", new Edns(600, DnssecOk: true)),
            TestNameserver.Query("example.com.", "MX"),
        ];
        for (var i = 0; i < 50_000; i++)
        {
            var query = (byte[])seeds[random.Next(seeds.Length)].Clone();
            for (var changes = random.Next(1, 6); changes > 0; changes--)
            {
                query[random.Next(query.Length)] = (byte)random.Next(256);
            }

            Check(query.AsSpan(0, random.Next(4) == 0 ? random.Next(query.Length + 1) : query.Length));
        }
    }

    [Fact]
    public void Random_bytes_are_dropped_or_answered_readably()
    {
        var random = new Random(20260102);
        for (var i = 0; i < 50_000; i++)
        {
            var query = new byte[random.Next(0, 200)];
            random.NextBytes(query);
            if (query.Length > 5 && random.Next(2) == 0)
            {
                (query[2], query[4], query[5]) = (1, 0, 1);
            }

            Check(query);
            Message.TryParse(query, out _, out _);
        }
    }

    [Fact]
    public void Messages_that_can_be_read_can_be_written_and_read_again()
    {
        var random = new Random(20260103);
        var answer = Server.Raw(TestNameserver.Query("x.wild.example.com.", "A", new Edns(1232)))!;
        for (var i = 0; i < 50_000; i++)
        {
            var wire = (byte[])answer.Clone();
            for (var changes = random.Next(1, 6); changes > 0; changes--)
            {
                wire[random.Next(wire.Length)] = (byte)random.Next(256);
            }

            if (Message.TryParse(wire, out var message, out _))
            {
                Assert.True(Message.TryParse(message.ToArray(), out var again, out var error), error);
                Assert.Equal(message.Answer, again.Answer);
            }
        }
    }

    private static void Check(ReadOnlySpan<byte> query)
    {
        var answer = Server.Raw(query, Transport.Udp);
        if (answer is null)
        {
            // Neither a query at all, or one that is signed (RFC 8945 §5.1) and is looked at off the fast path.
            Assert.True(query.Length < 12 || (query[2] & 0x80) != 0 || query.IndexOf((byte[])[0, (byte)RecordType.TSIG]) >= 0, Convert.ToHexString(query));
            return;
        }

        Assert.True(answer.Length <= 1232);
        Assert.Equal(query[..2], answer.AsSpan(0, 2));
        Assert.True(Message.TryParse(answer, out var message, out var error), $"{error}: {Convert.ToHexString(query)}");
        if (message.Questions.Count > 0)
        {
            Assert.True(query.Slice(12, message.Questions[0].Name.Wire.Length).SequenceEqual(message.Questions[0].Name.Wire));
        }
    }
}
