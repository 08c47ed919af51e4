using System.Net;
using Edge.Dns.Nameserver;
using Edge.Dns.Tests.Nameserver;
using Edge.Dns.Views;
using Edge.Dns.Wire;
using Xunit;

namespace Edge.Dns.Tests.Listeners;

/// <summary>A view may be chosen by the address that was asked.</summary>
public sealed class AskedAtTests
{
    private static TestNameserver Server()
    {
        var server = TestNameserver.WithViews(
            ("example.com.", "@ 300 SOA ns h 1 7200 900 1209600 300\n@ 300 NS ns\nns 300 A 192.168.1.53\nweb 300 A 192.168.1.80"),
            ("example.com.", "@ 300 SOA ns h 1 7200 900 1209600 300\n@ 300 NS ns\nns 300 A 192.0.2.53\nweb 300 A 192.0.2.80"));
        server.Views = new ViewSet(
        [
            View.Declare("lan", [IPNetwork.Parse("192.168.1.0/24")], askedAt: [IPAddress.Parse("10.0.0.1"), IPAddress.Parse("2001:db8::1")]),
            View.Declare("public", [], askedAt: [IPAddress.Parse("10.0.0.2")]),
        ]);
        return server;
    }

    [Theory]
    [InlineData("the client's network decides where the address asked does not", "192.168.1.20", "192.168.1.1", "192.168.1.80")]
    [InlineData("everybody else is public", "198.51.100.7", "192.168.1.1", "192.0.2.80")]
    [InlineData("the address asked shows its view to strangers", "198.51.100.7", "10.0.0.1", "192.168.1.80")]
    [InlineData("over IPv6 too", "2001:db8:9::1", "2001:db8::1", "192.168.1.80")]
    [InlineData("the address asked goes before the network of the client", "192.168.1.20", "10.0.0.2", "192.0.2.80")]
    [InlineData("a listener that does not know the address asked leaves it to the network", "192.168.1.20", null, "192.168.1.80")]
    public void The_view_is(string what, string client, string? asked, string expected)
    {
        var answer = new byte[1232];
        var context = new QueryContext(ClientAddress.From(IPAddress.Parse(client)), Transport.Udp, asked is null ? default : ClientAddress.From(IPAddress.Parse(asked)));
        Server().Processor.Process(TestNameserver.Query("web.example.com.", "A"), context, answer, out var length);
        Assert.Equal((what, RData.Address(IPAddress.Parse(expected))), (what, TestNameserver.Read(answer[..length]).Answer.Single().Data));
    }

    [Theory]
    [InlineData("", "127.0.0.78", "REFUSED")]
    [InlineData("", "127.0.0.77", "NOERROR")]
    [InlineData("+tcp", "127.0.0.77", "NOERROR")]
    [InlineData("+tcp", "127.0.0.78", "REFUSED")]
    public async Task Every_listener_knows_the_address_asked(string how, string asked, string status)
    {
        await using var server = new ListeningServer(address: IPAddress.Any);
        server.Nameserver.Views = new ViewSet([View.Declare("lan", [], askedAt: [IPAddress.Parse("127.0.0.77")])]);
        server.Nameserver.Zones = new Edge.Dns.Zones.ZoneSet(["lan", "public"], [[TestNameserver.ZoneOf("example.com.", ListeningServer.Zone)], []]);
        Assert.Contains($"status: {status}", server.Run("dig", $"@{asked} {how} web.example.com A"));
    }

    [Fact]
    public async Task Every_listener_knows_the_address_asked_over_IPv6()
    {
        await using var server = new ListeningServer(address: IPAddress.IPv6Any);
        server.Nameserver.Views = new ViewSet([View.Declare("lan", [], askedAt: [IPAddress.IPv6Loopback])]);
        server.Nameserver.Zones = new Edge.Dns.Zones.ZoneSet(["lan", "public"], [[TestNameserver.ZoneOf("example.com.", ListeningServer.Zone)], []]);
        Assert.Contains("status: NOERROR", server.Run("dig", "@::1 web.example.com A"));
        Assert.Contains("status: NOERROR", server.Run("dig", "@::1 +tcp web.example.com A"));
    }

    [Fact]
    public void A_view_that_anybody_enters_does_not_recurse_unless_told() =>
        Assert.Equal(
            (false, true, true),
            (View.Declare("a", [], null, [IPAddress.Loopback]).Recursion, View.Declare("b", [], true, [IPAddress.Loopback]).Recursion, View.Declare("c", []).Recursion));
}
