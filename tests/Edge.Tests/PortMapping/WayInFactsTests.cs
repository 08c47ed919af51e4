using System.Collections.Immutable;
using System.Net;
using Edge.PortMapping;

namespace Edge.Tests.PortMapping;

/// <summary>What follows from what is known: whether there is a way in, and which addresses the outside is told.</summary>
public sealed class WayInFactsTests
{
    /// <summary>Own addresses, the router's, the echo's; what came of trying, by address; whether HTTPS is mapped; the rule; the verdict and what is published.</summary>
    public static TheoryData<string, string, string, string, string, bool?, string, string, string> Cases => new()
    {
        { "mapped, and nobody can say", "", "5.5.5.2", "", "", true, "UnlessDisproved", "Unproven", "5.5.5.2" },
        { "mapped, nobody can say, and that is not enough", "", "5.5.5.2", "", "", true, "Proven", "Unproven", "" },
        { "tried without a word from outside", "", "5.5.5.2", "", "5.5.5.2 Unproven", true, "UnlessDisproved", "Unproven", "5.5.5.2" },
        { "proven", "", "5.5.5.2", "5.5.5.2", "5.5.5.2 Proven", true, "Proven", "Proven", "5.5.5.2" },
        { "disproved", "", "5.5.5.2", "5.5.5.2", "5.5.5.2 Disproved", true, "UnlessDisproved", "Disproved", "" },
        { "disproved, and told all the same", "", "5.5.5.2", "5.5.5.2", "5.5.5.2 Disproved", true, "Always", "Disproved", "5.5.5.2" },
        { "the router refuses", "", "5.5.5.2", "", "", false, "UnlessDisproved", "Unproven", "" },
        { "the router refuses, and somebody forwards by hand", "", "5.5.5.2", "5.5.5.2", "5.5.5.2 Proven", false, "UnlessDisproved", "Proven", "5.5.5.2" },
        { "another router in front", "", "192.168.178.20", "", "", true, "UnlessDisproved", "DoubleNat", "" },
        { "another router in front, which no rule tells outside", "", "192.168.178.20", "", "", true, "Always", "DoubleNat", "" },
        { "another router in front, which forwards", "", "192.168.178.20", "5.5.5.2", "5.5.5.2 Proven", true, "UnlessDisproved", "Proven", "5.5.5.2" },
        { "many customers behind one address", "", "100.64.0.5", "5.5.5.2", "5.5.5.2 Disproved", true, "UnlessDisproved", "DoubleNat", "" },
        { "the internet sees another address than the router's", "", "5.5.5.2", "6.6.6.6", "", true, "UnlessDisproved", "DoubleNat", "" },
        { "an address of this machine", "5.5.5.2", "", "", "", null, "Proven", "Direct", "5.5.5.2" },
        { "an address of this machine behind a firewall", "5.5.5.2", "", "5.5.5.2", "5.5.5.2 Disproved", null, "UnlessDisproved", "Disproved", "" },
        { "both families of this machine", "5.5.5.2 2a00:1::2", "", "", "", null, "UnlessDisproved", "Direct", "5.5.5.2 2a00:1::2" },
        { "a router lets nobody in to IPv6 by itself", "2a00:1::2", "5.5.5.2", "", "", true, "UnlessDisproved", "Unproven", "5.5.5.2" },
        { "IPv6 that was tried", "2a00:1::2", "100.64.0.5", "", "2a00:1::2 Proven", true, "UnlessDisproved", "DoubleNat", "2a00:1::2" },
        { "nothing known", "", "", "", "", false, "Always", "Unknown", "" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void It_follows(string what, string own, string router, string echoed, string proof, bool? isMapped, string rule, string verdict, string published)
    {
        var facts = new WayInFacts
        {
            Maps = isMapped is not null,
            Own = Addresses(own),
            Router = Addresses(router).FirstOrDefault(),
            Echoed = Addresses(echoed),
            IsMapped = isMapped,
            Publish = Enum.Parse<PublishRule>(rule),
            Proofs = proof.Length == 0 ? [] : [new WayInProof(new IPEndPoint(IPAddress.Parse(proof.Split(' ')[0]), 443), Enum.Parse<WayInVerdict>(proof.Split(' ')[1]), "somebody", null)],
        };
        Assert.Equal((what, verdict, published), (what, facts.Verdict.ToString(), string.Join(' ', facts.Published)));
    }

    [Fact]
    public void A_router_without_an_address_is_behind_another_one_when_the_internet_sees_us()
    {
        var facts = new WayInFacts { Maps = true, IsMapped = false, IsWithoutAddress = true };
        Assert.Equal(WayInVerdict.Unknown, facts.Verdict);
        Assert.Equal(WayInVerdict.DoubleNat, (facts with { Echoed = [IPAddress.Parse("5.5.5.2")] }).Verdict);
        Assert.Empty((facts with { Echoed = [IPAddress.Parse("5.5.5.2")] }).Published);
    }

    [Theory]
    [InlineData("192.168.178.20", "behind another router")]
    [InlineData("100.64.0.5", "CGNAT")]
    [InlineData("192.0.0.2", "CGNAT")]
    public void What_to_do_about_two_translations_is_said(string router, string expected) =>
        Assert.Contains(expected, WayInWords.Of(new WayInState(new WayInFacts { Maps = true, Router = IPAddress.Parse(router) }) { Router = IPAddress.Parse("192.168.77.1") }), StringComparison.Ordinal);

    [Theory]
    [InlineData("5.5.5.2", true)]
    [InlineData("10.1.2.3", false)]
    [InlineData("172.31.0.1", false)]
    [InlineData("172.32.0.1", true)]
    [InlineData("192.168.1.1", false)]
    [InlineData("100.64.0.1", false)]
    [InlineData("100.128.0.1", true)]
    [InlineData("169.254.1.1", false)]
    [InlineData("203.0.113.2", false)]
    [InlineData("224.0.0.1", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("2a00:1::2", true)]
    [InlineData("fd00::1", false)]
    [InlineData("fe80::1", false)]
    [InlineData("2001:db8::1", false)]
    [InlineData("::1", false)]
    public void An_address_of_the_internet(string address, bool isPublic) => Assert.Equal(isPublic, AddressScope.IsPublic(IPAddress.Parse(address)));

    [Fact]
    public void The_default_route_with_the_least_metric_is_the_router()
    {
        const string head = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n";
        const string table = head + "wlan0\t00000000\t0101A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0\n" + "eth0\t00000000\t014DA8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n"
            + "tun0\t00000000\t00000000\t0001\t0\t0\t0\t00000000\t0\t0\t0\n" + "eth0\t004DA8C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0\n" + "tun0\t00000000\t0108000A\t0003\t0\t0\t0\t00000080\t0\t0\t0\n";
        Assert.Equal("192.168.77.1", DefaultGateway.Read(table)?.ToString());
        Assert.Null(DefaultGateway.Read(head));
        Assert.Null(DefaultGateway.Read(""));
    }

    [Fact]
    public void Of_the_addresses_of_IPv6_the_lasting_global_ones_count()
    {
        const string table = """
            00000000000000000000000000000001 01 80 10 80       lo
            fe8000000000000000fc00fffe000001 02 40 20 80     eth0
            2a000001000000000123456789abcdef 02 40 00 01     eth0
            2a000001000000000000000000000002 02 40 00 80     eth0
            2a0000010000000002fc00fffe000001 02 40 00 00     eth0
            2a000002000000000000000000000009 02 40 00 20     eth0
            2a000003000000000000000000000009 02 40 00 40     eth0
            2a000004000000000000000000000009 02 40 00 c8     eth0
            fd000000000000000000000000000002 02 40 00 80     eth0
            """;
        Assert.Equal(["2a00:1::2", "2a00:1::2fc:ff:fe00:1"], OwnInterfaces.ReadSix(table).Select(address => address.ToString()));
    }

    private static ImmutableArray<IPAddress> Addresses(string text) => [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(IPAddress.Parse)];
}
