using Edge.Dns.Wire;
using Xunit;

namespace Edge.Dns.Tests.Nameserver;

/// <summary>RFC 8659: a CA asks for CAA at every name on the way up, and must get a clear answer at each, or it does not issue.</summary>
public sealed class Rfc8659CaaTests
{
    private const string Zone = """
        $ORIGIN example.com.
        $TTL 300
        @        SOA   ns hostmaster 1 7200 900 1209600 300
        @        NS    ns
        @        CAA   0 issue "ca.example.net; validationmethods=dns-01"
        @        CAA   0 issuewild ";"
        @        CAA   128 iodef "mailto:security@example.com"
        ns       A     192.0.2.53
        web      A     192.0.2.1
        www      CNAME web
        *.wild   CAA   0 issue "other.example.net"
        a.b      A     192.0.2.2
        old      DNAME wild
        """;

    private const string Soa = "example.com. 300 IN SOA ns.example.com. hostmaster.example.com. 1 7200 900 1209600 300";

    private static readonly TestNameserver Server = TestNameserver.With(("example.com.", Zone));

    private static readonly QueryCase[] Rows =
    [
        new("§4: the set, as it was written", "example.com.", "CAA")
        {
            Answer =
            [
                "example.com. 300 IN CAA 0 issue \"ca.example.net; validationmethods=dns-01\"",
                "example.com. 300 IN CAA 0 issuewild \";\"",
                "example.com. 300 IN CAA 128 iodef \"mailto:security@example.com\"",
            ],
        },
        new("§3: a name without is NODATA", "web.example.com.", "CAA") { Authority = [Soa] },
        new("§3: an alias is followed", "www.example.com.", "CAA") { Answer = ["www.example.com. 300 IN CNAME web.example.com."], Authority = [Soa] },
        new("§3: an empty non-terminal is NODATA", "b.example.com.", "CAA") { Authority = [Soa] },
        new("§3: a wildcard answers", "x.wild.example.com.", "CAA") { Answer = ["x.wild.example.com. 300 IN CAA 0 issue \"other.example.net\""] },
        new("§3: a name that a certificate for a wildcard is asked for", "*.wild.example.com.", "CAA") { Answer = ["*.wild.example.com. 300 IN CAA 0 issue \"other.example.net\""] },
        new("§3: a redirected name", "x.old.example.com.", "CAA")
        {
            Answer =
            [
                "old.example.com. 300 IN DNAME wild.example.com.",
                "x.old.example.com. 300 IN CNAME x.wild.example.com.",
                "x.wild.example.com. 300 IN CAA 0 issue \"other.example.net\"",
            ],
        },
        new("§3: a name that is not there", "gone.example.com.", "CAA") { Rcode = Rcode.NxDomain, Authority = [Soa] },
    ];

    public static TheoryData<QueryCase> Cases => new(Rows);

    [Theory]
    [MemberData(nameof(Cases))]
    public void Section(QueryCase @case) => Server.Check(@case);
}
