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

        var bytes = Allocated.By(() =>
        {
            for (var i = 0; i < 10_000; i++)
            {
                server.Processor.Process(queries[i % queries.Length], context, answer, out _);
            }
        });
        Assert.Equal(0, bytes);
    }

    [Fact]
    public void Cookies_other_options_and_the_rate_limit_allocate_nothing()
    {
        var server = TestNameserver.With(("example.com.", Zone)).Using(new NameserverOptions
        {
            Cookies = new ServerCookies([new byte[16], ServerCookies.NewSecret()]),
            Nsid = [1, 2, 3],
            RateLimiter = new RateLimiter(new RateLimitOptions { Answers = 100, Others = 100, Exempt = [System.Net.IPNetwork.Parse("203.0.113.0/24")] }),
            TrustedSubnetSources = [System.Net.IPNetwork.Parse("198.51.100.0/24")],
        });
        Edns With(params (ushort Code, byte[] Data)[] options) => new(1232) { Options = [.. options.Select(option => new EdnsOption(option.Code, option.Data))] };
        byte[] bad = [1, 2, 3, 4, 5, 6, 7, 8, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        byte[][] queries =
        [
            TestNameserver.Query("web.example.com.", "A", With((EdnsOption.CookieOption, bad[..8]))),
            TestNameserver.Query("web.example.com.", "A", With((EdnsOption.CookieOption, bad), (EdnsOption.NsidOption, []), (EdnsOption.KeepaliveOption, []), (EdnsOption.PaddingOption, new byte[20]))),
            TestNameserver.Query("web.example.com.", "A", With((EdnsOption.ClientSubnetOption, [0, 1, 24, 0, 192, 168, 1]), (65001, [1, 2]))),
            TestNameserver.Query("gone.example.com.", "A", With((EdnsOption.CookieOption, bad[..7]))),
            TestNameserver.Query("gone.example.com.", "A"),
            new Message { Edns = With((EdnsOption.CookieOption, bad)) }.ToArray(),
        ];
        var answer = new byte[Message.MaxLength];
        Transport[] transports = [Transport.Udp, Transport.Tcp, Transport.Tls];
        void Ask(int i) => server.Processor.Process(queries[i % queries.Length], new QueryContext(TestNameserver.PublicClient, transports[i % transports.Length]), answer, out _);
        for (var i = 0; i < 1000; i++)
        {
            Ask(i);
        }

        var bytes = Allocated.By(() =>
        {
            for (var i = 0; i < 10_000; i++)
            {
                Ask(i);
            }
        });
        Assert.Equal(0, bytes);
    }
}
