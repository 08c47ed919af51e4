using Edge.Dns.Nameserver;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Xunit;

namespace Edge.Dns.Tests.Nameserver;

/// <summary>RFC 1034 §4.3.2 and what later RFCs made of it: positive answers, negatives, aliases, referrals.</summary>
public sealed class Rfc1034AnswerTests
{
    private const string Zone = """
        $ORIGIN example.com.
        $TTL 300
        @         3600 SOA   ns hostmaster 7 7200 900 1209600 60
        @              NS    ns
        @              NS    ns.other.org.
        @              MX    10 mail
        @              HTTPS 1 . alpn=h2
        @              A     192.0.2.80
        ns             A     192.0.2.53
        ns             AAAA  2001:db8::53
        mail           A     192.0.2.25
        www            CNAME web
        web            A     192.0.2.81
        web            A     192.0.2.82
        old            CNAME gone
        out            CNAME www.elsewhere.org.
        to-net         CNAME host.example.net.
        to-net-gone    CNAME gone.example.net.
        to-sub         CNAME host.sub
        loop           CNAME pool
        pool           CNAME loop
        self           CNAME self
        *.any          HTTPS 1 . alpn=h2
        *.any          A     192.0.2.83
        deep.a.b.c     TXT   "four levels down"
        _ldap._tcp     SRV   0 0 389 web
        sub            NS    ns.sub
        sub            NS    ns.sib
        sub            DS    12345 13 2 0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF
        ns.sub         A     192.0.2.54
        www.sub        A     192.0.2.99
        sib            NS    ns.sib
        ns.sib         A     192.0.2.55
        """;

    private const string Net = """
        $ORIGIN example.net.
        $TTL 300
        @    SOA ns hostmaster 1 7200 900 1209600 600
        @    NS  ns
        ns   A   192.0.2.153
        host A   192.0.2.200
        """;

    private const string Soa = "example.com. 60 IN SOA ns.example.com. hostmaster.example.com. 7 7200 900 1209600 60";
    private const string NetSoa = "example.net. 300 IN SOA ns.example.net. hostmaster.example.net. 1 7200 900 1209600 600";

    private static readonly string[] SubNs = ["sub.example.com. 300 IN NS ns.sub.example.com.", "sub.example.com. 300 IN NS ns.sib.example.com."];
    private const string SubDs = "sub.example.com. 300 IN DS 12345 13 2 0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF";
    private static readonly string[] Glue = ["ns.sub.example.com. 300 IN A 192.0.2.54", "ns.sib.example.com. 300 IN A 192.0.2.55"];

    private static readonly TestNameserver Server = TestNameserver.With(("example.com.", Zone), ("example.net.", Net));

    private static readonly QueryCase[] Rows =
    [
        new("RFC 1034 §4.3.2: an address", "web.example.com.", "A")
        {
            Answer = ["web.example.com. 300 IN A 192.0.2.81", "web.example.com. 300 IN A 192.0.2.82"],
        },
        new("RFC 4343: another case is the same name", "WeB.eXample.COM.", "A")
        {
            Answer = ["WeB.eXample.COM. 300 IN A 192.0.2.81", "WeB.eXample.COM. 300 IN A 192.0.2.82"],
        },
        new("RFC 1035 §3.3.9: MX brings its addresses along", "example.com.", "MX")
        {
            Answer = ["example.com. 300 IN MX 10 mail.example.com."], Additional = ["mail.example.com. 300 IN A 192.0.2.25"],
        },
        new("RFC 1035 §3.3.11: so does NS", "example.com.", "NS")
        {
            Answer = ["example.com. 300 IN NS ns.example.com.", "example.com. 300 IN NS ns.other.org."],
            Additional = ["ns.example.com. 300 IN A 192.0.2.53", "ns.example.com. 300 IN AAAA 2001:db8::53"],
        },
        new("RFC 2782: so does SRV", "_ldap._tcp.example.com.", "SRV")
        {
            Answer = ["_ldap._tcp.example.com. 300 IN SRV 0 0 389 web.example.com."],
            Additional = ["web.example.com. 300 IN A 192.0.2.81", "web.example.com. 300 IN A 192.0.2.82"],
        },
        new("RFC 9460 §4.1: so does HTTPS, whose target . is its owner", "example.com.", "HTTPS")
        {
            Answer = ["example.com. 300 IN HTTPS 1 . alpn=h2"], Additional = ["example.com. 300 IN A 192.0.2.80"],
        },
        new("RFC 9460 §2.5: the owner that a wildcard stands for is not the wildcard", "x.any.example.com.", "HTTPS")
        {
            Answer = ["x.any.example.com. 300 IN HTTPS 1 . alpn=h2"],
        },
        new("RFC 2308 §2.2: NODATA carries the SOA, with the TTL of §3", "web.example.com.", "TXT") { Authority = [Soa] },
        new("RFC 2308 §2.1: NXDOMAIN carries the SOA, with the TTL of §3", "gone.example.com.", "A") { Rcode = Rcode.NxDomain, Authority = [Soa] },
        new("RFC 2308 §3: a small TTL of the SOA itself counts as well", "gone.example.net.", "A") { Rcode = Rcode.NxDomain, Authority = [NetSoa] },
        new("RFC 2308 §3: the SOA asked for keeps its own TTL", "example.com.", "SOA")
        {
            Answer = ["example.com. 3600 IN SOA ns.example.com. hostmaster.example.com. 7 7200 900 1209600 60"],
        },
        new("RFC 8020 §2: a name above an existing one exists", "b.c.example.com.", "A") { Authority = [Soa] },
        new("RFC 8906 §8.1.2: a type nobody knows is NODATA", "web.example.com.", "TYPE1000") { Authority = [Soa] },
        new("RFC 1034 §3.6.2: an alias is followed", "www.example.com.", "A")
        {
            Answer = ["www.example.com. 300 IN CNAME web.example.com.", "web.example.com. 300 IN A 192.0.2.81", "web.example.com. 300 IN A 192.0.2.82"],
        },
        new("RFC 1034 §3.6.2: the alias itself is not", "www.example.com.", "CNAME") { Answer = ["www.example.com. 300 IN CNAME web.example.com."] },
        new("RFC 1034 §4.3.2: an alias to a type that is missing is NODATA", "www.example.com.", "AAAA")
        {
            Answer = ["www.example.com. 300 IN CNAME web.example.com."], Authority = [Soa],
        },
        new("RFC 6604 §3: the code is that of the last name", "old.example.com.", "A")
        {
            Rcode = Rcode.NxDomain, Answer = ["old.example.com. 300 IN CNAME gone.example.com."], Authority = [Soa],
        },
        new("an alias is followed into another of our zones", "to-net.example.com.", "A")
        {
            Answer = ["to-net.example.com. 300 IN CNAME host.example.net.", "host.example.net. 300 IN A 192.0.2.200"],
        },
        new("RFC 6604 §3 in another of our zones: its SOA", "to-net-gone.example.com.", "A")
        {
            Rcode = Rcode.NxDomain, Answer = ["to-net-gone.example.com. 300 IN CNAME gone.example.net."], Authority = [NetSoa],
        },
        new("an alias out of our zones ends the answer of a client without recursion", "out.example.com.", "A")
        {
            Answer = ["out.example.com. 300 IN CNAME www.elsewhere.org."],
        },
        new("a ring of aliases ends", "loop.example.com.", "A")
        {
            Answer = ["loop.example.com. 300 IN CNAME pool.example.com.", "pool.example.com. 300 IN CNAME loop.example.com."],
        },
        new("an alias of itself ends", "self.example.com.", "A") { Answer = ["self.example.com. 300 IN CNAME self.example.com."] },
        new("RFC 1034 §4.3.2 3b: below a cut there is a referral, not the data", "www.sub.example.com.", "A")
        {
            Authoritative = false, Authority = SubNs, Additional = Glue,
        },
        new("RFC 1034 §4.3.2 3b: at the cut as well", "sub.example.com.", "NS")
        {
            Authoritative = false, Authority = SubNs, Additional = Glue,
        },
        new("RFC 1034 §4.3.2 3b: glue is no answer", "ns.sub.example.com.", "A")
        {
            Authoritative = false, Authority = SubNs, Additional = Glue,
        },
        new("RFC 4035 §3.1.4: with DO the referral has the DS", "www.sub.example.com.", "A")
        {
            DnssecOk = true, Authoritative = false, Authority = [.. SubNs, SubDs], Additional = Glue,
        },
        new("RFC 4035 §3.1.4: also behind an alias", "to-sub.example.com.", "A")
        {
            DnssecOk = true, Answer = ["to-sub.example.com. 300 IN CNAME host.sub.example.com."], Authority = [.. SubNs, SubDs], Additional = Glue,
        },
        new("RFC 4035 §3.1.4.1: DS at the cut is the parent's", "sub.example.com.", "DS") { Answer = [SubDs] },
        new("RFC 4035 §3.1.4.1: DS that is not there is the parent's NODATA", "sib.example.com.", "DS") { Authority = [Soa] },
        new("an alias to below a cut ends in a referral", "to-sub.example.com.", "A")
        {
            Answer = ["to-sub.example.com. 300 IN CNAME host.sub.example.com."], Authority = SubNs, Additional = Glue,
        },
        new("outside our zones: REFUSED, and nothing else", "www.elsewhere.org.", "A") { Rcode = Rcode.Refused, Authoritative = false },
        new("RFC 8482 §4.1: ANY over UDP gets one RRset", "example.com.", "ANY") { Answer = ["example.com. 300 IN A 192.0.2.80"] },
        new("ANY of an alias is the alias", "www.example.com.", "ANY") { Answer = ["www.example.com. 300 IN CNAME web.example.com."] },
    ];

    public static TheoryData<QueryCase> Cases => new(Rows);

    [Theory]
    [MemberData(nameof(Cases))]
    public void Section(QueryCase @case) => Server.Check(@case);

    [Fact]
    public void ANY_over_TCP_gets_all_RRsets()
    {
        var message = Server.Ask("example.com.", "ANY", transport: Transport.Tcp);
        Assert.Equal([RecordType.A, RecordType.NS, RecordType.NS, RecordType.SOA, RecordType.MX, RecordType.HTTPS], message.Answer.Select(record => record.Type));
    }

    [Fact]
    public void The_case_of_the_question_comes_back_bit_for_bit()
    {
        var query = TestNameserver.Query("wWw.ExAmPlE.cOm.", "A");
        Assert.Equal(query[12..], Server.Raw(query)![12..query.Length]);
    }

    [Fact]
    public void Explain_names_the_owner_that_decided_and_where_its_records_came_from()
    {
        var zone = TestNameserver.ZoneOf("example.com.", Zone);
        var found = zone.Explain(Name.Parse("example.com."), RecordType.MX);
        Assert.Equal(LookupKind.Answer, found.Kind);
        Assert.Equal("test.zone:6", found.RRsets[0].Source.ToString());
        Assert.Equal(Name.Parse("c.example.com."), zone.Explain(Name.Parse("x.c.example.com."), RecordType.A).Owner);
        Assert.Equal(LookupKind.NxDomain, zone.Explain(Name.Parse("x.c.example.com."), RecordType.A).Kind);
        Assert.Equal(Name.Parse("sub.example.com."), zone.Explain(Name.Parse("www.sub.example.com."), RecordType.A).Owner);
    }
}
