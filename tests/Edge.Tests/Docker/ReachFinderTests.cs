using System.Net;
using Edge.Docker;
using Xunit;

namespace Edge.Tests.Docker;

/// <summary>How a container is reached, and that the choice is said.</summary>
public sealed class ReachFinderTests
{
    [Theory]
    [InlineData("a network that this machine shares", "bridge 172.17.0.2", null, "172.17.0.2:80", "its address in the network bridge, which this machine shares")]
    [InlineData("of several the first by name", "front 172.18.0.2, bridge 172.17.0.2", null, "172.17.0.2:80", "in the network bridge,")]
    [InlineData("or the one of the settings", "bridge 172.17.0.2, front 172.18.0.2", "front", "172.18.0.2:80", "in the network front, which edge.yaml names")]
    [InlineData("the settings' network is no must", "bridge 172.17.0.2", "front", "172.17.0.2:80", "in the network bridge, which this machine shares")]
    [InlineData("not one of somebody else", "other 10.9.0.2, bridge 172.17.0.2", null, "172.17.0.2:80", "in the network bridge,")]
    [InlineData("not one that is in our subnet and yet apart", "mac 192.168.1.77", null, "127.0.0.1:18080", "a published port, because this machine is in none of its networks (mac 192.168.1.77)")]
    [InlineData("IPv6 where there is nothing else", "six fd00:18::2", null, "[fd00:18::2]:80", "in the network six,")]
    [InlineData("published where no network is shared", "other 10.9.0.2", null, "127.0.0.1:18080", "a published port")]
    [InlineData("rootless, without any address", "", null, "127.0.0.1:18080", "in none of its networks (none)")]
    public void Chosen(string why, string networks, string? preferred, string at, string how)
    {
        var container = With(networks);
        var reach = Containers.Finder(preferred).Find(container, null, null, out var wrong);
        Assert.Equal((why, null, at), (why, wrong, reach!.Find(80, isUdp: false)?.ToString()));
        Assert.Contains(how, reach.How, StringComparison.Ordinal);
    }

    [Fact]
    public void The_host_network_is_the_loopback()
    {
        var reach = Containers.Finder().Find(With("") with { NetworkMode = "host" }, null, null, out _);
        Assert.Equal("127.0.0.1:9000", reach!.Find(9000, isUdp: false)?.ToString());
        Assert.Contains("(host)", reach.How, StringComparison.Ordinal);
    }

    [Fact]
    public void The_network_of_another_container_is_its_own()
    {
        var container = With("") with { NetworkMode = "container:77", Published = [] };
        var vpn = Containers.Web("") with { Id = "77", Name = "vpn" };
        Assert.Equal("172.17.0.2:80", Containers.Finder().Find(container, vpn, null, out _)!.Find(80, isUdp: false)?.ToString());
        Assert.Null(Containers.Finder().Find(container, null, null, out var wrong));
        Assert.Equal("it uses the network of a container that does not run", wrong);
    }

    [Fact]
    public void A_port_that_is_not_published_is_not_reached_from_outside()
    {
        var reach = Containers.Finder().Find(With("other 10.9.0.2"), null, null, out _)!;
        Assert.Null(reach.Find(81, isUdp: false));
        Assert.Null(reach.Find(80, isUdp: true));
    }

    private static Container With(string networks) => Containers.Web("") with
    {
        Networks = [.. networks.Split(", ", StringSplitOptions.RemoveEmptyEntries).Select(text => text.Split(' ')).Select(words => Containers.In(words[0], words[1])).OrderBy(network => network.Name, StringComparer.Ordinal)],
        Published = [new PublishedPort(80, false, IPEndPoint.Parse("127.0.0.1:18080"))],
    };
}
