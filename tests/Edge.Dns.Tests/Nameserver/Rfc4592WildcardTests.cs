using Edge.Dns.Wire;
using Xunit;

namespace Edge.Dns.Tests.Nameserver;

/// <summary>RFC 4592, The Role of Wildcards in the Domain Name System: the example zone of §2.2.1 and what the RFC says of it.</summary>
public sealed class Rfc4592WildcardTests
{
    private const string Zone = """
        $ORIGIN example.
        example.                 3600 IN SOA   ns.example.com. hostmaster.example.com. 1 7200 900 1209600 3600
        example.                 3600    NS    ns.example.com.
        example.                 3600    NS    ns.example.net.
        *.example.               3600    TXT   "this is a wildcard"
        *.example.               3600    MX    10 host1.example.
        sub.*.example.           3600    TXT   "this is not a wildcard"
        host1.example.           3600    A     192.0.2.1
        _ssh._tcp.host1.example. 3600    SRV   0 0 22 host1.example.
        _ssh._tcp.host2.example. 3600    SRV   0 0 22 host2.example.
        subdel.example.          3600    NS    ns.example.com.
        subdel.example.          3600    NS    ns.example.net.
        alias.example.           3600    A     192.0.2.9
        *.cn.example.            3600    CNAME a.cn2.example.
        *.cn2.example.           3600    CNAME host1.example.
        sub.*.ent.example.       3600    TXT   "below an empty asterisk"
        """;

    private const string Soa = "example. 3600 IN SOA ns.example.com. hostmaster.example.com. 1 7200 900 1209600 3600";

    private static readonly TestNameserver Server = TestNameserver.With(("example.", Zone));

    private static readonly QueryCase[] Rows =
    [
        new("§2.2.1: a wildcard answers with the name asked for", "host3.example.", "MX")
        {
            Answer = ["host3.example. 3600 IN MX 10 host1.example."], Additional = ["host1.example. 3600 IN A 192.0.2.1"],
        },
        new("§2.2.1: a wildcard without the type is NODATA", "host3.example.", "A") { Authority = [Soa] },
        new("§2.2.1: a wildcard reaches down more than one label", "foo.bar.example.", "TXT") { Answer = ["foo.bar.example. 3600 IN TXT \"this is a wildcard\""] },
        new("§2.2.1: an existing name is not covered", "host1.example.", "MX") { Authority = [Soa] },
        new("§2.2.1: a name with an asterisk in the query is asked for like any other", "sub.*.example.", "MX") { Authority = [Soa] },
        new("§2.2.1: an empty non-terminal is the closest encloser", "_telnet._tcp.host1.example.", "SRV") { Rcode = Rcode.NxDomain, Authority = [Soa] },
        new("§2.2.1: a delegation is not covered", "host.subdel.example.", "A")
        {
            Authoritative = false, Authority = ["subdel.example. 3600 IN NS ns.example.com.", "subdel.example. 3600 IN NS ns.example.net."],
        },
        new("§2.2.1: below an asterisk label there is no wildcard", "ghost.*.example.", "MX") { Rcode = Rcode.NxDomain, Authority = [Soa] },
        new("§2.1.3: the wildcard itself matches exactly", "*.example.", "TXT") { Answer = ["*.example. 3600 IN TXT \"this is a wildcard\""] },
        new("§2.1.1: an asterisk label inside a name is just a label", "sub.*.example.", "TXT") { Answer = ["sub.*.example. 3600 IN TXT \"this is not a wildcard\""] },
        new("§2.2.2: an empty non-terminal exists", "_tcp.host1.example.", "A") { Authority = [Soa] },
        new("§2.2.2: an empty non-terminal blocks the wildcard above", "host2.example.", "TXT") { Authority = [Soa] },
        new("§3.3.1: a sibling's existence does not stop expansion", "host22.example.", "TXT") { Answer = ["host22.example. 3600 IN TXT \"this is a wildcard\""] },
        new("§4.5: a wildcard CNAME is followed, and applied again", "x.cn.example.", "A")
        {
            Answer = ["x.cn.example. 3600 IN CNAME a.cn2.example.", "a.cn2.example. 3600 IN CNAME host1.example.", "host1.example. 3600 IN A 192.0.2.1"],
        },
        new("§4.9: a wildcard that is an empty non-terminal gives NODATA", "x.ent.example.", "TXT") { Authority = [Soa] },
    ];

    public static TheoryData<QueryCase> Cases => new(Rows);

    [Theory]
    [MemberData(nameof(Cases))]
    public void Section(QueryCase @case) => Server.Check(@case);
}
