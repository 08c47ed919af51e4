using Edge.Dns.Nameserver;
using Edge.Dns.Wire;
using Xunit;

namespace Edge.Dns.Tests.Nameserver;

/// <summary>RFC 4035 §3.1.4.1: which side of a zone cut answers for DS when both sides, or only the lower one, are served here.</summary>
public sealed class Rfc4035DsTests
{
    private const string Hash = "12345 13 2 0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF";

    private const string Parent = $"""
        $ORIGIN z.test.
        $TTL 300
        @             SOA   ns hostmaster 1 7200 900 1209600 300
        @             NS    ns
        ns            A     192.0.2.53
        child         NS    ns.child
        child         DS    {Hash}
        ns.child      A     192.0.2.54
        unsigned      NS    ns
        away          NS    ns.elsewhere.org.
        to-child      CNAME child
        """;

    private const string Soa = "z.test. 300 IN SOA ns.z.test. hostmaster.z.test. 1 7200 900 1209600 300";

    private static readonly TestNameserver Server = TestNameserver.With(
        ("z.test.", Parent), Child("child.z.test."), Child("unsigned.z.test."), Child("loose.z.test."), Child("deep.away.z.test."), Child("alone.test."));

    private static readonly QueryCase[] Rows =
    [
        new("DS at the apex of a zone is its parent's", "child.z.test.", "DS") { Answer = [$"child.z.test. 300 IN DS {Hash}"] },
        new("in any case of letters", "CHILD.z.test.", "DS") { Answer = [$"CHILD.z.test. 300 IN DS {Hash}"] },
        new("behind an alias as well", "to-child.z.test.", "DS")
        {
            Answer = ["to-child.z.test. 300 IN CNAME child.z.test.", $"child.z.test. 300 IN DS {Hash}"],
        },
        new("DS that the parent has not is the parent's NODATA", "unsigned.z.test.", "DS") { Authority = [Soa] },
        new("a parent that does not know the child says so", "loose.z.test.", "DS") { Rcode = Rcode.NxDomain, Authority = [Soa] },
        new("a parent that has handed the names between away refers there", "deep.away.z.test.", "DS")
        {
            Authoritative = false, Authority = ["away.z.test. 300 IN NS ns.elsewhere.org."],
        },
        new("without the parent the child says that it has none", "alone.test.", "DS") { Authority = [SoaOf("alone.test.")] },
        new("DS below the apex is the child's to answer", "x.child.z.test.", "DS") { Rcode = Rcode.NxDomain, Authority = [SoaOf("child.z.test.")] },
        new("any other type at the apex is the child's", "child.z.test.", "TXT") { Authority = [SoaOf("child.z.test.")] },
        new("DS of a topmost zone of ours", "z.test.", "DS") { Authority = [Soa] },
    ];

    public static TheoryData<QueryCase> Cases => new(Rows);

    [Theory]
    [MemberData(nameof(Cases))]
    public void Section(QueryCase @case) => Server.Check(@case);

    [Fact]
    public void The_root_has_no_parent()
    {
        var message = TestNameserver.With(Child(".")).Ask(".", "DS");
        Assert.Equal((Rcode.NoError, 0, 1), (message.Rcode, message.Answer.Count, message.Authority.Count));
        Assert.True(message.Flags.HasFlag(MessageFlags.Authoritative));
    }

    private static (string Origin, string Text) Child(string origin) => (origin, """
        $TTL 300
        @   SOA ns hostmaster 1 7200 900 1209600 300
        @   NS  ns
        ns  A   192.0.2.54
        """);

    private static string SoaOf(string origin) => $"{origin} 300 IN SOA ns.{origin} hostmaster.{origin} 1 7200 900 1209600 300";
}
