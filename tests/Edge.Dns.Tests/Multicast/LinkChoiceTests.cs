using System.Net;
using Edge.Dns.Multicast;
using Xunit;

namespace Edge.Dns.Tests.Multicast;

/// <summary>On which interfaces mDNS is spoken unless somebody says otherwise.</summary>
public sealed class LinkChoiceTests
{
    [Theory]
    [InlineData("eth0", true)]
    [InlineData("enp3s0", true)]
    [InlineData("wlan0", true)]
    [InlineData("br0", true)]
    [InlineData("docker0", false)]
    [InlineData("veth12ab", false)]
    [InlineData("br-5f3a", false)]
    [InlineData("tun0", false)]
    [InlineData("wg0", false)]
    [InlineData("virbr0", false)]
    public void Interfaces_that_nothing_is_plugged_into_are_left_out(string name, bool isOrdinary) => Assert.Equal(isOrdinary, LinkChoice.IsOrdinary(name));

    [Theory]
    [InlineData("192.168.1.10 2001:db8::1", true)]
    [InlineData("10.0.0.1", true)]
    [InlineData("172.31.0.1", true)]
    [InlineData("100.64.0.1", true)]
    [InlineData("169.254.3.4", true)]
    [InlineData("2001:db8::1", true)]
    [InlineData("203.0.113.10", false)]
    [InlineData("203.0.113.10 10.0.0.1", false)]
    [InlineData("172.32.0.1", false)]
    public void An_interface_with_a_public_IPv4_address_is_no_house(string addresses, bool isOfHouse) =>
        Assert.Equal(isOfHouse, LinkChoice.IsOfHouse([.. addresses.Split(' ').Select(IPAddress.Parse)]));

    [Fact]
    public void A_neighbour_is_known_by_the_networks_of_the_interface()
    {
        var link = new MulticastLink(1, "eth0", System.Net.Sockets.AddressFamily.InterNetwork, [IPAddress.Parse("192.168.1.10")], [IPNetwork.Parse("192.168.1.0/24"), IPNetwork.Parse("fd00::/64")]);
        Assert.True(link.IsOnLink(IPAddress.Parse("192.168.1.200")));
        Assert.True(link.IsOnLink(IPAddress.Parse("fe80::1")));
        Assert.False(link.IsOnLink(IPAddress.Parse("192.168.2.1")));
        Assert.False(link.IsOnLink(IPAddress.Parse("fd01::1")));
    }
}
