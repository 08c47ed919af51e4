using Edge.Dns.Wire;
using Xunit;

namespace Edge.Dns.Tests.Nameserver;

/// <summary>RFC 9460 §4.1: what an answer with SVCB or HTTPS brings along.</summary>
public sealed class Rfc9460ServiceBindingTests
{
    private const string Zone = """
        $ORIGIN example.com.
        $TTL 300
        @        SOA   ns hostmaster 1 7200 900 1209600 300
        @        NS    ns
        ns       A     192.0.2.53
        web      HTTPS 1 . alpn=h2
        web      HTTPS 2 . alpn=h3
        web      HTTPS 3 pool alpn=h3
        web      A     192.0.2.1
        web      AAAA  2001:db8::1
        pool     A     192.0.2.2
        alias    HTTPS 0 web
        away     HTTPS 1 web.example.net. alpn=h2
        _8443._foo SVCB 1 pool port=8443
        none     HTTPS 0 .
        """;

    private static readonly string[] WebAddresses = ["web.example.com. 300 IN A 192.0.2.1", "web.example.com. 300 IN AAAA 2001:db8::1"];

    private const string Arpa = """
        $ORIGIN resolver.arpa.
        $TTL 300
        @        SOA   ns.example.com. hostmaster.example.com. 1 7200 900 1209600 300
        @        NS    ns.example.com.
        _dns     SVCB  1 pool.example.com. alpn=dot port=853
        _dns     SVCB  2 pool.example.com. alpn=h2 port=443
        _dns     SVCB  3 web.example.net. alpn=doq
        mail     MX    10 pool.example.com.
        """;

    private static readonly TestNameserver Server = TestNameserver.With(("example.com.", Zone), ("resolver.arpa.", Arpa));

    private static readonly QueryCase[] Rows =
    [
        new("§4.1: addresses of the targets, each set once", "web.example.com.", "HTTPS")
        {
            Answer = ["web.example.com. 300 IN HTTPS 1 . alpn=h2", "web.example.com. 300 IN HTTPS 2 . alpn=h3", "web.example.com. 300 IN HTTPS 3 pool.example.com. alpn=h3"],
            Additional = [.. WebAddresses, "pool.example.com. 300 IN A 192.0.2.2"],
        },
        new("§4.1: of AliasMode as well", "alias.example.com.", "HTTPS")
        {
            Answer = ["alias.example.com. 300 IN HTTPS 0 web.example.com."], Additional = WebAddresses,
        },
        new("§4.1: of the prefixed names of SVCB", "_8443._foo.example.com.", "SVCB")
        {
            Answer = ["_8443._foo.example.com. 300 IN SVCB 1 pool.example.com. port=8443"], Additional = ["pool.example.com. 300 IN A 192.0.2.2"],
        },
        new("§4.1: not of names of nobody's zone", "away.example.com.", "HTTPS") { Answer = ["away.example.com. 300 IN HTTPS 1 web.example.net. alpn=h2"] },
        new("§2.5.1: AliasMode to the root says that there is no service", "none.example.com.", "HTTPS") { Answer = ["none.example.com. 300 IN HTTPS 0 ."] },
        new("RFC 9462 §4: of a designated resolver though its name is in another zone of ours, each set once", "_dns.resolver.arpa.", "SVCB")
        {
            Answer =
            [
                "_dns.resolver.arpa. 300 IN SVCB 1 pool.example.com. alpn=dot port=853",
                "_dns.resolver.arpa. 300 IN SVCB 2 pool.example.com. alpn=h2 port=443",
                "_dns.resolver.arpa. 300 IN SVCB 3 web.example.net. alpn=doq",
            ],
            Additional = ["pool.example.com. 300 IN A 192.0.2.2"],
        },
        new("of other types only what lies in the same zone", "mail.resolver.arpa.", "MX") { Answer = ["mail.resolver.arpa. 300 IN MX 10 pool.example.com."] },
    ];

    public static TheoryData<QueryCase> Cases => new(Rows);

    [Theory]
    [MemberData(nameof(Cases))]
    public void Section(QueryCase @case) => Server.Check(@case);
}
