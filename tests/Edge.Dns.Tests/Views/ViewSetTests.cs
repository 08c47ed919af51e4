using Edge.Dns.Tests.Nameserver;
using System.Collections.Immutable;
using System.Net;
using Edge.Dns.Views;
using Xunit;

namespace Edge.Dns.Tests.Views;

/// <summary>Who sees which view: the most specific network wins, and nobody is without a view.</summary>
public sealed class ViewSetTests
{
    private static readonly ViewSet Set = new(
        [
            View.Declare("guests", [IPNetwork.Parse("192.168.0.0/16"), IPNetwork.Parse("2001:db8:1::/48")]),
            View.Declare("lan", []),
            View.Declare("admin", [IPNetwork.Parse("192.168.1.7/32"), IPNetwork.Parse("0.0.0.0/1"), IPNetwork.Parse("255.255.255.255/32")]),
            View.Declare("public", [IPNetwork.Parse("192.168.1.9/32")]),
            View.Declare("mapped", [IPNetwork.Parse("::ffff:203.0.113.0/120"), IPNetwork.Parse("ffff::/16")]),
        ],
        [
            new(IPNetwork.Parse("192.168.1.0/24"), "eth0"),
            new(IPNetwork.Parse("192.168.0.0/16"), "br0"),
            new(IPNetwork.Parse("2001:db8:1:2::/64"), "eth0"),
            new(IPNetwork.Parse("fd00:1::/64"), "wg0"),
            new(IPNetwork.Parse("::1/128"), "lo"),
        ]);

    [Theory]
    [InlineData("192.168.2.1", "guests", "192.168.0.0/16, declared in view guests")]
    [InlineData("192.168.1.1", "lan", "192.168.1.0/24, on-link at eth0")]
    [InlineData("192.168.1.7", "admin", "192.168.1.7/32, declared in view admin")]
    [InlineData("192.168.1.8", "lan", "192.168.1.0/24, on-link at eth0")]
    [InlineData("192.168.1.9", "public", "192.168.1.9/32, declared in view public")]
    [InlineData("192.168.255.255", "guests", "192.168.0.0/16, declared in view guests")]
    [InlineData("192.169.0.0", "public", "no network matches")]
    [InlineData("::ffff:192.168.1.1", "lan", "192.168.1.0/24, on-link at eth0")]
    [InlineData("203.0.113.200", "mapped", "203.0.113.0/24, declared in view mapped")]
    [InlineData("2001:db8:1:2::5", "lan", "2001:db8:1:2::/64, on-link at eth0")]
    [InlineData("2001:db8:1:3::5", "guests", "2001:db8:1::/48, declared in view guests")]
    [InlineData("2001:db8:2::5", "public", "no network matches")]
    [InlineData("fd00:1::99", "lan", "fd00:1::/64, on-link at wg0")]
    [InlineData("::1", "lan", "::1/128, on-link at lo")]
    [InlineData("::2", "public", "no network matches")]
    [InlineData("::", "public", "no network matches")]
    [InlineData("0.0.0.0", "admin", "0.0.0.0/1, declared in view admin")]
    [InlineData("127.255.255.255", "admin", "0.0.0.0/1, declared in view admin")]
    [InlineData("128.0.0.0", "public", "no network matches")]
    [InlineData("255.255.255.255", "admin", "255.255.255.255/32, declared in view admin")]
    [InlineData("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "mapped", "ffff::/16, declared in view mapped")]
    public void The_most_specific_network_names_the_view(string client, string view, string why)
    {
        var address = IPAddress.Parse(client);
        Assert.Equal(view, Set[Set.Match(address)].Name);
        Assert.Equal(view, Set[Set.Match(address.GetAddressBytes())].Name);
        Assert.Equal($"{view}: {why}", Set.Explain(address).ToString());
    }

    [Fact]
    public void Public_is_always_there_and_last()
    {
        Assert.Equal(["guests", "lan", "admin", "mapped", "public"], Set.Views.Select(v => v.Name));
        Assert.Equal(["public"], new ViewSet([]).Views.Select(v => v.Name));
        Assert.Equal(0, new ViewSet([]).Match(IPAddress.Parse("10.0.0.1")));
        Assert.Equal(Set.PublicIndex, Set.Match(ReadOnlySpan<byte>.Empty));
        Assert.Equal(4, Set.IndexOf("public"));
        Assert.Equal(-1, Set.IndexOf("nobody"));
    }

    [Theory]
    [InlineData("lan", "", true, true)]
    [InlineData("lan", "127.0.0.1/32", true, false)]
    [InlineData("guests", "", true, false)]
    [InlineData("public", "", false, false)]
    public void The_defaults_of_a_declared_view(string name, string client, bool recursion, bool onLink)
    {
        ImmutableArray<IPNetwork> clients = client.Length == 0 ? [] : [IPNetwork.Parse(client)];
        var view = View.Declare(name, clients);
        Assert.Equal((recursion, onLink), (view.Recursion, view.OnLink));
    }

    [Fact]
    public void The_answer_is_that_of_a_linear_search_for_random_networks()
    {
        var random = new Random(7);
        for (var round = 0; round < 200; round++)
        {
            // Few distinct leading bits, so that networks nest deeply and touch each other.
            var networks = Enumerable.Range(0, 30).Select(_ => OnLinkPrefixes.Network([(byte)random.Next(4), (byte)random.Next(4), 0, (byte)random.Next(256)], random.Next(0, 33))).Distinct().ToArray();
            var set = new ViewSet([.. networks.Select((n, i) => View.Declare($"v{i}", [n]))]);
            for (var probe = 0; probe < 200; probe++)
            {
                var address = new IPAddress([(byte)random.Next(5), (byte)random.Next(5), 0, (byte)random.Next(256)]);
                var expected = networks.Select((n, i) => (n, i)).Where(x => x.n.Contains(address)).OrderByDescending(x => x.n.PrefixLength).Select(x => x.i).DefaultIfEmpty(networks.Length).First();
                Assert.Equal(expected, set.Match(address));
            }
        }
    }

    [Fact]
    public void Matching_allocates_nothing()
    {
        var addresses = new[] { IPAddress.Parse("192.168.1.1"), IPAddress.Parse("::ffff:192.168.1.1"), IPAddress.Parse("2001:db8::1") };
        var sum = 0;
        for (var warm = 0; warm < 100; warm++)
        {
            sum += Set.Match(addresses[warm % 3]);
        }

        var bytes = Allocated.By(() =>
        {
            for (var i = 0; i < 1000; i++)
            {
                sum += Set.Match(addresses[i % 3]);
            }
        });
        Assert.Equal(0, bytes);
        Assert.True(sum > 0);
    }
}
