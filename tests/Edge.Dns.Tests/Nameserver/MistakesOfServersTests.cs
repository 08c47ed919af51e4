using Edge.Dns.Nameserver;
using Edge.Dns.Wire;
using Xunit;

namespace Edge.Dns.Tests.Nameserver;

/// <summary>Classes of bugs that widely used servers had, one case each.</summary>
public sealed class MistakesOfServersTests
{
    private const string Zone = """
        $ORIGIN example.com.
        $TTL 300
        @           SOA   ns hostmaster 1 7200 900 1209600 300
        @           NS    ns
        @           NS    ns.sub
        @           MX    10 *.wild
        ns          A     192.0.2.1
        *.wild      A     192.0.2.2
        starcname   CNAME *.wild
        starptr     PTR   *.gone
        *.again     CNAME x.again2
        *.again2    CNAME y.wild
        sub         NS    ns.sub
        ns.sub      A     192.0.2.3
        inner.sub   NS    ns.inner.sub
        ns.inner.sub A    192.0.2.4
        *.sub       A     192.0.2.5
        sib         NS    ns.sub
        ring        DNAME ring2
        ring2       DNAME ring
        deep        DNAME next
        next        DNAME tree
        x.tree      A     192.0.2.6
        to-gone     CNAME gone
        """;

    private const string Redirected = """
        $ORIGIN example.net.
        $TTL 300
        @           SOA   ns.example.com. hostmaster 1 7200 900 1209600 300
        @           NS    ns.example.com.
        @           DNAME example.com.
        """;

    private const string Soa = "example.com. 300 IN SOA ns.example.com. hostmaster.example.com. 1 7200 900 1209600 300";

    private static readonly TestNameserver Server = TestNameserver.With(("example.com.", Zone), ("example.net.", Redirected));

    private static readonly QueryCase[] Rows =
    [
        new("glue of a sibling is left out", "x.sib.example.com.", "A")
        {
            Authoritative = false, Authority = ["sib.example.com. 300 IN NS ns.sub.example.com."], Additional = ["ns.sub.example.com. 300 IN A 192.0.2.3"],
        },
        new("glue below a cut is given as an address of the apex", "example.com.", "NS")
        {
            Answer = ["example.com. 300 IN NS ns.example.com.", "example.com. 300 IN NS ns.sub.example.com."],
            Additional = ["ns.example.com. 300 IN A 192.0.2.1"],
        },
        new("NS below a cut take the place of the cut's", "x.inner.sub.example.com.", "A")
        {
            Authoritative = false, Authority = ["sub.example.com. 300 IN NS ns.sub.example.com."], Additional = ["ns.sub.example.com. 300 IN A 192.0.2.3"],
        },
        new("a wildcard below a cut answers", "x.sub.example.com.", "A")
        {
            Authoritative = false, Authority = ["sub.example.com. 300 IN NS ns.sub.example.com."], Additional = ["ns.sub.example.com. 300 IN A 192.0.2.3"],
        },
        new("glue is answered with AA", "ns.sub.example.com.", "A")
        {
            Authoritative = false, Authority = ["sub.example.com. 300 IN NS ns.sub.example.com."], Additional = ["ns.sub.example.com. 300 IN A 192.0.2.3"],
        },
        new("NS of a cut are answered with AA", "sub.example.com.", "NS")
        {
            Authoritative = false, Authority = ["sub.example.com. 300 IN NS ns.sub.example.com."], Additional = ["ns.sub.example.com. 300 IN A 192.0.2.3"],
        },
        new("the CNAME that a DNAME makes is followed for CNAME", "x.deep.example.com.", "CNAME")
        {
            Answer = ["deep.example.com. 300 IN DNAME next.example.com.", "x.deep.example.com. 300 IN CNAME x.next.example.com."],
        },
        new("a DNAME is not looked for again at the target", "x.deep.example.com.", "A")
        {
            Answer =
            [
                "deep.example.com. 300 IN DNAME next.example.com.", "x.deep.example.com. 300 IN CNAME x.next.example.com.",
                "next.example.com. 300 IN DNAME tree.example.com.", "x.next.example.com. 300 IN CNAME x.tree.example.com.",
                "x.tree.example.com. 300 IN A 192.0.2.6",
            ],
        },
        new("DNAMEs in a ring never end", "x.ring.example.com.", "A")
        {
            Answer =
            [
                "ring.example.com. 300 IN DNAME ring2.example.com.", "x.ring.example.com. 300 IN CNAME x.ring2.example.com.",
                "ring2.example.com. 300 IN DNAME ring.example.com.", "x.ring2.example.com. 300 IN CNAME x.ring.example.com.",
            ],
        },
        new("a DNAME at an apex hides the apex", "example.net.", "NS") { Answer = ["example.net. 300 IN NS ns.example.com."], },
        new("or does not reach below it", "starptr.example.net.", "PTR")
        {
            Answer =
            [
                "example.net. 300 IN DNAME example.com.", "starptr.example.net. 300 IN CNAME starptr.example.com.",
                "starptr.example.com. 300 IN PTR *.gone.example.com.",
            ],
        },
        new("an asterisk in data is taken for a wildcard", "starptr.example.com.", "PTR") { Answer = ["starptr.example.com. 300 IN PTR *.gone.example.com."] },
        new("and makes the name that it is exist", "*.gone.example.com.", "A") { Rcode = Rcode.NxDomain, Authority = [Soa] },
        new("an alias to an asterisk expands", "starcname.example.com.", "A")
        {
            Answer = ["starcname.example.com. 300 IN CNAME *.wild.example.com.", "*.wild.example.com. 300 IN A 192.0.2.2"],
        },
        new("an asterisk as target has no address", "example.com.", "MX")
        {
            Answer = ["example.com. 300 IN MX 10 *.wild.example.com."], Additional = ["*.wild.example.com. 300 IN A 192.0.2.2"],
        },
        new("a wildcard's alias is not applied again", "a.b.again.example.com.", "A")
        {
            Answer =
            [
                "a.b.again.example.com. 300 IN CNAME x.again2.example.com.", "x.again2.example.com. 300 IN CNAME y.wild.example.com.",
                "y.wild.example.com. 300 IN A 192.0.2.2",
            ],
        },
        new("a wildcard reaches one label only", "a.b.c.wild.example.com.", "A") { Answer = ["a.b.c.wild.example.com. 300 IN A 192.0.2.2"] },
        new("a name above others does not exist", "wild.example.com.", "A") { Authority = [Soa] },
        new("an alias to nothing is NOERROR", "to-gone.example.com.", "A")
        {
            Rcode = Rcode.NxDomain, Answer = ["to-gone.example.com. 300 IN CNAME gone.example.com."], Authority = [Soa],
        },
        new("an alias is followed for what DNSSEC puts beside it (RFC 4035 §2.5)", "to-gone.example.com.", "NSEC") { Authority = [Soa] },
        new("for its signatures as well", "starcname.example.com.", "RRSIG") { Authority = [Soa] },
        new("CNAME is followed for CNAME", "to-gone.example.com.", "CNAME") { Answer = ["to-gone.example.com. 300 IN CNAME gone.example.com."] },
    ];

    public static TheoryData<QueryCase> Cases => new(Rows);

    [Theory]
    [MemberData(nameof(Cases))]
    public void Not_here(QueryCase @case) => Server.Check(@case);

    [Fact]
    public void RFC_8906_a_name_that_is_not_ours_is_refused_and_says_nothing_of_why()
    {
        var message = Server.Ask("www.elsewhere.org.", "A", new Edns(1232), Transport.Udp);
        Assert.Equal((Rcode.Refused, 0), (message.Rcode, message.Edns!.Options.Length));
    }
}
