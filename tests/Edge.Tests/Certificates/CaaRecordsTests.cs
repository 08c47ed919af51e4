using System.Collections.Immutable;
using System.Text;
using Edge.Certificates;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Edge.Tests.Certificates.Acme;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Edge.Tests.Certificates;

/// <summary>Which CA our zones allow (RFC 8659, RFC 8657), where their files do not say.</summary>
public sealed class CaaRecordsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeAcmeServer _server = new();

    [Fact]
    public async Task The_CA_is_allowed_with_our_account_and_our_challenges_at_our_names_once_it_is_known()
    {
        await using var room = Room(out var issuers);
        using var zones = Zones(out var source, room, issuers);
        await RegisteredAsync(room, source);
        var account = issuers[0].Main.Accounts.Known!.OriginalString;
        Assert.Equal(
            [$"issue ca.test; accounturi={account}; validationmethods=dns-01", $"issuewild ca.test; accounturi={account}; validationmethods=dns-01"],
            At(zones, "nas.example.test"));
        Assert.Empty(At(zones, "example.test"));
        Assert.Empty(At(zones, "photos.nas.example.test"));
    }

    [Theory]
    [InlineData("nas.example.test")]
    [InlineData("example.test")]
    public async Task Where_a_file_says_who_may_issue_nothing_is_added(string owner)
    {
        await using var room = Room(out var issuers);
        using var zones = Zones(out var source, room, issuers, new ZoneWithCaa(owner));
        await RegisteredAsync(room, source);
        Assert.Equal(owner == "nas.example.test" ? ["issue other.test"] : [], At(zones, "nas.example.test"));
    }

    [Fact]
    public async Task Of_a_CA_that_does_not_say_how_it_is_called_nothing_is_said()
    {
        _server.Meta = "{}";
        await using var room = Room(out var issuers);
        using var zones = Zones(out var source, room, issuers);
        await RegisteredAsync(room, source);
        Assert.Empty(At(zones, "nas.example.test"));
    }

    [Fact]
    public async Task A_name_that_is_there_by_a_wildcard_only_is_left_alone()
    {
        await using var room = Room(out var issuers);
        room.Serve("shop.example.test");
        using var zones = Zones(out var source, room, issuers);
        await RegisteredAsync(room, source);
        Assert.Equal(["example.test.", "nas.example.test."], source.Current.Overlay.Select(overlay => overlay.Record.Owner.ToString()).Distinct().Order(StringComparer.Ordinal));
    }

    public void Dispose() => _folder.Dispose();

    private RunningRoom Room(out ImmutableArray<PublicIssuer> issuers)
    {
        issuers = [new PublicIssuer(RunningRoom.Issuer(_folder.Path, FakeAcmeServer.Directory, _server, TimeProvider.System, new LogLines()))];
        return new RunningRoom(_folder.Path, _server, TimeProvider.System, issuers: issuers);
    }

    private static ZoneManager Zones(out CaaRecords source, RunningRoom room, ImmutableArray<PublicIssuer> issuers, IZoneSource? more = null)
    {
        ZoneManager? manager = null;
        source = new CaaRecords(new OwnZones(() => manager?.Current), room.Manager, issuers);
        return manager = new ZoneManager([more ?? new ExampleZone(), source], ["lan", "public"], NullLogger.Instance, TimeProvider.System);
    }

    private static async Task RegisteredAsync(RunningRoom room, CaaRecords source)
    {
        source.Refresh();
        await Eventually.TrueAsync(() => room.IssuerOf("nas.example.test") == "ca.test-dir", () => string.Join("\n", room.Log.Lines));
        source.Refresh();
        source.Refresh();
    }

    private static IEnumerable<string> At(ZoneManager zones, string name)
    {
        var views = new OwnZones(() => zones.Current).Look(Name.Parse(name), RecordType.CAA).ToList();
        Assert.Equal(2, views.Count);
        var said = views.Select(found => found.RRsets.Where(set => set.Type == RecordType.CAA).SelectMany(set => set.Data).Select(Text).Order(StringComparer.Ordinal).ToList()).ToList();
        Assert.Equal(said[0], said[1]);
        return said[0];
    }

    private static string Text(RData data) => $"{Encoding.ASCII.GetString(data.Wire.Slice(2, data.Wire[1]))} {Encoding.ASCII.GetString(data.Wire[(2 + data.Wire[1])..])}";

    private sealed class ZoneWithCaa(string owner) : IZoneSource
    {
        private readonly ExampleZone _zone = new();

        public event Action? Changed
        {
            add { }
            remove { }
        }

        public string Name => "files";

        public ZoneContribution Current => new([new DeclaredZone(_zone.Current.Zones[0].Origin, null, [.. _zone.Current.Zones[0].Records, new(Edge.Dns.Wire.Name.Parse(owner), RecordType.CAA, 300, CaaRecords.Data("issue", "other.test"))])], []);
    }
}
