using Edge.Dns.Wire;
using Xunit;

namespace Edge.Dns.Tests.Nameserver;

/// <summary>RFC 6672, DNAME Redirection in the DNS.</summary>
public sealed class Rfc6672DnameTests
{
    private const string Zone = """
        $ORIGIN example.com.
        $TTL 300
        @        SOA   ns hostmaster 1 7200 900 1209600 300
        @        NS    ns
        ns       A     192.0.2.53
        moved    120 DNAME new
        moved    A     192.0.2.1
        host.new A     192.0.2.2
        out      DNAME elsewhere.org.
        chain    DNAME moved
        round    DNAME round
        dn       DNAME host-tree
        d.host-tree CNAME a.dn
        e.host-tree CNAME dn
        a.host-tree A  192.0.2.3
        deeper   DNAME x.deeper
        long     DNAME aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
        """;

    private const string Soa = "example.com. 300 IN SOA ns.example.com. hostmaster.example.com. 1 7200 900 1209600 300";

    private static readonly TestNameserver Server = TestNameserver.With(("example.com.", Zone));

    private static readonly QueryCase[] Rows =
    [
        new("§3.1: below a DNAME there is the DNAME and the CNAME it makes, with its TTL", "host.moved.example.com.", "A")
        {
            Answer =
            [
                "moved.example.com. 120 IN DNAME new.example.com.",
                "host.moved.example.com. 120 IN CNAME host.new.example.com.",
                "host.new.example.com. 300 IN A 192.0.2.2",
            ],
        },
        new("§2.3: the owner of a DNAME is not redirected", "moved.example.com.", "A") { Answer = ["moved.example.com. 300 IN A 192.0.2.1"] },
        new("§2.3: nor is a type it has not", "moved.example.com.", "TXT") { Authority = [Soa] },
        new("§3.2: the code is that of the last name", "gone.moved.example.com.", "A")
        {
            Rcode = Rcode.NxDomain,
            Answer = ["moved.example.com. 120 IN DNAME new.example.com.", "gone.moved.example.com. 120 IN CNAME gone.new.example.com."],
            Authority = [Soa],
        },
        new("§3.1: the CNAME that was made answers a question for CNAME", "host.moved.example.com.", "CNAME")
        {
            Answer = ["moved.example.com. 120 IN DNAME new.example.com.", "host.moved.example.com. 120 IN CNAME host.new.example.com."],
        },
        new("§3.2: out of our zones the answer ends", "a.b.out.example.com.", "A")
        {
            Answer = ["out.example.com. 300 IN DNAME elsewhere.org.", "a.b.out.example.com. 300 IN CNAME a.b.elsewhere.org."],
        },
        new("a DNAME to below a DNAME", "host.chain.example.com.", "A")
        {
            Answer =
            [
                "chain.example.com. 300 IN DNAME moved.example.com.",
                "host.chain.example.com. 300 IN CNAME host.moved.example.com.",
                "moved.example.com. 120 IN DNAME new.example.com.",
                "host.moved.example.com. 120 IN CNAME host.new.example.com.",
                "host.new.example.com. 300 IN A 192.0.2.2",
            ],
        },
        new("a DNAME to itself ends", "a.round.example.com.", "A")
        {
            Answer = ["round.example.com. 300 IN DNAME round.example.com.", "a.round.example.com. 300 IN CNAME a.round.example.com."],
        },
        new("RFC 2181 §5: a chain that comes through a DNAME twice has it once", "d.dn.example.com.", "A")
        {
            Answer =
            [
                "dn.example.com. 300 IN DNAME host-tree.example.com.",
                "d.dn.example.com. 300 IN CNAME d.host-tree.example.com.",
                "d.host-tree.example.com. 300 IN CNAME a.dn.example.com.",
                "a.dn.example.com. 300 IN CNAME a.host-tree.example.com.",
                "a.host-tree.example.com. 300 IN A 192.0.2.3",
            ],
        },
        new("RFC 2181 §5: a chain that ends at the DNAME it came through has it once", "e.dn.example.com.", "DNAME")
        {
            Answer =
            [
                "dn.example.com. 300 IN DNAME host-tree.example.com.",
                "e.dn.example.com. 300 IN CNAME e.host-tree.example.com.",
                "e.host-tree.example.com. 300 IN CNAME dn.example.com.",
            ],
        },
        new("RFC 2181 §5: a DNAME to below itself stands once before its sixteen CNAMEs", "a.deeper.example.com.", "A")
        {
            Answer =
            [
                "deeper.example.com. 300 IN DNAME x.deeper.example.com.",
                .. Enumerable.Range(0, 16).Select(step => $"a.{Deeper(step)} 300 IN CNAME a.{Deeper(step + 1)}"),
            ],
        },
        new("§2.2: a name that would be too long is YXDOMAIN",
            $"{new string('x', 63)}.{new string('y', 63)}.long.example.com.", "A")
        {
            Rcode = Rcode.YxDomain,
            Answer = [$"long.example.com. 300 IN DNAME {new string('a', 63)}.{new string('b', 63)}.example.com."],
        },
    ];

    private static string Deeper(int step) => string.Concat(Enumerable.Repeat("x.", step)) + "deeper.example.com.";

    public static TheoryData<QueryCase> Cases => new(Rows);

    [Theory]
    [MemberData(nameof(Cases))]
    public void Section(QueryCase @case) => Server.Check(@case);
}
