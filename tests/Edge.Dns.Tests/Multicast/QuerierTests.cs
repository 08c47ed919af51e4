using System.Collections.Immutable;
using System.Net;
using Edge.Dns.Dnssec;
using Edge.Dns.Multicast;
using Edge.Dns.Wire;
using Xunit;
using static Edge.Dns.Tests.Multicast.MemoryMachine;

namespace Edge.Dns.Tests.Multicast;

/// <summary>What a querier must do (RFC 6762 §5, §7, §10), packet by packet.</summary>
public sealed class QuerierTests
{
    private static readonly Name Nas = Name.Parse("nas.local");

    private readonly MemoryNetwork _network = new();
    private int _changes;

    [Fact]
    public void A_host_is_asked_for_after_1_2_4_seconds_and_so_on_and_first_for_an_answer_to_us()
    {
        Asking();
        _network.Pass(70_000);
        var queries = _network.Seen.Where(packet => packet.IsQuery).ToList();
        Assert.Equal([1, 2, 4, 8, 16, 32], queries.Zip(queries.Skip(1)).Select(pair => (int)Math.Round((pair.Second.At - pair.First.At).TotalSeconds)));
        Assert.Equal([RecordType.A, RecordType.AAAA], queries[0].Message.Questions.Select(question => question.Type).Order());
        Assert.Equal([true, true, false, false], queries.Take(2).SelectMany(query => query.Message.Questions).Select(question => question.UnicastResponse));
    }

    [Fact]
    public void What_a_host_says_is_known_at_once_on_both_families()
    {
        var asking = Asking();
        Neighbour().Respond(Address("nas.local", "192.168.1.5"), Address("nas.local", "fd00::5"));
        Assert.Equal(["192.168.1.5", "fd00::5"], Known(asking));
        Assert.Equal(1, _changes);
        Assert.Equal(["eth0"], asking.Node.Heard(Nas).Interfaces);
    }

    [Fact]
    public void Nobody_is_told_of_what_is_the_same_as_before()
    {
        Asking();
        var neighbour = Neighbour();
        for (var i = 0; i < 10; i++)
        {
            neighbour.Respond(Address("nas.local", "192.168.1.5"));
            _network.Pass(1500);
        }

        Assert.Equal(1, _changes);
    }

    [Fact]
    public void Before_it_ends_it_is_asked_for_four_times_and_not_listed_as_known()
    {
        var asking = Asking();
        Neighbour().Respond(Address("nas.local", "192.168.1.5"));
        var heard = _network.Time.GetUtcNow();

        // The questions that go on anyway come at 64 and 128 s and are not meant.
        _network.Pass(90_000);
        _network.Take();
        _network.Pass(29_000);
        var queries = _network.Take().Where(packet => packet.IsQuery).ToList();
        Assert.Equal(4, queries.Count);
        foreach (var (query, hundredths) in queries.Zip((int[])[80, 85, 90, 95]))
        {
            Assert.InRange((query.At - heard).TotalSeconds, 120 * hundredths / 100.0, (120 * (hundredths + 2.1) / 100.0) + 0.1);
            Assert.Empty(query.Message.Answers);
        }

        Assert.Equal(["192.168.1.5"], Known(asking));
    }

    [Fact]
    public void A_host_that_answers_in_time_is_never_silent()
    {
        var asking = Asking();
        var neighbour = _network.Add("192.168.1.5").Start();
        neighbour.Node.Publish([new Publication("nas", [], [])]);
        _network.Pass(10 * 60_000);
        Assert.Equal(["192.168.1.5"], Known(asking));
        Assert.False(asking.Node.Heard(Nas).IsSilent);
        Assert.Equal(1, _changes);
    }

    [Fact]
    public void A_host_that_falls_silent_keeps_its_addresses_for_an_hour()
    {
        var asking = Asking();
        Neighbour().Respond(Address("nas.local", "192.168.1.5"));
        _network.Pass(121_000);
        Assert.Equal(["192.168.1.5"], Known(asking));
        Assert.True(asking.Node.Heard(Nas).IsSilent);
        _network.Pass(57 * 60_000);
        Assert.Equal(["192.168.1.5"], Known(asking));
        _network.Pass(2 * 60_000);
        Assert.Empty(Known(asking));
    }

    [Theory]
    [InlineData(1, false, false)]
    [InlineData(2, false, true)]
    [InlineData(2, true, false)]
    public void A_host_that_another_asks_for_twice_in_vain_is_silent_before_its_time(int questions, bool isKnown, bool isSilent)
    {
        var asking = Asking();
        Neighbour().Respond(Address("nas.local", "192.168.1.5", ttl: 4500));
        _network.Pass(100_000);
        for (var i = 0; i < questions; i++)
        {
            _network.Add("192.168.1.60").Ask(Question("nas.local", RecordType.A), isKnown ? [Address("nas.local", "192.168.1.5", ttl: 3000)] : []);
            _network.Pass(2000);
        }

        _network.Pass(12_000);
        Assert.Equal(isSilent, asking.Node.Heard(Nas).IsSilent);
        Neighbour().Respond(Address("nas.local", "192.168.1.5", ttl: 4500));
        Assert.False(asking.Node.Heard(Nas).IsSilent);
    }

    [Fact]
    public void A_host_that_answers_who_asks_is_not_doubted()
    {
        var asking = Asking();
        var neighbour = Neighbour();
        neighbour.Respond(Address("nas.local", "192.168.1.5", ttl: 4500));
        for (var i = 0; i < 10; i++)
        {
            _network.Add("192.168.1.60").Ask(Question("nas.local", RecordType.A));
            neighbour.Respond(Address("nas.local", "192.168.1.5", ttl: 4500));
            _network.Pass(2000);
        }

        _network.Pass(12_000);
        Assert.False(asking.Node.Heard(Nas).IsSilent);
    }

    [Fact]
    public void A_host_that_wakes_with_another_address_has_that_one_alone()
    {
        var asking = Asking();
        Neighbour().Respond(Address("nas.local", "192.168.1.5"));
        _network.Pass(200_000);
        Neighbour().Respond(Address("nas.local", "192.168.1.6"));
        Assert.Equal(["192.168.1.6"], Known(asking));
        Assert.False(asking.Node.Heard(Nas).IsSilent);
    }

    [Fact]
    public void A_goodbye_counts_after_a_second()
    {
        var asking = Asking();
        Neighbour().Respond(Address("nas.local", "192.168.1.5"));
        Neighbour().Respond(Address("nas.local", "192.168.1.5", ttl: 0));
        Assert.Equal(["192.168.1.5"], Known(asking));
        _network.Pass(1100);
        Assert.Empty(Known(asking));
    }

    [Fact]
    public void A_unique_record_replaces_what_is_older_than_a_second_and_joins_what_is_not()
    {
        var asking = Asking();
        var neighbour = Neighbour();
        neighbour.Respond(Address("nas.local", "192.168.1.5"));
        neighbour.Respond(Address("nas.local", "192.168.1.6"));
        _network.Pass(3000);
        Assert.Equal(["192.168.1.5", "192.168.1.6"], Known(asking));
        neighbour.Respond(Address("nas.local", "192.168.1.7"));
        _network.Pass(1100);
        Assert.Equal(["192.168.1.7"], Known(asking));
    }

    [Fact]
    public void What_a_host_denies_it_has_no_more()
    {
        var asking = Asking();
        Neighbour().Respond(Address("nas.local", "192.168.1.5"), Address("nas.local", "fd00::5"));
        _network.Pass(2000);
        Neighbour().Respond(new MulticastRecord(Nas, RecordType.NSEC, 120, new RData(TypeBitmap.NsecData(Nas.Wire, [RecordType.A])), true));
        _network.Pass(1100);
        Assert.Equal(["192.168.1.5"], Known(asking));
    }

    [Theory]
    [InlineData("8.8.8.8")]
    [InlineData("172.17.0.1")]
    [InlineData("127.0.0.1")]
    [InlineData("224.0.0.1")]
    [InlineData("0.0.0.0")]
    [InlineData("::1")]
    [InlineData("fe80::1")]
    [InlineData("2001:db8::1")]
    public void An_address_that_is_not_on_the_link_is_not_believed(string address)
    {
        var asking = Asking();
        Neighbour().Respond(Address("nas.local", address));
        Assert.Empty(Known(asking));
        Assert.Equal(1, asking.Node.Counters.Refused);
    }

    [Fact]
    public void A_host_has_sixteen_addresses_at_most()
    {
        var asking = Asking();
        Neighbour().Respond([.. Enumerable.Range(1, 100).Select(i => Address("nas.local", $"192.168.1.{i}"))]);
        Assert.Equal(16, Known(asking).Length);
        Assert.Equal(84, asking.Node.Counters.Refused);
    }

    [Fact]
    public void What_nobody_asked_for_is_not_kept()
    {
        var asking = Asking();
        Neighbour().Respond(Address("tv.local", "192.168.1.9"));
        asking.Node.Ask([Nas, Name.Parse("tv.local")], []);
        Assert.Empty(asking.Node.Heard(Name.Parse("tv.local")).Addresses);
    }

    [Fact]
    public void A_response_from_another_port_or_from_elsewhere_says_nothing()
    {
        var asking = Asking();
        var packet = MulticastPackets.Response([Address("nas.local", "192.168.1.5")], [])[0];
        Neighbour().Say(packet, source: new IPEndPoint(IPAddress.Parse("192.168.1.5"), 40000));
        Neighbour().Say(packet, new IPEndPoint(IPAddress.Parse("192.168.1.10"), 5353), new IPEndPoint(IPAddress.Parse("203.0.113.7"), 5353));
        Assert.Empty(Known(asking));
        Assert.Equal(2, asking.Node.Counters.Strange);
    }

    [Fact]
    public void What_another_is_just_asking_is_not_asked_after_him()
    {
        Asking();
        _network.Pass(3500);
        _network.Take();
        var other = Neighbour();

        // The next one is due at about 7 s.
        _network.Pass(3000);
        other.Ask(Question("nas.local", RecordType.A));
        other.Ask(Question("nas.local", RecordType.AAAA));
        _network.Take();
        _network.Pass(4000);
        Assert.DoesNotContain(_network.Seen, packet => packet.IsQuery);
    }

    [Fact]
    public void What_is_known_goes_along_with_the_question()
    {
        Asking();
        Neighbour().Respond(Address("nas.local", "192.168.1.5", ttl: 4500));
        _network.Pass(3000);
        var query = _network.Seen.Last(packet => packet.IsQuery);
        Assert.Equal(RData.Address(IPAddress.Parse("192.168.1.5")), Assert.Single(query.Message.Answers).Data);
    }

    [Fact]
    public void A_new_link_is_asked_at_once()
    {
        var asking = Asking();
        _network.Pass(600_000);
        asking.Unplug();
        _network.Take();
        asking.PlugIn();
        _network.Pass(200);
        Assert.Single(_network.Seen, packet => packet.IsQuery);
    }

    [Fact]
    public void Who_stops_asking_forgets()
    {
        var asking = Asking();
        Neighbour().Respond(Address("nas.local", "192.168.1.5"));
        asking.Node.Ask([], []);
        Assert.Empty(Known(asking));
        _network.Take();
        _network.Pass(200_000);
        Assert.Empty(_network.Seen);
    }

    [Fact]
    public void Services_are_found_with_names_as_people_write_them()
    {
        var asking = Asking("_http._tcp");
        var neighbour = _network.Add("192.168.1.20");
        var name = DnsSdNames.Instance("Küche 2. OG – Drucker.v1", Name.Parse("_http._tcp.local"));
        neighbour.Respond(
            new MulticastRecord(Name.Parse("_http._tcp.local"), RecordType.PTR, 4500, RData.Target(name), false),
            new MulticastRecord(name, RecordType.SRV, 120, DnsSdNames.Srv(631, Name.Parse("printer.local")), true),
            new MulticastRecord(name, RecordType.TXT, 4500, DnsSdNames.Txt(["path=/ui", "PATH=/other", "=nothing", "Duplex"]), true),
            Address("printer.local", "192.168.1.20"));
        _network.Pass(100);

        // Of what nobody had asked for yet it is asked now.
        neighbour.Respond(
            new MulticastRecord(name, RecordType.SRV, 120, DnsSdNames.Srv(631, Name.Parse("printer.local")), true),
            new MulticastRecord(name, RecordType.TXT, 4500, DnsSdNames.Txt(["path=/ui", "PATH=/other", "=nothing", "Duplex"]), true));
        neighbour.Respond(Address("printer.local", "192.168.1.20"));
        var found = Assert.Single(asking.Node.Found());
        Assert.Equal(("Küche 2. OG – Drucker.v1", "_http._tcp", 631), (found.Instance, found.Type, found.Port));
        Assert.Equal(["path=/ui", "Duplex"], found.Text);
        Assert.Equal([IPAddress.Parse("192.168.1.20")], found.Addresses);
    }

    [Fact]
    public void A_service_of_ours_is_found_by_another_of_us()
    {
        var asking = Asking("_http._tcp");
        _network.Add("192.168.1.20").Start().Publish("photos");
        _network.Pass(8000);
        Assert.Equal(("photos", 8080), (Assert.Single(asking.Node.Found()).Instance, asking.Node.Found()[0].Port));
    }

    [Fact]
    public void A_service_is_found_by_a_part_of_its_type()
    {
        var asking = Asking("_printer._sub._http._tcp");
        var other = _network.Add("192.168.1.20").Start();
        other.Node.Publish([
            new Publication("ink", [new PublishedInstance("_http._tcp", 8080, ["path=/"]) { Subtypes = ["_printer", "_color"] }], []),
            new Publication("photos", [new PublishedInstance("_http._tcp", 8080, ["path=/"])], [])]);
        _network.Pass(8000);
        Assert.Equal(("ink", "_http._tcp", 8080), (Assert.Single(asking.Node.Found()).Instance, asking.Node.Found()[0].Type, asking.Node.Found()[0].Port));
        other.Node.Publish([new Publication("ink", [new PublishedInstance("_http._tcp", 8080, ["path=/"])], [])]);
        _network.Pass(3000);
        Assert.Empty(asking.Node.Found());
    }

    [Theory]
    [InlineData("ink._http._tcp.local", true)]
    [InlineData("ink._ipp._tcp.local", false)]
    [InlineData("ink._printer._sub._http._tcp.local", false)]
    [InlineData("a.ink._http._tcp.local", false)]
    [InlineData("_http._tcp.local", false)]
    public void What_a_subtype_leads_to_is_an_instance_of_its_type(string target, bool isTaken)
    {
        var asking = Asking("_printer._sub._http._tcp");
        _network.Add("192.168.1.20").Respond(new MulticastRecord(Name.Parse("_printer._sub._http._tcp.local"), RecordType.PTR, 4500, RData.Target(Name.Parse(target)), false));
        Assert.Equal(isTaken ? 0 : 1, asking.Node.Counters.Refused);
    }

    [Fact]
    public void The_types_that_there_are_are_asked_for_and_bounded()
    {
        var asking = Asking("_http._tcp");
        _network.Pass(200);
        Assert.Contains(_network.Seen.SelectMany(packet => packet.Message.Questions), question => question.Name == DnsSdNames.Types);
        _network.Add("192.168.1.20").Respond([.. ((string[])["_ipp._tcp.local", "_AirPlay._tcp.local", "www.example.com", "x.local", "a._ipp._tcp.local", "local"]).Select(type =>
            new MulticastRecord(DnsSdNames.Types, RecordType.PTR, 4500, RData.Target(Name.Parse(type)), false))]);
        Assert.Equal(["_airplay._tcp", "_ipp._tcp"], asking.Node.Types());
        Assert.Equal(4, asking.Node.Counters.Refused);
        _network.Add("192.168.1.66").Respond([.. Enumerable.Range(0, 500).Select(i => new MulticastRecord(DnsSdNames.Types, RecordType.PTR, 4500, RData.Target(Name.Parse($"_t{i}._tcp.local")), false))]);
        Assert.Equal(66, asking.Node.Types().Length);
    }

    [Fact]
    public void A_service_that_falls_silent_is_kept_for_an_hour_and_one_that_says_goodbye_for_a_second()
    {
        var asking = Asking("_http._tcp");
        var neighbour = _network.Add("192.168.1.20");
        var (type, name) = (Name.Parse("_http._tcp.local"), Name.Parse("ink._http._tcp.local"));
        void Say(int port, uint ttl) => neighbour.Respond(
            new MulticastRecord(type, RecordType.PTR, ttl, RData.Target(name), false),
            new MulticastRecord(name, RecordType.SRV, ttl, DnsSdNames.Srv(port, Name.Parse("ink.local")), true),
            Address("ink.local", "192.168.1.20", ttl));
        for (var i = 0; i < 3; i++)
        {
            Say(80, 120);
            _network.Pass(200);
        }

        Assert.Single(asking.Node.Found());
        _network.Pass(3_000_000);
        Assert.Equal(80, Assert.Single(asking.Node.Found()).Port);

        // It is back, at another port.
        Say(81, 120);
        _network.Pass(1500);
        Assert.Equal(81, Assert.Single(asking.Node.Found()).Port);
        Say(81, 0);
        _network.Pass(1500);
        Assert.Empty(asking.Node.Found());

        Say(82, 120);
        _network.Pass(200);
        Say(82, 120);
        _network.Pass(3_800_000);
        Assert.Empty(asking.Node.Found());
    }

    [Theory]
    [InlineData("www.example.com")]
    [InlineData("_http._tcp.local")]
    [InlineData("a.b._http._tcp.local")]
    [InlineData("x._ipp._tcp.local")]
    [InlineData(".")]
    public void A_pointer_that_leads_elsewhere_is_not_followed(string target)
    {
        var asking = Asking("_http._tcp");
        _network.Add("192.168.1.20").Respond(new MulticastRecord(Name.Parse("_http._tcp.local"), RecordType.PTR, 4500, RData.Target(Name.Parse(target)), false));
        _network.Take();
        _network.Pass(3000);
        Assert.DoesNotContain(_network.Seen.SelectMany(packet => packet.Message.Questions), question => question.Type == RecordType.SRV);
        Assert.Equal(1, asking.Node.Counters.Refused);
    }

    [Fact]
    public void One_neighbour_fills_no_more_than_his_share()
    {
        var asking = Asking("_http._tcp");
        var type = Name.Parse("_http._tcp.local");
        _network.Add("192.168.1.66").Respond([.. Enumerable.Range(0, 500).Select(i => new MulticastRecord(type, RecordType.PTR, 4500, RData.Target(DnsSdNames.Instance($"thing {i}", type)), false))]);
        Assert.Equal(436, asking.Node.Counters.Refused);
        _network.Pass(300);
        Assert.Equal(64, _network.Seen.SelectMany(packet => packet.Message.Questions).Where(question => question.Type == RecordType.SRV).Select(question => question.Name).Distinct().Count());
    }

    private MemoryMachine Asking(params string[] types)
    {
        var machine = _network.Add("192.168.1.10").Start();
        machine.Node.HeardChanged += () => _changes++;
        machine.Node.Ask(types.Length == 0 ? [Nas] : [], [.. types]);
        _network.Pass(300);
        return machine;
    }

    private MemoryMachine Neighbour() => _network.Add("192.168.1.5");

    private static ImmutableArray<string> Known(MemoryMachine asking) => [.. asking.Node.Heard(Nas).Addresses.Select(address => address.ToString())];
}
