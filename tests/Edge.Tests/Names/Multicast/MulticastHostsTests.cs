using System.Collections.Immutable;
using System.Net;
using Edge.Dns.Multicast;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Edge.Names;
using Edge.Names.Multicast;
using Edge.Tests.Names.Leases;
using Microsoft.Extensions.Logging.Abstractions;

namespace Edge.Tests.Names.Multicast;

/// <summary>Names of the LAN that follow hosts in mDNS, and what goes before them.</summary>
public sealed class MulticastHostsTests
{
    private static readonly Name Tv = Name.Parse("tv.example.com");
    private static readonly HostSetting Setting = new("tv", Tv, Name.Parse("tv.local"));

    private readonly MulticastHosts _hosts = new();
    private int _changes;

    public MulticastHostsTests() => _hosts.Changed += () => _changes++;

    [Fact]
    public void A_host_has_both_families_in_the_LAN_with_a_short_time()
    {
        Hear("192.168.1.5", "fd00::5");
        Assert.Equal(["lan A 10 Spare", "lan AAAA 10 Spare"], _hosts.Current.Overlay.Select(one => $"{one.View} {one.Record.Type} {one.Record.Ttl} {one.Mode}"));
        Assert.Equal("tv.local by mDNS on eth0 (edge.yaml: hosts.tv)", _hosts.Current.Overlay[0].Record.Source.ToString());
    }

    [Fact]
    public void The_same_again_is_no_change_and_nothing_known_is_no_name()
    {
        Hear("192.168.1.5");
        Hear("192.168.1.5");
        Assert.Equal(1, _changes);
        Hear();
        Assert.Empty(_hosts.Current.Overlay);
        Assert.Equal(2, _changes);
    }

    [Fact]
    public void A_host_that_is_silent_says_so()
    {
        _hosts.Update([Setting], host => new HeardHost(host, [IPAddress.Parse("192.168.1.5")], ["eth0"], true));
        Assert.Contains("silent now", _hosts.Current.Overlay[0].Record.Source.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_host_that_is_followed_no_longer_has_no_name()
    {
        Hear("192.168.1.5");
        _hosts.Update([], host => new HeardHost(host, [], [], false));
        Assert.Empty(_hosts.Current.Overlay);
    }

    [Theory]
    [InlineData("tv.example.com", null, false)]
    [InlineData("tv.example.com", OverlayMode.Fill, false)]
    [InlineData("other.example.com", null, true)]
    [InlineData("other.example.com", OverlayMode.Fill, true)]
    public void What_a_file_or_a_service_declares_is_never_covered(string declared, OverlayMode? mode, bool isServed)
    {
        var record = new ResourceRecord(Name.Parse(declared), RecordType.TXT, 60, RData.Text("x"));
        var origin = Name.Parse("example.com");
        ImmutableArray<ResourceRecord> zone =
        [
            new(origin, RecordType.SOA, 60, RData.Soa(origin, origin, 1, 1, 1, 1, 1)), new(origin, RecordType.NS, 60, RData.Target(Name.Parse("ns.example.net"))),
            .. mode is null ? [record] : ImmutableArray<ResourceRecord>.Empty,
        ];
        var others = new SettableSource("files");
        others.Set(new DeclaredZone(origin, null, zone));
        others.Overlay(mode is { } overlay ? [new OverlayRecord(null, record, overlay)] : []);
        using var zones = new ZoneManager([others, _hosts], ["lan", "public"], NullLogger.Instance, TimeProvider.System);
        var unserved = new List<Name>();
        _hosts.Follow(zones, unserved.Add);
        Hear("192.168.1.5");
        Assert.Equal(isServed, zones.Current.Find(0, origin.Wire)!.RRsets.Any(set => set.Owner == Tv && set.Type == RecordType.A));
        Assert.DoesNotContain(zones.Current.Find(1, origin.Wire)!.RRsets, set => set.Owner == Tv && set.Type == RecordType.A);
        Assert.Equal(isServed ? [] : [Tv], unserved);
        Assert.Equal(!isServed, _hosts.Explain(Tv)?.Contains("declared otherwise", StringComparison.Ordinal) == true);
    }

    [Fact]
    public void Of_a_host_of_which_nothing_is_heard_that_is_said()
    {
        Hear();
        Assert.Equal("hosts.tv in edge.yaml takes its addresses from tv.local, of which nothing is heard in the LAN", _hosts.Explain(Tv));
        Assert.Null(_hosts.Explain(Name.Parse("nas.example.com")));
    }

    private void Hear(params string[] addresses) => _hosts.Update([Setting], host => new HeardHost(host, [.. addresses.Select(IPAddress.Parse)], ["eth0"], false));
}
