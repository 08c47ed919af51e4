using System.Collections.Immutable;
using System.Net;
using Edge.Dns.Views;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Edge.Dns.Tests.Views;

/// <summary>"lan" is what this machine is attached to, not what RFC 1918 says.</summary>
public sealed class OnLinkPrefixesTests
{
    [Fact]
    public void Both_families_and_overlays_count_and_follow_the_interfaces()
    {
        using var net = NetworkNamespace.CreateOrSkip();
        net.Ip("link set lo up");
        net.Ip("link add lan0 type veth peer name lan1");
        net.Ip("link set lan1 up");
        net.Ip("link set lan0 up");
        net.Ip("addr add 192.168.77.10/24 dev lan0");
        net.Ip("addr add 2001:db8:77::10/64 dev lan0 nodad");
        net.Ip("addr add fd77::10/48 dev lan0 nodad");
        net.Ip("link add overlay0 type veth peer name overlay1");
        net.Ip("link set overlay1 up");
        net.Ip("link set overlay0 up");
        net.Ip("addr add 100.64.3.4/32 dev overlay0");
        using var onLink = new OnLinkPrefixes(() => net.Inside(OnLinkPrefixes.Read), new FakeTimeProvider());
        using var views = new ViewManager([View.Declare("lan", [])], onLink);
        var before = onLink.Current.Select(p => $"{p.Network} {p.Interface}").ToArray();

        Assert.Contains("127.0.0.0/8 lo", before);
        Assert.Contains("::1/128 lo", before);
        Assert.Contains("192.168.77.0/24 lan0", before);
        Assert.Contains("2001:db8:77::/64 lan0", before);
        Assert.Contains("fd77::/48 lan0", before);
        Assert.Contains("100.64.3.4/32 overlay0", before);
        Assert.Equal("lan", ViewOf(views, "2001:db8:77::1234"));

        net.Ip("addr add 10.9.0.1/16 dev lan0");
        net.Ip("addr del 2001:db8:77::10/64 dev lan0");
        onLink.Refresh();

        Assert.Equal("lan", ViewOf(views, "10.9.8.7"));
        Assert.Equal("public", ViewOf(views, "2001:db8:77::1234"));
        Assert.Equal("lan: 10.9.0.0/16, on-link at lan0", views.Current.Explain(IPAddress.Parse("10.9.8.7")).ToString());
    }

    [Fact]
    public void An_interface_that_is_down_is_not_on_link()
    {
        using var net = NetworkNamespace.CreateOrSkip();
        net.Ip("link add lan0 type veth peer name lan1");
        net.Ip("addr add 192.168.77.10/24 dev lan0");
        Assert.DoesNotContain(net.Inside(OnLinkPrefixes.Read), p => p.Interface == "lan0");
    }

    [Fact]
    public void A_change_that_no_event_told_is_found_by_the_poll()
    {
        ImmutableArray<OnLinkPrefix> now = [new(IPNetwork.Parse("10.0.0.0/24"), "eth0")];
        var time = new FakeTimeProvider();
        using var onLink = new OnLinkPrefixes(() => now, time);
        using var views = new ViewManager([View.Declare("lan", [])], onLink);
        var changes = 0;
        views.Changed += () => changes++;

        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(0, changes);
        now = [new(IPNetwork.Parse("10.0.1.0/24"), "eth0")];
        time.Advance(TimeSpan.FromSeconds(30));

        Assert.Equal(1, changes);
        Assert.Equal(("public", "lan"), (ViewOf(views, "10.0.0.9"), ViewOf(views, "10.0.1.9")));
    }

    [Fact]
    public void What_cannot_be_read_stays_as_it_was()
    {
        var broken = false;
        var time = new FakeTimeProvider();
        using var onLink = new OnLinkPrefixes(() => broken ? throw new IOException("gone") : [new(IPNetwork.Parse("10.0.0.0/24"), "eth0")], time);
        broken = true;
        onLink.Refresh();
        Assert.Single(onLink.Current);
    }

    [Fact]
    public void Declared_views_are_replaced_in_one_step()
    {
        using var onLink = new OnLinkPrefixes(() => [new(IPNetwork.Parse("10.0.0.0/24"), "eth0")], new FakeTimeProvider());
        using var views = new ViewManager([View.Declare("lan", [])], onLink);
        views.Declare([View.Declare("lan", [IPNetwork.Parse("127.0.0.1/32")])]);
        Assert.Equal(("public", "lan"), (ViewOf(views, "10.0.0.9"), ViewOf(views, "127.0.0.1")));
    }

    private static string ViewOf(ViewManager views, string client) => views.Current[views.Current.Match(IPAddress.Parse(client))].Name;
}
