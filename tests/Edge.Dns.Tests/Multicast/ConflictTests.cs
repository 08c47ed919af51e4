using System.Net;
using Edge.Dns.Multicast;
using Edge.Dns.Wire;
using Xunit;
using static Edge.Dns.Tests.Multicast.MemoryMachine;

namespace Edge.Dns.Tests.Multicast;

/// <summary>Names that others have, or say they have (RFC 6762 §8.1, §9).</summary>
public sealed class ConflictTests
{
    private readonly MemoryNetwork _network = new();

    [Fact]
    public void One_packet_takes_one_name_and_not_those_that_would_come_next()
    {
        var machine = Probing(out var bad);
        bad.Say(Taking(["photos.local", .. Enumerable.Range(2, 300).Select(i => $"photos-{i}.local")]));
        Assert.Equal("photos-2.local.", machine.Node.Hosts[0].Host.ToString());
        Assert.Equal(1, machine.Node.Counters.Conflicts);
        _network.Pass(6000);
        Assert.Equal("photos-2.local.", machine.Node.Hosts[0].Host.ToString());
        Assert.Equal([("photos.local", 2)], machine.Renamed);
    }

    [Fact]
    public void Many_packets_at_once_take_no_more_than_one_does()
    {
        var machine = Probing(out var bad);
        for (var i = 0; i < 200; i++)
        {
            bad.Say(Taking(["photos.local", .. Enumerable.Range(2, 300).Select(n => $"photos-{n}.local")]));
        }

        Assert.Equal("photos-2.local.", machine.Node.Hosts[0].Host.ToString());
    }

    [Fact]
    public void Who_says_a_name_before_it_was_probed_for_is_asked_first()
    {
        var machine = _network.Add("192.168.1.10").Start().Publish("photos");
        var bad = _network.Add("192.168.1.66");
        bad.Say(Taking("photos.local"));
        Assert.Equal(0, machine.Node.Counters.Conflicts);
        _network.Pass(6000);
        Assert.Equal("photos.local.", machine.Node.Hosts[0].Host.ToString());
    }

    [Fact]
    public void A_name_that_is_ours_is_probed_for_once_for_many_records_against_it()
    {
        var machine = Probing(out var bad);
        _network.Pass(6000);
        bad.Say(Taking([.. Enumerable.Repeat("photos.local", 300)]));
        Assert.Equal(1, machine.Node.Counters.Conflicts);
        _network.Pass(6000);
        Assert.Equal("photos.local.", machine.Node.Hosts[0].Host.ToString());
        Assert.Empty(machine.Renamed);
    }

    [Fact]
    public void A_name_is_remembered_when_it_is_ours_and_not_on_the_way_to_it()
    {
        var machine = Probing(out var bad);
        for (var i = 0; i < 4; i++)
        {
            bad.Say(Taking(machine.Node.Hosts[0].Host.ToHostString()));
            Assert.Empty(machine.Renamed);
            _network.Pass(600);
        }

        _network.Pass(6000);
        Assert.Equal("photos-5.local.", machine.Node.Hosts[0].Host.ToString());
        Assert.Equal([("photos.local", 5)], machine.Renamed);
    }

    [Fact]
    public void Fifteen_conflicts_within_ten_seconds_make_five_seconds_pass_before_each_name_as_long_as_it_goes_on()
    {
        var machine = Probing(out var bad);
        for (var i = 0; i < 12_000; i++)
        {
            Object(bad);
            _network.Pass(10);
        }

        // The host and the instance, every five seconds in two minutes.
        Assert.InRange(machine.Node.Counters.Conflicts, 15, 15 + (2 * 25));

        // Ten seconds of peace end it.
        _network.Pass(20_000);
        var before = machine.Node.Counters.Conflicts;
        bad.Say(Taking(machine.Node.Hosts[0].Host.ToHostString()));
        _network.Take();
        _network.Pass(300);
        Assert.Equal(before + 1, machine.Node.Counters.Conflicts);
        Assert.Contains(_network.Seen, packet => packet.IsProbe);
    }

    [Fact]
    public void A_pause_is_not_ended_by_a_neighbour_that_probes_for_the_name()
    {
        var machine = Probing(out var bad);
        while (machine.Node.Counters.Conflicts < 16)
        {
            Object(bad);
            _network.Pass(10);
        }

        Object(bad);
        var paused = machine.Node.Hosts[0].Host;
        MulticastPackets.Probe([(new MulticastQuestion(paused, RecordType.ANY, false), [Address(paused.ToHostString(), "192.168.1.250")])]).ForEach(packet => bad.Say(packet));
        _network.Take();
        _network.Pass(4500);
        Assert.DoesNotContain(_network.Seen.Where(packet => packet.IsProbe && packet.From == machine).SelectMany(packet => packet.Message.Questions), question => question.Name == paused);
    }

    [Fact]
    public void The_pace_is_kept_with_fifteen_times_and_no_more()
    {
        var pace = new ConflictPace();
        for (var i = 0; i < 14; i++)
        {
            pace.Note(TimeSpan.FromMilliseconds(i));
        }

        Assert.Equal(TimeSpan.FromSeconds(1), pace.From(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1)));
        pace.Note(TimeSpan.FromSeconds(1));
        Assert.Equal(TimeSpan.FromSeconds(6), pace.From(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1)));
        Assert.Equal(TimeSpan.FromSeconds(16), pace.From(TimeSpan.FromSeconds(11), TimeSpan.FromSeconds(11)));
        Assert.Equal(TimeSpan.FromSeconds(12), pace.From(TimeSpan.FromSeconds(12), TimeSpan.FromSeconds(12)));
        pace.Note(TimeSpan.FromSeconds(12));
        Assert.Equal(TimeSpan.FromSeconds(12), pace.From(TimeSpan.FromSeconds(12), TimeSpan.FromSeconds(12)));
    }

    // A machine that has sent its first probe.
    private MemoryMachine Probing(out MemoryMachine bad)
    {
        var machine = _network.Add("192.168.1.10").Start().Publish("photos");
        bad = _network.Add("192.168.1.66");
        while (!_network.Seen.Exists(packet => packet.IsProbe))
        {
            _network.Pass(5);
        }

        return machine;
    }

    private void Object(MemoryMachine bad)
    {
        foreach (var name in _network.Take().Where(packet => packet.IsProbe).SelectMany(packet => packet.Message.Questions).Select(question => question.Name).Distinct().ToList())
        {
            bad.Say(Taking(name.ToString().TrimEnd('.')));
        }
    }

    // One response, as long as it may be.
    private static byte[] Taking(params string[] names)
    {
        var message = new Message { Flags = MessageFlags.Response | MessageFlags.Authoritative };
        message.Answer.AddRange(names.Select(name => new ResourceRecord(Name.Parse(name), RecordType.A, 120, RData.Address(IPAddress.Parse("192.168.1.66")))));
        return message.ToArray();
    }
}
