using System.Collections.Immutable;
using System.Text;
using Edge.Acme;
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

    /// <summary>A test CA goes by its CA's name, and has an account of its own.</summary>
    [Fact]
    public async Task The_test_CA_that_is_asked_about_doubted_names_is_allowed_too()
    {
        var (staging, failures) = (new FakeAcmeServer("staging.test"), 0);
        _server.Validate = _ => failures++ > 0;
        var issuers = ImmutableArray.Create(new PublicIssuer(Issuer(FakeAcmeServer.Directory, _server), Issuer(new Uri("https://staging.test/dir"), staging)));
        await using var room = new RunningRoom(_folder.Path, _server, TimeProvider.System, issuers: issuers);
        using var zones = Zones(out var source, room, issuers);
        _server.MayIssue = staging.MayIssue = new CaaLaw(new OwnZones(() => zones.Current), "ca.test").MayIssue;
        await Eventually.TrueAsync(
            () =>
            {
                source.Refresh();
                return room.IssuerOf("nas.example.test") == "ca.test-dir";
            },
            () => string.Join("\n", room.Log.Lines));
        Assert.DoesNotContain(staging.Orders, order => order.Forbidden.Contains(true));
        Assert.Contains(At(zones, "nas.example.test"), said => said.Contains("accounturi=https://staging.test/", StringComparison.Ordinal));
    }

    /// <summary>CAA is the affair of the records, not of the names: what the test CA says of it is no reason to wait for it.</summary>
    [Fact]
    public async Task A_CAA_record_that_forbids_the_test_CA_keeps_nobody_from_the_CA()
    {
        var (staging, failures) = (new FakeAcmeServer("staging.test"), 0);
        _server.Validate = _ => failures++ > 0;
        staging.MayIssue = (_, _, _) => false;
        await using var room = new RunningRoom(_folder.Path, _server, TimeProvider.System, issuers: [new PublicIssuer(Issuer(FakeAcmeServer.Directory, _server), Issuer(new Uri("https://staging.test/dir"), staging))]);
        await Eventually.TrueAsync(() => room.IssuerOf("nas.example.test") == "ca.test-dir", () => string.Join("\n", room.Log.Lines));
        Assert.NotEmpty(staging.Orders);
    }

    /// <summary>One that is only asked when the first says no has no account until then.</summary>
    [Fact]
    public async Task A_CA_without_an_account_is_allowed_by_its_name_beside_one_with_an_account()
    {
        var second = new FakeAcmeServer("second.test") { Meta = """{"caaIdentities":["second.test"]}""" };
        var issuers = ImmutableArray.Create(new PublicIssuer(Issuer(FakeAcmeServer.Directory, _server)), new PublicIssuer(Issuer(new Uri("https://second.test/dir"), second)));
        await using var room = new RunningRoom(_folder.Path, _server, TimeProvider.System, issuers: issuers);
        using var zones = Zones(out var source, room, issuers);
        await RegisteredAsync(room, source);
        await Eventually.TrueAsync(
            () =>
            {
                source.Refresh();
                return At(zones, "nas.example.test").Any();
            },
            () => "nothing is said");
        var law = new CaaLaw(new OwnZones(() => zones.Current), "ca.test");
        Assert.True(law.MayIssue("*.nas.example.test", issuers[0].Main.Accounts.Known!, "dns-01"));
        Assert.False(law.MayIssue("*.nas.example.test", new Uri("https://ca.test/account/stranger"), "dns-01"));
        Assert.True(new CaaLaw(new OwnZones(() => zones.Current), "second.test").MayIssue("*.nas.example.test", new Uri("https://second.test/account/1"), "dns-01"));
        Assert.DoesNotContain(second.Requests, line => line.StartsWith("POST", StringComparison.Ordinal));
    }

    /// <summary>One that is asked only when the first says no may be away when Edge starts: what it is called is known from before.</summary>
    [Fact]
    public async Task How_a_CA_without_an_account_is_called_outlives_a_restart()
    {
        var second = new FakeAcmeServer("second.test") { Meta = """{"caaIdentities":["second.test"]}""" };
        var learned = Issuer(new Uri("https://second.test/dir"), second).Accounts;
        await learned.LearnAsync(TestContext.Current.CancellationToken);
        second.Script = _ => throw new HttpRequestException("Connection refused");
        Assert.Equal(["second.test"], Issuer(new Uri("https://second.test/dir"), second).Accounts.CaaIdentities);
        Assert.Null(learned.Known);
    }

    [Fact]
    public async Task An_account_that_was_registered_again_is_allowed_before_its_order_goes_on()
    {
        await using var room = Room(out var issuers);
        using var zones = Zones(out var source, room, issuers);
        await RegisteredAsync(room, source);
        _server.MayIssue = new CaaLaw(new OwnZones(() => zones.Current), "ca.test").MayIssue;
        var before = room.Selector.Select("nas.example.test");
        _server.Forget();
        Assert.NotNull(room.Manager.Force("nas.example.test"));
        await Eventually.TrueAsync(() => !ReferenceEquals(room.Selector.Select("nas.example.test"), before) || _server.Orders.Count > 1 && _server.Orders[^1].Forbidden.Contains(true), () => string.Join("\n", room.Log.Lines));
        Assert.DoesNotContain(_server.Orders, order => order.Forbidden.Contains(true));
    }

    public void Dispose() => _folder.Dispose();

    private AcmeIssuer Issuer(Uri directory, FakeAcmeServer server) => RunningRoom.Issuer(_folder.Path, directory, server, TimeProvider.System, new LogLines());

    private RunningRoom Room(out ImmutableArray<PublicIssuer> issuers)
    {
        issuers = [new PublicIssuer(Issuer(FakeAcmeServer.Directory, _server))];
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
