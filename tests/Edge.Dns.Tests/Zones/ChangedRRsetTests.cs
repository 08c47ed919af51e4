using System.Collections.Immutable;
using System.Net;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Edge.Dns.Tests.Zones;

/// <summary>What updates left is served in place of what files declare; which views see it follows the files' own rule.</summary>
public sealed class ChangedRRsetTests
{
    private static readonly Name Origin = Name.Parse("example.com.");

    public static TheoryData<string, string?, string, string, string> Cases => new()
    {
        { "a change for all replaces the set in every view", null, "www", "public", "192.0.2.99" },
        { "a change for all is seen by a view that has no owner of its own", null, "www", "lan", "192.0.2.99" },
        { "a view's own owner is not touched by a change for all", null, "nas", "lan", "192.168.1.10" },
        { "and the others see the change", null, "nas", "public", "192.0.2.99" },
        { "a view's change is the view's", "lan", "nas", "lan", "192.0.2.99" },
        { "and nobody else's", "lan", "nas", "public", "203.0.113.10" },
        { "a name can appear by a change", null, "new", "lan", "192.0.2.99" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_change_is_served(string title, string? view, string owner, string asker, string address)
    {
        Assert.NotEmpty(title);
        var change = new ChangedRRset(view, Origin.Prepend(owner), RecordType.A, 60, [RData.Address(IPAddress.Parse("192.0.2.99"))], default);
        var zone = Served(asker, [change]);
        var set = zone.Find(Origin.Prepend(owner), RecordType.A);
        Assert.NotNull(set);
        Assert.Equal(address, new IPAddress(set.Data.Single().Wire).ToString());
    }

    [Fact]
    public void A_set_can_be_taken_away_and_the_name_keeps_its_other_types()
    {
        var zone = Served("public", [new ChangedRRset(null, Origin.Prepend("www"), RecordType.A, 0, [], default)]);
        Assert.Null(zone.Find(Origin.Prepend("www"), RecordType.A));
        Assert.NotNull(zone.Find(Origin.Prepend("www"), RecordType.TXT));
    }

    [Fact]
    public void A_change_raises_the_serial_of_the_views_that_see_it()
    {
        var source = new ChangingSource();
        using var manager = new ZoneManager([source], ["lan", "public"], NullLogger.Instance, TimeProvider.System);
        var published = new List<ZonePublication>();
        manager.Published += all => published.AddRange(all);
        source.Declare([new ChangedRRset("lan", Origin.Prepend("www"), RecordType.A, 60, [RData.Address(IPAddress.Loopback)], default)]);
        var one = Assert.Single(published);
        Assert.Equal(("lan", 1u, 2u), (one.View, one.Before!.Serial, one.After!.Serial));
        var difference = ZoneDifference.Between(one.Before, one.After);
        Assert.Equal(["SOA", "A"], difference.Removed.Select(record => RecordText.FormatType(record.Type)));
        Assert.Equal(["SOA", "A"], difference.Added.Select(record => RecordText.FormatType(record.Type)));
    }

    /// <summary>A manager that follows change by change serves what one that sees the end only does.</summary>
    [Fact]
    public void Changes_one_after_the_other_come_to_the_same_as_all_at_once()
    {
        var random = new Random(20260301);
        var source = new ChangingSource();
        using var following = new ZoneManager([source], ["lan", "public"], NullLogger.Instance, TimeProvider.System);
        var changes = new List<ChangedRRset>();
        for (var round = 0; round < 300; round++)
        {
            for (var count = random.Next(1, 4); count > 0; count--)
            {
                var view = random.Next(3) switch { 0 => "lan", 1 => "public", _ => null };
                var owner = Origin.Prepend(random.Next(4) switch { 0 => "www", 1 => "nas", var other => $"n{other}{random.Next(5)}" });
                changes.RemoveAll(one => one.Owner == owner && one.View == view);
                if (random.Next(3) > 0)
                {
                    changes.Insert(random.Next(2) == 0 ? changes.Count : 0, new ChangedRRset(view, owner, RecordType.A, 60, random.Next(4) == 0 ? [] : [new RData([192, 0, 2, (byte)random.Next(256)])], default));
                }
            }

            source.Declare([.. changes]);
            using var anew = new ZoneManager([source], ["lan", "public"], NullLogger.Instance, TimeProvider.System);
            foreach (var view in (int[])[0, 1])
            {
                Assert.Equal(Lines(anew.Current.Zones(view).Single()), Lines(following.Current.Zones(view).Single()));
            }
        }
    }

    private static IEnumerable<string> Lines(Zone zone) =>
        zone.RRsets.Where(set => set.Type != RecordType.SOA).SelectMany(set => set.Records).Select(RecordText.Format).Order(StringComparer.Ordinal);

    [Fact]
    public void A_change_in_a_zone_above_does_not_reach_the_zone_below()
    {
        var child = Origin.Prepend("sub");
        var change = new ChangedRRset(null, child, RecordType.NS, 60, [RData.Target(Name.Parse("ns.example.net."))], default) { Zone = Origin };
        var source = new ChangingSource();
        source.Declare([change]);
        var below = new ChangingSource(new DeclaredZone(child, null, [RecordText.Parse("sub.example.com. 60 IN NS ns.example.org.")]));
        using var manager = new ZoneManager([source, below], ["public"], NullLogger.Instance, TimeProvider.System);
        Assert.Equal(change.Data, manager.Current.Zones(0).Single(zone => zone.Origin == Origin).Find(child, RecordType.NS)!.Data);
        Assert.NotEqual(change.Data, manager.Current.Zones(0).Single(zone => zone.Origin == child).At(child).Single().Data);
    }

    private static Zone Served(string view, ImmutableArray<ChangedRRset> changes)
    {
        var source = new ChangingSource();
        source.Declare(changes);
        using var manager = new ZoneManager([source], ["lan", "public"], NullLogger.Instance, TimeProvider.System);
        return manager.Current.Zones(manager.Current.IndexOf(view)).Single();
    }

    private sealed class ChangingSource : IZoneSource
    {
        private static readonly ImmutableArray<DeclaredZone> Zones =
        [
            Of(null, "example.com. 3600 IN SOA ns1.example.com. host.example.com. 1 7200 900 1209600 300", "example.com. 3600 IN NS ns1.example.com.", "ns1.example.com. 3600 IN A 203.0.113.1",
                "nas.example.com. 3600 IN A 203.0.113.10", "www.example.com. 3600 IN A 203.0.113.11", "www.example.com. 3600 IN TXT \"kept\""),
            Of("lan", "nas.example.com. 300 IN A 192.168.1.10"),
        ];

        public ChangingSource(params ImmutableArray<DeclaredZone> zones) => Current = new(zones.IsEmpty ? Zones : zones, []);

        public string Name => "test";

        public ZoneContribution Current { get; private set; }

        public event Action? Changed;

        public void Declare(ImmutableArray<ChangedRRset> changes)
        {
            Current = Current with { Changes = changes };
            Changed?.Invoke();
        }

        private static DeclaredZone Of(string? view, params string[] lines) => new(Origin, view, [.. lines.Select(line => RecordText.Parse(line))]);
    }
}
