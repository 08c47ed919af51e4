using System.Net;
using Edge.Dns.Resolver.Recursion;
using Edge.Dns.Wire;
using Xunit;

namespace Edge.Dns.Tests.Resolver.Recursion;

/// <summary>Where it all begins: the hints, and the root's own word on its servers (RFC 8109).</summary>
public sealed class RootTests
{
    [Fact]
    public void The_hints_shipped_are_thirteen_servers_with_both_families()
    {
        Assert.Equal("abcdefghijklm", string.Concat(RootHints.BuiltIn.Servers.Select(server => (char)server.Name.FirstLabel[0])));
        Assert.All(RootHints.BuiltIn.Servers, server => Assert.Equal(["InterNetwork", "InterNetworkV6"], server.Addresses.Select(address => $"{address.AddressFamily}")));
        Assert.All(RootHints.BuiltIn.Servers, server => Assert.Equal("root-servers.net.", server.Name.Parent!.ToString()));
        Assert.Equal(26, RootHints.BuiltIn.Servers.SelectMany(server => server.Addresses).Distinct().Count());
        var policy = new AddressPolicy(new RecursionOptions());
        Assert.All(RootHints.BuiltIn.Servers.SelectMany(server => server.Addresses), address => Assert.True(policy.Allows(address)));
    }

    [Fact]
    public void A_file_in_the_form_of_named_root_replaces_them()
    {
        var hints = RootHints.Parse("hints", ["; comment", "", ".  3600000  NS  A.ROOT.", "A.ROOT. 3600000 IN A 192.0.2.1 ; why", "a.root.\t3600000\tAAAA\t2001:db8::1", ". IN NS b.root.", "b.root. a 192.0.2.2"], out var problems);
        Assert.Empty(problems);
        Assert.Equal(["192.0.2.1", "2001:db8::1", "192.0.2.2"], hints!.Servers.SelectMany(server => server.Addresses).Select(address => $"{address}"));
    }

    [Theory]
    [InlineData("com. NS a.gtld.com.", "hints:1: NS records here are of the root, with the owner \".\"")]
    [InlineData("a.root. A 192.0.2", "hints:1: expected \"OWNER TTL TYPE DATA\" with the type NS, A or AAAA")]
    [InlineData("a.root. A 2001:db8::1", "hints:1: expected \"OWNER TTL TYPE DATA\" with the type NS, A or AAAA")]
    [InlineData("a.root. MX 1 x.", "hints:1: expected \"OWNER TTL TYPE DATA\" with the type NS, A or AAAA")]
    [InlineData("a..root. A 192.0.2.1", "hints:1: ")]
    [InlineData(". NS a..root.", "hints:1: ")]
    [InlineData(". NS a.root.", "hints: no NS record of the root whose server has an A or AAAA record")]
    public void Mistakes_are_told_with_their_line(string line, string expected)
    {
        Assert.Null(RootHints.Parse("hints", [line], out var problems));
        Assert.StartsWith(expected, Assert.Single(problems), StringComparison.Ordinal);
    }

    [Fact]
    public void Options_read_twice_are_equal_and_others_are_not()
    {
        RecursionOptions Read(string address, string own) => new() { Hints = RootHints.Parse("hints", [". NS a.root.", $"a.root. A {address}"], out _)!, OwnAddresses = [IPAddress.Parse(own)] };
        Assert.Equal(Read("192.0.2.1", "192.0.2.9"), Read("192.0.2.1", "192.0.2.9"));
        Assert.Equal(Read("192.0.2.1", "192.0.2.9").GetHashCode(), Read("192.0.2.1", "192.0.2.9").GetHashCode());
        Assert.NotEqual(Read("192.0.2.1", "192.0.2.9"), Read("192.0.2.2", "192.0.2.9"));
        Assert.NotEqual(Read("192.0.2.1", "192.0.2.9"), Read("192.0.2.1", "192.0.2.8"));
        Assert.NotEqual(new RecursionOptions(), new RecursionOptions { MaxDepth = 1 });
    }

    [Fact]
    public async Task RFC_8109_the_first_question_asks_the_root_for_its_servers_and_the_next_ones_use_them()
    {
        var internet = new PrivateInternet();
        var root = Nameserver.TestNameserver.With((".", """
            . 600 SOA a.root-servers.net. nobody. 1 2 3 4 900
            . 600 NS b.root-servers.net.
            b.root-servers.net. 600 A 170.247.170.2
            a. 60 TXT a
            """));
        internet.At($"{PrivateInternet.RootAddress} 170.247.170.2", (query, _) => root.Raw(query));
        using var origin = internet.Resolver();
        Assert.False(origin.Stats.IsPrimed);
        await origin.AskAsync("a", "TXT");
        await ForwarderClient.Until(() => origin.Stats.IsPrimed);
        Assert.Single(internet.Priming);
        internet.Forget();
        await origin.AskAsync("a", "NS");
        Assert.Equal(["170.247.170.2"], internet.Asked.Select(asked => asked.Address));
        // It holds for its TTL; then the hints serve once more.
        internet.Time.Advance(TimeSpan.FromSeconds(601));
        Assert.False(origin.Stats.IsPrimed);
        internet.Forget();
        await origin.AskAsync("a", "AAAA");
        Assert.Equal([PrivateInternet.RootAddress], internet.Asked.Select(asked => asked.Address));
        await ForwarderClient.Until(() => origin.Stats.IsPrimed);
    }

    [Fact]
    public async Task A_root_that_does_not_tell_is_asked_again_later_and_the_hints_do_meanwhile()
    {
        var internet = new PrivateInternet().Script(PrivateInternet.RootAddress, query =>
        {
            var isPriming = query.Questions[0].Type == RecordType.NS;
            var reply = FakeUpstream.Reply(query, isPriming ? [] : ["a. 60 TXT a"], rcode: isPriming ? Rcode.ServFail : Rcode.NoError);
            reply.Flags |= MessageFlags.Authoritative;
            return reply;
        });
        using var origin = internet.Resolver();
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal("NOERROR\na. TXT \"a\"", await origin.TextAsync("a", "TXT"));
        }

        await ForwarderClient.Until(() => internet.Priming.Length > 0);
        var before = internet.Priming.Length;
        Assert.Equal(1, before);
        internet.Time.Advance(TimeSpan.FromSeconds(11));
        await origin.AskAsync("a", "TXT");
        await ForwarderClient.Until(() => internet.Priming.Length > before);
    }

    [Theory]
    [InlineData("192.5.6.30", true)]
    [InlineData("203.0.113.5", true)]
    [InlineData("2001:503:ba3e::2:30", true)]
    [InlineData("127.0.0.1", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("10.1.2.3", false)]
    [InlineData("172.16.0.1", false)]
    [InlineData("192.168.1.1", false)]
    [InlineData("169.254.1.1", false)]
    [InlineData("100.64.0.1", false)]
    [InlineData("224.0.0.251", false)]
    [InlineData("255.255.255.255", false)]
    [InlineData("198.51.100.53", false)]
    [InlineData("::", false)]
    [InlineData("::1", false)]
    [InlineData("fe80::1", false)]
    [InlineData("fd00::1", false)]
    [InlineData("ff02::fb", false)]
    [InlineData("::ffff:203.0.113.5", false)]
    [InlineData("64:ff9b::a00:1", false)]
    public async Task Delegations_do_not_lead_inside(string address, bool asked)
    {
        var parsed = IPAddress.Parse(address);
        Assert.Equal(asked, new AddressPolicy(new RecursionOptions { OwnAddresses = [IPAddress.Parse("198.51.100.53")] }).Allows(parsed));
        var family = parsed.GetAddressBytes().Length == 4 ? "A" : "AAAA";
        var internet = new PrivateInternet().Script(PrivateInternet.RootAddress, query =>
        {
            var reply = FakeUpstream.Reply(query, [], ["com. 600 NS ns.com."]);
            reply.Additional.Add(FakeUpstream.Record($"ns.com. 600 {family} {address}"));
            return reply;
        });
        using var origin = internet.Resolver(new RecursionOptions { OwnAddresses = [IPAddress.Parse("198.51.100.53")] });
        await origin.AskAsync("www.com");
        Assert.Equal(asked, internet.Asked.Any(question => question.Address != PrivateInternet.RootAddress));
    }

    [Fact]
    public void With_leave_private_servers_are_asked_but_never_nobody()
    {
        var policy = new AddressPolicy(new RecursionOptions { AllowPrivate = true });
        Assert.True(policy.Allows(IPAddress.Parse("10.1.2.3")));
        Assert.True(policy.Allows(IPAddress.Loopback));
        Assert.False(policy.Allows(IPAddress.Any));
        Assert.False(policy.Allows(IPAddress.Parse("224.0.0.251")));
    }
}
