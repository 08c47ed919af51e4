using System.Globalization;
using System.Net;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Edge.Names;
using Edge.Names.Leases;
using Edge.Tests.Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Edge.Tests.Names.Leases;

/// <summary>What is served for leases, beside zones, services and each other.</summary>
public sealed class LeaseNamesTests : IDisposable
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 26, 12, 0, 0, TimeSpan.Zero);

    private readonly FakeTimeProvider _time = new(Noon);
    private readonly LogLines _log = new();
    private readonly TemporaryFolder _folder = new();
    private readonly SettableSource _files = new("files");
    private readonly SettableSource _services = new("services");
    private readonly SettableSource _updates = new("updates");
    private readonly LeaseNames _names;
    private readonly ZoneManager _zones;
    private readonly LeaseFile _file;

    public LeaseNamesTests()
    {
        _files.Set(Zone("example.com", null));
        _names = new LeaseNames(Name.Parse("nas.example.com"), Name.Parse("example.com"), [_files], _time, _log);
        _zones = new ZoneManager([_files, _services, _names, _updates], ["lan", "public"], NullLogger.Instance, _time);
        _names.Follow(_zones);
        _file = new LeaseFile(new LeaseSetting(Path.Combine(_folder.Path, "leases"), "leases", LeaseFormat.Dnsmasq, Name.Parse("example.com")), _log);
    }

    public void Dispose()
    {
        _zones.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_lease_gives_its_address_a_name_and_its_name_an_address_in_the_LAN_only()
    {
        Write("3600 192.168.1.23 laptop", "3600 fd00::1:8f laptop");
        Assert.Equal("60 192.168.1.23", Ask("lan", "laptop.example.com", RecordType.A));
        Assert.Equal("60 fd00::1:8f", Ask("lan", "laptop.example.com", RecordType.AAAA));
        Assert.Equal("60 laptop.example.com.", Ask("lan", "23.1.168.192.in-addr.arpa", RecordType.PTR));
        Assert.Equal("60 laptop.example.com.", Ask("lan", ReverseName.Of(IPAddress.Parse("fd00::1:8f")).ToString(), RecordType.PTR));
        Assert.Equal("NxDomain", Ask("public", "laptop.example.com", RecordType.A));
        Assert.Equal("no zone", Ask("public", "23.1.168.192.in-addr.arpa", RecordType.PTR));
    }

    [Fact]
    public void Clients_without_the_name_that_they_gave_themselves_are_listed_with_the_reason()
    {
        _files.Set(Zone("example.com", null, "nas.example.com A 192.168.1.10"));
        Write("3600 192.168.1.23 laptop", "3600 192.168.1.24 laptop", "3600 192.168.1.25 evil.example.org", "3600 192.168.1.26 nas", "3600 192.168.1.27 phone", "-60 192.168.1.28 old.example.org");
        Assert.Equal(
            ["192.168.1.24 is laptop.example.com., which an older lease holds: 192.168.1.23", "192.168.1.25 has dots: it is a name in another domain", "192.168.1.26 is nas.example.com., which a zone file, a service or an update declares"],
            _names.Unnamed(10, out var count).Select(one => $"{one.Lease.Address} {one.Reason}"));
        Assert.Equal(3, count);
        Assert.Equal(2, _names.Unnamed(2, out count).Length);
        Assert.Equal(3, count);
    }

    [Fact]
    public void Other_addresses_of_the_network_do_not_exist_and_other_networks_are_not_ours()
    {
        Write("3600 192.168.1.23 laptop");
        Assert.Equal("NxDomain", Ask("lan", "24.1.168.192.in-addr.arpa", RecordType.PTR));
        Assert.Equal("no zone", Ask("lan", "23.2.168.192.in-addr.arpa", RecordType.PTR));
        Assert.NotNull(_zones.Current.Find(0, Name.Parse("1.168.192.in-addr.arpa").Wire)!.Find(Name.Parse("1.168.192.in-addr.arpa"), RecordType.SOA));
    }

    [Fact]
    public void Of_a_public_IPv4_network_only_the_address_itself_is_answered()
    {
        Write("3600 203.0.113.7 server");
        Assert.Equal("60 server.example.com.", Ask("lan", "7.113.0.203.in-addr.arpa", RecordType.PTR));
        Assert.Equal("no zone", Ask("lan", "8.113.0.203.in-addr.arpa", RecordType.PTR));
    }

    [Fact]
    public void A_reverse_zone_of_ones_own_is_filled_and_none_is_made_beside_it()
    {
        Write("3600 192.168.1.23 laptop", "3600 192.168.1.24 phone");
        _files.Set(
            Zone("example.com", null),
            Zone("168.192.in-addr.arpa", "lan", "24.1.168.192.in-addr.arpa PTR declared.example.com"));
        Assert.Equal("60 laptop.example.com.", Ask("lan", "23.1.168.192.in-addr.arpa", RecordType.PTR));
        Assert.Equal("300 declared.example.com.", Ask("lan", "24.1.168.192.in-addr.arpa", RecordType.PTR));
        Assert.Equal("168.192.in-addr.arpa.", _zones.Current.Find(0, Name.Parse("23.1.168.192.in-addr.arpa").Wire)!.Origin.ToString());
        _files.Set(Zone("example.com", null));
        Assert.Equal("1.168.192.in-addr.arpa.", _zones.Current.Find(0, Name.Parse("23.1.168.192.in-addr.arpa").Wire)!.Origin.ToString());
    }

    [Theory]
    [InlineData("file")]
    [InlineData("service")]
    [InlineData("update")]
    public void A_lease_overrides_no_name_that_is_declared_and_its_address_gets_no_name(string by)
    {
        Action declare = by switch
        {
            "file" => () => _files.Set(Zone("example.com", null, "laptop.example.com A 192.0.2.1")),
            "service" => () => _services.Overlay(new OverlayRecord(null, Record("laptop.example.com", RecordType.A, RData.Address(IPAddress.Parse("192.0.2.1"))), OverlayMode.Fill)),
            _ => () => _updates.Change(new ChangedRRset(null, Name.Parse("laptop.example.com"), RecordType.A, 300, [RData.Address(IPAddress.Parse("192.0.2.1"))], new RecordSource("update")) { Zone = Name.Parse("example.com") }),
        };
        Write("3600 192.168.1.23 laptop", "3600 fd00::1:8f laptop");
        Assert.Equal("60 192.168.1.23", Ask("lan", "laptop.example.com", RecordType.A));
        declare();
        Assert.Equal("300 192.0.2.1", Ask("lan", "laptop.example.com", RecordType.A));
        Assert.Equal("NoData", Ask("lan", "laptop.example.com", RecordType.AAAA));
        Assert.Equal("NxDomain", Ask("lan", "23.1.168.192.in-addr.arpa", RecordType.PTR));
        Assert.Contains(_log.Lines, line => line.Contains("3102 The name laptop.example.com. is not given to 192.168.1.23 (leases:1)", StringComparison.Ordinal));
        Assert.All(_names.Explain(Name.Parse("laptop.example.com")), one => Assert.Equal(LeaseStanding.HeldByOthers, one.Standing));

        // It comes back when the name is free.
        _files.Set(Zone("example.com", null));
        _services.Overlay();
        _updates.Change();
        Assert.Equal("60 192.168.1.23", Ask("lan", "laptop.example.com", RecordType.A));
        Assert.Equal("60 laptop.example.com.", Ask("lan", "23.1.168.192.in-addr.arpa", RecordType.PTR));
    }

    [Fact]
    public void What_joins_a_name_stays_beside_the_addresses_of_a_lease()
    {
        Write("3600 192.168.1.23 laptop");
        _services.Overlay(new OverlayRecord(null, Record("laptop.example.com", RecordType.TXT, RData.Text("proof")), OverlayMode.Add));
        Assert.Equal("60 192.168.1.23", Ask("lan", "laptop.example.com", RecordType.A));
        Assert.StartsWith("300 ", Ask("lan", "laptop.example.com", RecordType.TXT), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_two_devices_with_one_name_the_older_lease_keeps_it_until_it_ends()
    {
        Write("600 192.168.1.23 laptop");
        Write("3600 192.168.1.9 laptop", "600 192.168.1.23 laptop");
        Assert.Equal("60 192.168.1.23", Ask("lan", "laptop.example.com", RecordType.A));
        Assert.Equal("NxDomain", Ask("lan", "9.1.168.192.in-addr.arpa", RecordType.PTR));
        Assert.Contains(_log.Lines, line => line.Contains("is not given to 192.168.1.9 (leases:1): it is held by 192.168.1.23 (leases:2), whose lease is older", StringComparison.Ordinal));

        Pass(TimeSpan.FromSeconds(600));
        Assert.Equal("60 192.168.1.9", Ask("lan", "laptop.example.com", RecordType.A));
        Assert.Equal("NxDomain", Ask("lan", "23.1.168.192.in-addr.arpa", RecordType.PTR));
        Assert.Equal("60 laptop.example.com.", Ask("lan", "9.1.168.192.in-addr.arpa", RecordType.PTR));
    }

    [Fact]
    public void One_device_may_have_two_addresses_under_its_name()
    {
        Write("3600 192.168.1.23 laptop 02:00:00:00:00:01", "3600 192.168.2.23 laptop 02:00:00:00:00:01");
        Assert.Equal("60 192.168.1.23 192.168.2.23", Ask("lan", "laptop.example.com", RecordType.A));
    }

    [Fact]
    public void At_the_start_the_lease_that_was_given_first_is_the_older_one()
    {
        Write("3600 192.168.1.9 laptop", "600 192.168.1.23 laptop");
        Assert.Equal("60 192.168.1.23", Ask("lan", "laptop.example.com", RecordType.A));
    }

    [Fact]
    public void A_lease_that_ends_takes_its_names_away_and_is_short_lived_before()
    {
        Write("600 192.168.1.23 laptop");
        Pass(TimeSpan.FromSeconds(539));
        Assert.Equal("60 192.168.1.23", Ask("lan", "laptop.example.com", RecordType.A));
        Pass(TimeSpan.FromSeconds(1));
        Assert.Equal("5 192.168.1.23", Ask("lan", "laptop.example.com", RecordType.A));
        Assert.Equal("5 laptop.example.com.", Ask("lan", "23.1.168.192.in-addr.arpa", RecordType.PTR));
        Pass(TimeSpan.FromSeconds(60));
        Assert.Equal("NxDomain", Ask("lan", "laptop.example.com", RecordType.A));
        Assert.Equal("no zone", Ask("lan", "23.1.168.192.in-addr.arpa", RecordType.PTR));
        Write("1200 192.168.1.23 laptop");
        Assert.Equal("60 192.168.1.23", Ask("lan", "laptop.example.com", RecordType.A));
    }

    [Fact]
    public void A_clock_that_jumps_ends_leases_and_brings_them_back()
    {
        Write("600 192.168.1.23 laptop", "0 192.168.1.5 printer");
        var clock = new ShiftedTime();
        clock.Jump(Noon - DateTimeOffset.UtcNow);
        var names = new LeaseNames(Name.Parse("nas.example.com"), Name.Parse("example.com"), [], clock, NullLogger.Instance);
        names.Update([_file], []);
        Assert.Equal(4, names.Current.Overlay.Length);
        clock.Jump(TimeSpan.FromDays(1));
        names.Update([], []);
        Assert.Equal(["printer.example.com."], names.Current.Overlay.Where(one => one.Record.Type == RecordType.A).Select(one => one.Record.Owner.ToString()));
        clock.Jump(TimeSpan.FromDays(-1));
        names.Update([], []);
        Assert.Equal(4, names.Current.Overlay.Length);
    }

    [Fact]
    public void Names_that_are_refused_are_counted_and_the_others_served()
    {
        Write("3600 192.168.1.23 wpad", "3600 192.168.1.24 evil.example.org", "3600 192.168.1.25 phone", "3600 192.168.1.26 *");
        Assert.Equal("NxDomain", Ask("lan", "wpad.example.com", RecordType.A));
        Assert.Equal("60 192.168.1.25", Ask("lan", "phone.example.com", RecordType.A));
        Assert.Equal(new RefusedNames(2, "evil.example.org", "has dots: it is a name in another domain"), _names.RefusedIn(_file.Setting));
    }

    [Fact]
    public void Names_that_are_refused_are_told_once_and_explained_while_the_lease_lasts()
    {
        Write("60 192.168.1.23 WPAD", "3600 192.168.1.24 evil.example.org");
        Write("3600 192.168.1.24 evil.example.org", "60 192.168.1.23 WPAD");
        Assert.Equal(
            [
                "Information 3104 The client at 192.168.1.23 (leases:1) gets no name: \"WPAD\" is a name that other machines look up by themselves to be configured",
                "Information 3104 The client at 192.168.1.24 (leases:2) gets no name: \"evil.example.org\" has dots: it is a name in another domain",
            ],
            _log.Lines.Select(line => line.TrimEnd()));
        Assert.Equal(1, _names.ExplainRefused(Name.Parse("evil.example.org"))?.Lease.Line);
        Assert.Equal(2, _names.ExplainRefused(Name.Parse("wpad.example.com"))?.Lease.Line);
        Assert.Null(_names.ExplainRefused(Name.Parse("phone.example.com")));
        Pass(TimeSpan.FromSeconds(60));
        Assert.Null(_names.ExplainRefused(Name.Parse("wpad.example.com")));
        Write();
        Assert.Null(_names.ExplainRefused(Name.Parse("evil.example.org")));
    }

    [Fact]
    public void A_domain_of_its_own_gets_a_zone_in_the_LAN()
    {
        var guests = new LeaseFile(new LeaseSetting(Path.Combine(_folder.Path, "guests"), "guests", LeaseFormat.Dnsmasq, Name.Parse("home.arpa")), _log);
        File.WriteAllText(guests.Setting.Path, Line("3600 192.168.9.4 tablet"));
        guests.Look(atOnce: true);
        _names.Update([guests], []);
        Assert.Equal("60 192.168.9.4", Ask("lan", "tablet.home.arpa", RecordType.A));
        Assert.Equal("NxDomain", Ask("lan", "other.home.arpa", RecordType.A));
        Assert.Equal("no zone", Ask("public", "tablet.home.arpa", RecordType.A));
        _names.Update([], [guests.Setting]);
        Assert.Equal("no zone", Ask("lan", "tablet.home.arpa", RecordType.A));
    }

    [Fact]
    public void A_renewed_lease_changes_no_record_and_explain_knows_where_it_stands_now()
    {
        Write("600 192.168.1.23 laptop");
        var before = _zones.Current;
        Write("3600 192.168.1.30 *", "1200 192.168.1.23 laptop");
        Assert.Same(before, _zones.Current);
        var record = Assert.Single(_zones.Current.Find(0, Name.Parse("laptop.example.com").Wire)!.At(Name.Parse("laptop.example.com"))).Records.Single();
        Assert.Equal("lease in leases:2 until 2026-11-26 12:20:00Z", _names.PlaceOf(record));
        var back = Name.Parse("23.1.168.192.in-addr.arpa");
        Assert.Equal("lease in leases:2 until 2026-11-26 12:20:00Z", _names.PlaceOf(_zones.Current.Find(0, back.Wire)!.At(back).Single().Records.Single()));
        Pass(TimeSpan.FromSeconds(700));
        Assert.Equal("60 192.168.1.23", Ask("lan", "laptop.example.com", RecordType.A));
    }

    [Fact]
    public void Among_ten_thousand_leases_one_that_comes_costs_little()
    {
        string[] Many(int count) => [.. Enumerable.Range(0, count).Select(i => string.Create(CultureInfo.InvariantCulture, $"3600 10.0.{i / 250}.{(i % 250) + 1} host{i}"))];
        Write(Many(10_000));
        Assert.Equal("60 10.0.39.250", Ask("lan", "host9999.example.com", RecordType.A));
        var least = TimeSpan.MaxValue;
        var others = _names.Current.Overlay;
        for (var i = 1; i <= 5; i++)
        {
            File.WriteAllText(_file.Setting.Path, string.Concat(Many(10_000 + i).Reverse().Select(Line)));
            var began = Environment.CpuUsage.TotalTime;
            Assert.True(_file.Look(atOnce: true));
            var read = Environment.CpuUsage.TotalTime;
            _names.Update([_file], []);
            var took = Environment.CpuUsage.TotalTime - began;
            TestContext.Current.SendDiagnosticMessage($"read in {(read - began).TotalMilliseconds:0.0} ms, served in {(took - (read - began)).TotalMilliseconds:0.0} ms of CPU");
            least = took < least ? took : least;
            Assert.Equal($"60 10.0.40.{i}", Ask("lan", $"host{9999 + i}.example.com", RecordType.A));

            // Two records are new at the end, and all others the same objects in the same order, at which the zone manager does not look twice.
            var now = _names.Current.Overlay;
            Assert.Equal(others.Length + 2, now.Length);
            Assert.All(others.Zip(now), pair => Assert.Same(pair.First, pair.Second));
            others = now;
        }

        Assert.True(least < TimeSpan.FromSeconds(5), $"it took {least.TotalMilliseconds} ms");
    }

    // "SECONDS ADDRESS NAME [MAC]", the seconds from noon, 0 for a lease without end.
    private static string Line(string lease)
    {
        var words = lease.Split(' ');
        var seconds = int.Parse(words[0], CultureInfo.InvariantCulture);
        var end = seconds == 0 ? 0 : Noon.ToUnixTimeSeconds() + seconds;
        var id = words.Length > 3 ? words[3] : $"00:{words[1].Replace('.', ':')}";
        return $"{end} {id} {words[1]} {words[2]} {(words[1].Contains(':') ? id : "*")}\n";
    }

    private static DeclaredZone Zone(string origin, string? view, params string[] records)
    {
        var zone = Name.Parse(origin);
        ResourceRecord[] apex =
        [
            new(zone, RecordType.SOA, 300, RData.Soa(zone, zone, 1, 7200, 900, 1209600, 60)),
            new(zone, RecordType.NS, 300, RData.Target(Name.Parse("ns.nic.test"))),
        ];
        return new DeclaredZone(zone, view, [.. apex, .. records.Select(record => record.Split(' ')).Select(words => Record(
            words[0],
            words[1] == "A" ? RecordType.A : RecordType.PTR,
            words[1] == "A" ? RData.Address(IPAddress.Parse(words[2])) : RData.Target(Name.Parse(words[2]))))]);
    }

    private static ResourceRecord Record(string owner, RecordType type, RData data) => new(Name.Parse(owner), type, 300, data);

    private void Write(params string[] leases)
    {
        File.WriteAllText(_file.Setting.Path, string.Concat(leases.Select(Line)));
        Assert.True(_file.Look(atOnce: true));
        _names.Update([_file], []);
    }

    private void Pass(TimeSpan time)
    {
        _time.Advance(time);
        _names.Update([], []);
    }

    private string Ask(string view, string name, RecordType type)
    {
        var asked = Name.Parse(name);
        if (_zones.Current.Find(_zones.Current.IndexOf(view), asked.Wire) is not { } zone)
        {
            return "no zone";
        }

        var found = zone.Explain(asked, type);
        return found.Kind != LookupKind.Answer ? found.Kind.ToString() : $"{found.RRsets[0].Ttl} {string.Join(' ', found.RRsets[0].Records.Select(record => RecordText.Format(record).Split(' ', '\t')[^1]))}";
    }
}
