using Edge.Dns.Dnssec;
using Edge.Dns.Multicast;
using Edge.Dns.Wire;
using System.Net;
using Xunit;
using static Edge.Dns.Tests.Multicast.MemoryMachine;

namespace Edge.Dns.Tests.Multicast;

/// <summary>What a responder must do (RFC 6762 §6 to §10), packet by packet.</summary>
public sealed class ResponderTests
{
    private static readonly Name Photos = Name.Parse("photos.local");
    private static readonly Name Http = Name.Parse("_http._tcp.local");
    private static readonly Name PhotosHttp = Name.Parse("photos._http._tcp.local");

    private readonly MemoryNetwork _network = new();

    [Fact]
    public void A_name_is_probed_for_three_times_a_quarter_of_a_second_apart_and_then_told_twice_a_second_apart()
    {
        var began = _network.Time.GetUtcNow();
        _network.Add("192.168.1.10").Start().Publish("photos");
        _network.Pass(5000);

        var probes = _network.Seen.Where(packet => packet.IsProbe).ToList();
        Assert.Equal(3, probes.Count);
        Assert.InRange((probes[0].At - began).TotalMilliseconds, 0, 260);
        Assert.All(probes.Zip(probes.Skip(1)), pair => Assert.InRange((pair.Second.At - pair.First.At).TotalMilliseconds, 250, 260));
        Assert.All(probes, probe => Assert.All(probe.Message.Questions, question => Assert.Equal(RecordType.ANY, question.Type)));
        Assert.Equal([true, false, false], probes.Select(probe => probe.Message.Questions[0].UnicastResponse));
        Assert.Equal([PhotosHttp, Photos], probes[0].Message.Questions.Select(question => question.Name).Order());
        Assert.Equal([RecordType.A, RecordType.TXT, RecordType.SRV], probes[0].Message.Authority.Select(record => record.Type).Order());
        Assert.All(probes[0].Message.Authority, record => Assert.False(record.CacheFlush));

        var told = _network.Seen.Where(packet => packet.IsResponse).ToList();
        Assert.Equal(2, told.Count);
        Assert.InRange((told[0].At - probes[2].At).TotalMilliseconds, 250, 260);
        Assert.InRange((told[1].At - told[0].At).TotalMilliseconds, 1000, 1010);
    }

    [Fact]
    public void What_is_told_has_the_times_and_the_bit_of_its_kind()
    {
        Settled();
        var told = Settle(_network.Add("192.168.1.20").Start().Publish("music")).Where(packet => packet.IsResponse).SelectMany(packet => packet.Message.Answers).ToList();
        Assert.All(told, record => Assert.Equal(record.Type != RecordType.PTR, record.CacheFlush));
        Assert.All(told, record => Assert.Equal(record.Type is RecordType.A or RecordType.SRV ? 120u : 4500u, record.Ttl));
        Assert.Contains(told, record => record.Owner == DnsSdNames.Types && record.Data == RData.Target(Http));
    }

    [Fact]
    public void A_name_that_somebody_has_is_given_up_for_the_next_and_remembered()
    {
        var first = Settled();
        var second = _network.Add("192.168.1.11").Start();
        second.Publish("photos");
        Settle(second);

        Assert.Equal("photos-2.local.", second.Node.Hosts[0].Host.ToString());
        Assert.Equal("photos.local.", first.Node.Hosts[0].Host.ToString());
        Assert.Equal([("photos._http._tcp.local", 2), ("photos.local", 2)], second.Renamed.Order());
        var srv = Assert.Single(Answers("photos \\(2\\)._http._tcp.local", RecordType.SRV));
        Assert.Equal(Name.Parse("photos-2.local"), Name.FromWire(srv.Data.Wire[6..]));
    }

    [Fact]
    public void A_name_that_was_remembered_is_what_is_probed_for()
    {
        _network.Add("192.168.1.10").Start(key => key == "photos.local" ? 3 : 1).Publish("photos");
        _network.Pass(2000);
        Assert.Contains(_network.Seen.SelectMany(packet => packet.Message.Questions), question => question.Name == Name.Parse("photos-3.local"));
    }

    [Fact]
    public void A_name_of_our_own_is_no_way_out()
    {
        _network.Add("192.168.1.11").Start().Publish("photos");
        _network.Pass(3000);
        var second = _network.Add("192.168.1.12").Start().Publish("photos", "photos-2");
        Settle(second);
        Assert.Equal(["photos-3.local.", "photos-2.local."], second.Node.Hosts.Select(host => host.Host.ToString()));
    }

    [Theory]
    // RFC 6762 §8.2: the greater address goes on, whoever began.
    [InlineData("192.168.1.10", "192.168.1.11", 1)]
    [InlineData("192.168.1.11", "192.168.1.10", 0)]
    [InlineData("192.168.1.200", "192.168.1.99", 0)]
    public void Of_two_that_probe_at_once_one_wins_and_the_other_takes_the_next_name(string first, string second, int winner)
    {
        var machines = new[] { _network.Add(first).Start(), _network.Add(second).Start() };
        machines[0].Publish("photos");
        machines[1].Publish("photos");
        _network.Pass(10000);
        Assert.Equal("photos.local.", machines[winner].Node.Hosts[0].Host.ToString());
        Assert.Equal("photos-2.local.", machines[1 - winner].Node.Hosts[0].Host.ToString());
    }

    [Theory]
    [InlineData("169.254.99.200", "169.254.200.50", -1)]
    [InlineData("169.254.200.50", "169.254.99.200", 1)]
    [InlineData("10.0.0.1", "10.0.0.1", 0)]
    public void Proposals_are_compared_byte_by_byte(string ours, string theirs, int order) =>
        Assert.Equal(order, Math.Sign(TieBreak.Compare([Address("a.local", ours)], [Address("a.local", theirs)])));

    [Fact]
    public void Of_proposals_that_begin_alike_the_longer_one_is_greater() =>
        Assert.True(TieBreak.Compare([Address("a.local", "fd00::1"), Address("a.local", "10.0.0.1")], [Address("a.local", "10.0.0.1")]) > 0);

    [Fact]
    public void Five_that_want_one_name_end_with_five_names()
    {
        var machines = Enumerable.Range(10, 5).Select(i => _network.Add($"192.168.1.{i}").Start().Publish("photos")).ToList();
        _network.Pass(60000);
        Assert.Equal(5, machines.Select(machine => machine.Node.Hosts[0].Host).Distinct().Count());
        _network.Take();
        _network.Pass(20000);
        Assert.Empty(_network.Seen);
    }

    [Fact]
    public void A_conflict_that_comes_later_is_probed_for_again_and_who_does_not_defend_loses()
    {
        var machine = Settled();
        _network.Add("192.168.1.66").Respond(Address("photos.local", "192.168.1.66"));
        Settle(machine);
        Assert.Contains(_network.Seen, packet => packet.IsProbe);
        Assert.Equal("photos.local.", machine.Node.Hosts[0].Host.ToString());
    }

    [Fact]
    public void A_neighbour_that_objects_to_every_name_makes_us_slow_and_not_mad()
    {
        var machine = _network.Add("192.168.1.10").Start();
        var bad = _network.Add("192.168.1.66");
        machine.Publish("photos");
        for (var i = 0; i < 2000; i++)
        {
            _network.Pass(10);
            foreach (var name in _network.Take().Where(packet => packet.IsProbe).SelectMany(packet => packet.Message.Questions).Select(question => question.Name).Distinct().ToList())
            {
                bad.Respond(new MulticastRecord(name, RecordType.A, 120, RData.Address(IPAddress.Parse("192.168.1.66")), true));
            }
        }

        // RFC 6762 §8.1: fifteen within ten seconds, then one in five seconds of each name.
        Assert.InRange(machine.Node.Counters.Conflicts, 15, 40);
    }

    [Fact]
    public void Who_says_of_our_record_that_it_ends_is_corrected()
    {
        Settled();
        _network.Add("192.168.1.66").Respond(Address("photos.local", "192.168.1.10", ttl: 0));
        _network.Pass(100);
        Assert.Contains(_network.Seen.Where(packet => packet.IsResponse).SelectMany(packet => packet.Message.Answers), record => record.Owner == Photos && record.Type == RecordType.A && record.Ttl == 120);
    }

    [Fact]
    public void Our_own_packets_that_come_back_are_no_conflict()
    {
        var machine = Settled();
        Assert.Equal(machine.Node.Counters.Received, machine.Node.Counters.Own);
        Assert.Equal(0, machine.Node.Counters.Conflicts);
    }

    [Fact]
    public void A_unique_answer_comes_at_once_and_a_shared_one_after_20_to_120_milliseconds()
    {
        Settled();
        var asker = _network.Add("192.168.1.50");
        asker.Ask(Question("photos.local", RecordType.A));
        _network.Pass(5);
        Assert.Single(_network.Take(), packet => packet.IsResponse);

        var asked = _network.Time.GetUtcNow();
        asker.Ask(Question("_http._tcp.local", RecordType.PTR));
        _network.Pass(200);
        var answer = Assert.Single(_network.Take(), packet => packet.IsResponse);
        Assert.InRange((answer.At - asked).TotalMilliseconds, 20, 130);
        Assert.Equal([RecordType.PTR], answer.Message.Answers.Select(record => record.Type));
        Assert.Equal([RecordType.A, RecordType.TXT, RecordType.SRV], answer.Message.Additional.Select(record => record.Type).Order());
    }

    [Fact]
    public void A_record_goes_to_all_once_a_second_at_most_but_a_probe_is_answered_after_a_quarter_of_it()
    {
        Settled();
        var asker = _network.Add("192.168.1.50");
        for (var i = 0; i < 100; i++)
        {
            asker.Ask(Question("photos.local", RecordType.A));
            _network.Pass(20);
        }

        Assert.InRange(_network.Take().Count(packet => packet.IsResponse), 2, 3);
        _network.Pass(1500);
        _network.Take();
        for (var i = 0; i < 50; i++)
        {
            MulticastPackets.Probe([(Question("photos.local", RecordType.ANY, unicast: true), [Address("photos.local", "192.168.1.50")])]).ForEach(packet => asker.Say(packet));
            _network.Pass(20);
        }

        var defences = _network.Take().Where(packet => packet.IsResponse).ToList();
        Assert.InRange(defences.Count, 4, 5);
        Assert.All(defences, defence => Assert.Null(defence.To));
    }

    [Theory]
    [InlineData(120u, 0)]
    [InlineData(60u, 0)]
    [InlineData(59u, 1)]
    public void What_the_asker_knows_for_half_its_time_is_not_said_again(uint ttl, int answers)
    {
        Settled();
        _network.Add("192.168.1.50").Ask(Question("photos.local", RecordType.A), Address("photos.local", "192.168.1.10", ttl));
        _network.Pass(300);
        Assert.Equal(answers, _network.Seen.Count(packet => packet.IsResponse));
    }

    [Fact]
    public void A_truncated_query_waits_for_what_else_is_known()
    {
        Settled();
        var asker = _network.Add("192.168.1.50");
        var asked = _network.Time.GetUtcNow();
        var known = Enumerable.Range(0, 200).Select(i => new MulticastRecord(Http, RecordType.PTR, 4500, RData.Target(DnsSdNames.Instance($"thing number {i}", Http)), false)).ToList();
        var packets = MulticastPackets.Query([Question("_http._tcp.local", RecordType.PTR)], [.. known, new MulticastRecord(Http, RecordType.PTR, 4500, RData.Target(PhotosHttp), false)]);
        Assert.True(packets.Count > 2);
        packets.ForEach(packet => asker.Say(packet));
        _network.Pass(1000);
        Assert.DoesNotContain(_network.Take(), packet => packet.IsResponse);

        asked = _network.Time.GetUtcNow();
        MulticastPackets.Query([Question("_http._tcp.local", RecordType.PTR)], known).ForEach(packet => asker.Say(packet));
        _network.Pass(1000);
        Assert.InRange((Assert.Single(_network.Take(), packet => packet.IsResponse).At - asked).TotalMilliseconds, 420, 630);
    }

    [Fact]
    public void What_another_says_to_all_is_not_said_after_him()
    {
        Settled();
        var asker = _network.Add("192.168.1.50");
        asker.Ask(Question("_services._dns-sd._udp.local", RecordType.PTR));
        asker.Respond(new MulticastRecord(DnsSdNames.Types, RecordType.PTR, 4500, RData.Target(Http), false));
        _network.Take();
        _network.Pass(300);
        Assert.Empty(_network.Seen);
    }

    [Fact]
    public void A_type_that_our_name_has_not_is_denied_by_the_types_that_it_has()
    {
        Settled();
        var denial = Assert.Single(Answers("photos.local", RecordType.AAAA));
        Assert.Equal((RecordType.NSEC, true), (denial.Type, denial.CacheFlush));
        var types = denial.Data.Wire[Photos.Wire.Length..];
        Assert.True(TypeBitmap.Contains(types, RecordType.A));
        Assert.False(TypeBitmap.Contains(types, RecordType.AAAA));
    }

    [Fact]
    public void Nothing_is_said_of_names_that_are_not_ours()
    {
        Settled();
        Assert.Empty(Answers("music.local", RecordType.A));
        Assert.Empty(Answers("_ipp._tcp.local", RecordType.PTR));
        Assert.Empty(Answers("example.com", RecordType.A));
    }

    [Fact]
    public void A_question_for_one_is_answered_to_one_if_all_have_heard_it_lately_else_to_all()
    {
        Settled();
        var asker = _network.Add("192.168.1.50");
        asker.Ask(Question("photos.local", RecordType.A, unicast: true));
        _network.Pass(50);
        Assert.Equal(new IPEndPoint(asker.Addresses[0], 5353), Assert.Single(_network.Take(), packet => packet.IsResponse).To);

        // A quarter of 120 s later.
        _network.Pass(31000);
        _network.Take();
        asker.Ask(Question("photos.local", RecordType.A, unicast: true));
        _network.Pass(50);
        Assert.Null(Assert.Single(_network.Take(), packet => packet.IsResponse).To);
    }

    [Fact]
    public void A_resolver_that_knows_no_mdns_gets_its_number_and_question_short_times_and_no_bit()
    {
        Settled();
        var asker = _network.Add("192.168.1.50");
        var query = new Message { Id = 4711 };
        query.Questions.Add(new Question(Photos, RecordType.A));
        asker.Say(query.ToArray(), source: new IPEndPoint(asker.Addresses[0], 40000));
        _network.Pass(50);
        var answer = Assert.Single(_network.Take(), packet => packet.IsResponse);
        Assert.Equal(new IPEndPoint(asker.Addresses[0], 40000), answer.To);
        Assert.True(Message.TryParse(answer.Bytes, out var read, out _));
        Assert.Equal((4711, Photos, 10u), (read.Id, Assert.Single(read.Questions).Name, Assert.Single(read.Answer).Ttl));
    }

    [Fact]
    public void Nobody_elsewhere_is_answered()
    {
        Settled();
        var stranger = _network.Add("203.0.113.7");
        stranger.Say(MulticastPackets.Query([Question("photos.local", RecordType.A)], [])[0], new IPEndPoint(IPAddress.Parse("192.168.1.10"), 5353));
        stranger.Say(MulticastPackets.Query([Question("photos.local", RecordType.A)], [])[0], source: new IPEndPoint(IPAddress.Parse("203.0.113.7"), 40000));
        _network.Pass(500);
        Assert.DoesNotContain(_network.Seen, packet => packet.IsResponse);
    }

    [Fact]
    public void A_service_that_goes_says_goodbye_and_a_type_that_others_have_stays()
    {
        var machine = Settled("photos", "music");
        machine.Publish("music");
        var goodbye = Assert.Single(_network.Take(), packet => packet.IsResponse).Message.Answers;
        Assert.All(goodbye, record => Assert.Equal(0u, record.Ttl));
        Assert.Equal([RecordType.A, RecordType.PTR, RecordType.TXT, RecordType.SRV], goodbye.Select(record => record.Type).Order());
        Assert.DoesNotContain(goodbye, record => record.Owner == DnsSdNames.Types);

        machine.Node.End(sayGoodbye: true);
        Assert.Contains(Assert.Single(_network.Take(), packet => packet.IsResponse).Message.Answers, record => record.Owner == DnsSdNames.Types && record.Ttl == 0);
    }

    [Fact]
    public void Who_hands_over_to_another_process_says_nothing()
    {
        Settled().Node.End(sayGoodbye: false);
        Assert.Empty(_network.Take());
    }

    [Fact]
    public void An_address_that_changes_is_told_at_once_and_a_family_that_goes_is_taken_back()
    {
        var machine = _network.Add("192.168.1.10", "fd00::10").Start().Publish("photos");
        Settle(machine);
        machine.PlugIn("192.168.1.77");
        _network.Pass(50);
        var told = _network.Take().Where(packet => packet.IsResponse).SelectMany(packet => packet.Message.Answers).Where(record => record.Owner == Photos).ToList();
        Assert.Contains(told, record => record is { Type: RecordType.A, Ttl: 120 } && record.Data == RData.Address(IPAddress.Parse("192.168.1.77")));
        Assert.Contains(told, record => record is { Type: RecordType.AAAA, Ttl: 0 });
    }

    [Fact]
    public void A_link_that_comes_back_is_probed_and_told_anew()
    {
        var machine = Settled();
        machine.Unplug();
        _network.Pass(1000);
        Assert.Empty(_network.Take());
        machine.PlugIn();
        _network.Pass(3000);
        Assert.Equal(3, _network.Seen.Count(packet => packet.IsProbe));
    }

    [Fact]
    public void A_service_that_listens_elsewhere_is_not_said_on_the_link()
    {
        var machine = _network.Add("192.168.1.10").Start();
        machine.Node.Publish([new Publication("photos", [], [IPAddress.Parse("192.168.2.10")])]);
        _network.Pass(3000);
        Assert.Empty(_network.Seen);
    }

    [Fact]
    public void Hundred_services_are_probed_for_in_few_packets()
    {
        var machine = _network.Add("192.168.1.10").Start();
        machine.Publish([.. Enumerable.Range(0, 100).Select(i => $"service-{i}")]);
        _network.Pass(5000);
        Assert.InRange(_network.Seen.Count, 10, 120);
        Assert.All(_network.Seen, packet => Assert.InRange(packet.Bytes.Length, 12, PacketWriter.UsualLength));
        Assert.Equal(100, machine.Node.Hosts.Length);
    }

    [Fact]
    public void A_number_fits_into_the_label() => Assert.Equal(new string('a', 60) + "-12", DnsSdNames.Numbered(new string('a', 63), "-12"));

    [Fact]
    public void A_number_does_not_cut_a_character() =>
        Assert.Equal(new string('ä', 29) + " (2)", DnsSdNames.Numbered(new string('ä', 31), " (2)"));

    private MemoryMachine Settled(params string[] labels)
    {
        var machine = _network.Add("192.168.1.10").Start().Publish(labels.Length == 0 ? ["photos"] : labels);
        Settle(machine);
        _network.Take();
        return machine;
    }

    private List<SeenPacket> Settle(MemoryMachine machine)
    {
        _network.Pass(6000);
        Assert.NotNull(machine.Node);
        return _network.Seen;
    }

    private List<MulticastRecord> Answers(string name, RecordType type)
    {
        _network.Take();
        _network.Add($"192.168.1.{100 + _network.Time.GetUtcNow().Second}").Ask(Question(name, type));
        _network.Pass(1500);
        return [.. _network.Take().Where(packet => packet.IsResponse).SelectMany(packet => packet.Message.Answers)];
    }
}
