using System.Collections.Immutable;
using System.Text;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Edge.Dns.Zones.MasterFile;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Edge.Dns.Tests.Zones;

/// <summary>How declarations of several sources become one zone per view.</summary>
public sealed class ZoneManagerTests
{
    private const string Zone = """
        $TTL 1h
        @ SOA ns1 hostmaster 100 1h 15m 2w 5m
        @ NS ns1
        @ A 203.0.113.1
        ns1 A 203.0.113.1
        nas A 203.0.113.10
        nas AAAA 2001:db8::10
        *.nas CNAME nas
        alias CNAME nas
        txt TXT "file"
        sub NS ns.sub
        ns.sub A 203.0.113.53
        old DNAME example.net.
        """;

    private readonly TestSource _files = new("files");
    private readonly TestSource _services = new("services");

    public ZoneManagerTests() => Files(("example.com.", null, Zone));

    [Theory]
    [InlineData("a name of the view's file answers every type", "nas A 192.168.1.10", "nas", "A 192.168.1.10", "A 203.0.113.10|AAAA 2001:db8::10")]
    [InlineData("other names stay", "nas A 192.168.1.10", "txt", "TXT \"file\"", "TXT \"file\"")]
    [InlineData("a name of the view alone", "router A 192.168.1.1", "router", "A 192.168.1.1", "")]
    [InlineData("the apex keeps SOA and NS", "@ A 192.168.1.10", "@", "A 192.168.1.10|NS ns1.example.com.|SOA", "A 203.0.113.1|NS ns1.example.com.|SOA")]
    [InlineData("the apex takes NS of the view", "@ NS ns.lan", "@", "NS ns.lan.example.com.|SOA", "A 203.0.113.1|NS ns1.example.com.|SOA")]
    [InlineData("an alias becomes an address", "alias A 192.168.1.10", "alias", "A 192.168.1.10", "CNAME nas.example.com.")]
    [InlineData("an address becomes an alias", "nas CNAME router", "nas", "CNAME router.example.com.", "A 203.0.113.10|AAAA 2001:db8::10")]
    public void A_view_file_replaces_whole_names(string rule, string view, string owner, string lan, string everybody)
    {
        Files(("example.com.", null, Zone), ("example.com.", "lan", "$TTL 1h\n" + view));
        using var manager = Manager();
        Assert.Equal((rule, lan), (rule, At(manager, "lan", owner)));
        Assert.Equal((rule, everybody), (rule, At(manager, "public", owner)));
    }

    [Theory]
    [InlineData("a name no file has", null, OverlayMode.Fill, "photos.nas A 192.168.1.20", "A 192.168.1.20", "A 192.168.1.20", 0)]
    [InlineData("for one view only", "lan", OverlayMode.Fill, "photos.nas A 192.168.1.20", "A 192.168.1.20", "", 0)]
    [InlineData("a file keeps its name", null, OverlayMode.Fill, "nas A 192.168.1.20", "A 192.168.1.10", "A 203.0.113.10|AAAA 2001:db8::10", 0)]
    [InlineData("the view's file keeps its name, in its view", null, OverlayMode.Fill, "router A 192.168.1.20", "A 192.168.1.1", "A 192.168.1.20", 0)]
    [InlineData("another record joins", null, OverlayMode.Add, "txt TXT \"challenge\"", "TXT \"challenge\"|TXT \"file\"", "TXT \"challenge\"|TXT \"file\"", 0)]
    [InlineData("a record joins a name that has other types", null, OverlayMode.Add, "nas TXT \"x\"", "A 192.168.1.10|TXT \"x\"", "A 203.0.113.10|AAAA 2001:db8::10|TXT \"x\"", 0)]
    [InlineData("nothing joins a CNAME", null, OverlayMode.Add, "alias TXT \"x\"", "CNAME nas.example.com.", "CNAME nas.example.com.", 1)]
    [InlineData("below a delegation nothing is answered", null, OverlayMode.Fill, "x.sub A 192.168.1.20", "", "", 1)]
    [InlineData("at a delegation nothing joins", null, OverlayMode.Add, "sub TXT \"x\"", "NS ns.sub.example.com.", "NS ns.sub.example.com.", 1)]
    [InlineData("below a DNAME nothing is answered", null, OverlayMode.Fill, "x.old A 192.168.1.20", "", "", 1)]
    [InlineData("outside of all zones nothing is served", null, OverlayMode.Fill, "x.example.net. A 192.168.1.20", "", "", 1)]
    [InlineData("a view that is not there", "guests", OverlayMode.Fill, "y A 192.168.1.20", "", "", 1)]
    public void An_overlay_record(string rule, string? view, OverlayMode mode, string record, string lan, string everybody, int unplaced)
    {
        Files(("example.com.", null, Zone), ("example.com.", "lan", "$TTL 1h\nnas A 192.168.1.10\nrouter A 192.168.1.1"));
        _services.Set(ZoneContribution.Empty with { Overlay = [Overlay(view, mode, record)] });
        using var manager = Manager();
        var owner = record.Split(' ')[0];
        Assert.Equal((rule, lan, everybody, unplaced), (rule, At(manager, "lan", owner), At(manager, "public", owner), manager.Unplaced.Length));
    }

    [Fact]
    public void A_challenge_joins_a_name_that_a_service_made()
    {
        _services.Set(ZoneContribution.Empty with { Overlay = [Overlay(null, OverlayMode.Add, "p TXT \"x\""), Overlay(null, OverlayMode.Fill, "p A 1.1.1.1")] });
        using var manager = Manager();
        Assert.Equal("A 1.1.1.1|TXT \"x\"", At(manager, "public", "p"));
    }

    [Fact]
    public void The_closest_zone_takes_the_record()
    {
        Files(("example.com.", null, Zone), ("lab.example.com.", null, Zone));
        _services.Set(ZoneContribution.Empty with { Overlay = [Overlay(null, OverlayMode.Fill, "x.lab A 1.1.1.1")] });
        using var manager = Manager();
        var zone = manager.Current.Find(0, Name.Parse("x.lab.example.com").Wire)!;
        Assert.Equal("lab.example.com.", zone.Origin.ToString());
        Assert.Contains(zone.RRsets, set => set.Owner == Name.Parse("x.lab.example.com"));
    }

    [Fact]
    public void Only_what_is_touched_is_rebuilt_and_it_is_served_when_the_source_returns()
    {
        Files(("example.com.", null, Zone), ("example.net.", null, Zone));
        using var manager = Manager();
        var before = manager.Current;
        var changes = 0;
        manager.Changed += () => changes++;
        _services.Set(ZoneContribution.Empty with { Overlay = [Overlay("lan", OverlayMode.Fill, "p A 1.1.1.1")] });
        Assert.Equal("A 1.1.1.1", At(manager, "lan", "p"));
        Assert.Equal([false, true], Same(before, manager.Current, 0));
        Assert.Equal([true, true], Same(before, manager.Current, 1));
        _services.Set(new ZoneContribution([], _services.Current.Overlay));
        Assert.Equal(1, changes);
    }

    [Fact]
    public void A_serial_grows_with_what_its_view_sees_and_never_goes_back()
    {
        using var manager = Manager();
        Assert.Equal((100u, 100u), Serials(manager));
        _services.Set(ZoneContribution.Empty with { Overlay = [Overlay("lan", OverlayMode.Fill, "p A 1.1.1.1")] });
        Assert.Equal((101u, 100u), Serials(manager));
        _services.Set(ZoneContribution.Empty);
        Assert.Equal((102u, 100u), Serials(manager));

        // A comment, or records in another order, is no change.
        Files(("example.com.", null, "; hello\n" + Zone));
        Assert.Equal((102u, 100u), Serials(manager));

        // Forgotten to raise, raised, and set back by hand.
        Files(("example.com.", null, Zone + "\nq A 1.1.1.1"));
        Assert.Equal((103u, 101u), Serials(manager));
        Files(("example.com.", null, Zone.Replace(" 100 ", " 2026010100 ", StringComparison.Ordinal)));
        Assert.Equal((2026010100u, 2026010100u), Serials(manager));
        Files(("example.com.", null, Zone.Replace(" 100 ", " 1 ", StringComparison.Ordinal) + "\nq A 1.1.1.1"));
        Assert.Equal((2026010101u, 2026010101u), Serials(manager));

        // A zone that was away for a while is not younger when it returns.
        Files();
        Assert.Empty(manager.Current.Zones(0));
        Files(("example.com.", null, Zone));
        Assert.Equal((2026010102u, 2026010102u), Serials(manager));
    }

    [Fact]
    public void Serials_go_round_in_a_circle() // RFC 1982 §3
    {
        Files(("example.com.", null, Zone.Replace(" 100 ", " 4294967295 ", StringComparison.Ordinal)));
        using var manager = Manager();
        Files(("example.com.", null, Zone.Replace(" 100 ", " 4294967295 ", StringComparison.Ordinal) + "\nq A 1.1.1.1"));
        Assert.Equal((0u, 0u), Serials(manager));
    }

    [Fact]
    public void What_is_explained_names_the_line_even_when_only_lines_moved()
    {
        using var manager = Manager();
        Files(("example.com.", null, "\n\n" + Zone));
        Assert.Equal(12, manager.Current.Zones(0)[0].RRsets.Single(set => set.Type == RecordType.TXT).Source.Line);
    }

    private ZoneManager Manager() => new([_files, _services], ["lan", "public"], NullLogger.Instance, TimeProvider.System);

    private void Files(params (string Origin, string? View, string Text)[] zones) => _files.Set(new ZoneContribution(
        [.. zones.Select(zone => new DeclaredZone(Name.Parse(zone.Origin), zone.View, ZoneFileParser.Parse("zones/z", Encoding.UTF8.GetBytes(zone.Text), Name.Parse(zone.Origin)).Records))],
        []));

    private static OverlayRecord Overlay(string? view, OverlayMode mode, string record) => new(view, RecordText.Parse(record, Name.Parse("example.com.")), mode);

    private static bool[] Same(ZoneSet before, ZoneSet after, int view) => [.. before.Zones(view).Zip(after.Zones(view), ReferenceEquals)];

    private static (uint Lan, uint Everybody) Serials(ZoneManager manager) => (Serial(manager, 0), Serial(manager, 1));

    private static uint Serial(ZoneManager manager, int view) =>
        SerialArithmetic.Of(manager.Current.Zones(view)[0].RRsets.Single(set => set.Type == RecordType.SOA).Data[0]);

    private static string At(ZoneManager manager, string view, string owner)
    {
        Assert.True(Name.TryParse(owner, Name.Parse("example.com."), out var name, out _));
        var records = manager.Current.Find(manager.Current.IndexOf(view), name.Wire)?.RRsets.Where(set => set.Owner == name).SelectMany(set => set.Records) ?? [];
        return string.Join('|', records.Select(record => record.Type == RecordType.SOA ? "SOA" : $"{record.Type} {RecordText.FormatData(record.Type, record.Data)}").Order(StringComparer.Ordinal));
    }

    private sealed class TestSource(string name) : IZoneSource
    {
        public string Name => name;

        public ZoneContribution Current { get; private set; } = ZoneContribution.Empty;

        public event Action? Changed;

        public void Set(ZoneContribution contribution)
        {
            Current = contribution;
            Changed?.Invoke();
        }
    }
}
