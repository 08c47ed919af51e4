using System.Net;
using Edge.Dns.Multicast;
using Edge.Dns.Wire;
using Xunit;
using static Edge.Dns.Tests.Multicast.MemoryMachine;

namespace Edge.Dns.Tests.Multicast;

/// <summary>Neighbours that mean no good, or are broken.</summary>
public sealed class HostileTests
{
    private static readonly string Corpus = Path.Combine(Interop.SharedZone.Folder, "..", "Multicast", "corpus.txt");

    private readonly MemoryNetwork _network = new();

    [Fact]
    public void A_flood_of_announcements_is_counted_and_the_others_are_heard()
    {
        var machine = _network.Add("192.168.1.10").Start();
        machine.Node.Ask([Name.Parse("nas.local")], []);
        _network.Pass(300);
        var flooding = _network.Add("192.168.1.66");
        for (var i = 0; i < 20_000; i++)
        {
            machine.Deliver(new IPEndPoint(flooding.Addresses[0], 5353), true, MulticastPackets.Response([Address($"host-{i}.local", "192.168.1.66")], [])[0]);
        }

        Assert.InRange(machine.Node.Counters.Flooding, 19_500, 20_000);
        _network.Add("192.168.1.5").Respond(Address("nas.local", "192.168.1.5"));
        Assert.Single(machine.Node.Heard(Name.Parse("nas.local")).Addresses);
    }

    [Fact]
    public void A_flood_of_invented_addresses_is_bounded_as_well()
    {
        var machine = _network.Add("192.168.1.10").Start();
        for (var i = 0; i < 20_000; i++)
        {
            machine.Deliver(new IPEndPoint(new IPAddress([192, 168, (byte)(i >> 8), (byte)i]), 5353), true, MulticastPackets.Response([Address("x.local", "192.168.1.66")], [])[0]);
        }

        Assert.InRange(machine.Node.Counters.Flooding, 17_900, 20_000);
    }

    [Fact]
    public void What_was_held_back_is_forgotten_with_time()
    {
        var gate = new FloodGate();
        var source = IPAddress.Parse("192.168.1.66");
        Assert.Equal(250, Enumerable.Range(0, 1000).Count(_ => gate.Admits(source, TimeSpan.Zero)));
        Assert.Equal(50, Enumerable.Range(0, 1000).Count(_ => gate.Admits(source, TimeSpan.FromSeconds(1))));
    }

    [Fact]
    public void More_than_9000_bytes_are_not_read() => Assert.False(MulticastMessage.TryParse(new byte[9001], out _));

    [Theory]
    [InlineData("0000 8400 0000 0001 0000 0000 C00C 0001 0001 00000078 0004 C0A80105")]
    [InlineData("0000 8400 0000 0001 0000 0000 0161C00C 0001 0001 00000078 0004 C0A80105")]
    [InlineData("0000 8400 0000 0002 0000 0000 016105 6C6F63616C00 0001 8001 00000078 0004 C0A80105")]
    [InlineData("0000 8400 0000 0001 0000 0000 0161056C6F63616C00 0001 8001 00000078 FFFF C0A80105")]
    [InlineData("0000 8401 0000 0001 0000 0000 0161056C6F63616C00 0001 8001 00000078 0004 C0A80105")]
    [InlineData("0000 AC00 0000 0000 0000 0000")]
    [InlineData("0000 8400")]
    public void A_message_that_is_broken_or_of_another_kind_is_ignored(string hex) => Assert.False(MulticastMessage.TryParse(Bytes(hex), out _));

    [Theory]
    [InlineData("0000 8400 0000 0001 0000 0000 0161056C6F63616C00 0001 8001 00000078 0003 C0A801")]
    [InlineData("0000 8400 0000 0001 0000 0000 0161056C6F63616C00 000C 8001 00000078 0002 C0FF")]
    [InlineData("0000 8400 0000 0001 0000 0000 0161056C6F63616C00 0021 8001 00000078 0004 00000000")]
    [InlineData("0000 8400 0000 0001 0000 0000 0161056C6F63616C00 0001 0003 00000078 0004 C0A80105")]
    [InlineData("0000 8400 0001 0000 0000 0000 0161056C6F63616C00 00FF 0001")]
    public void A_record_that_is_broken_or_of_another_class_is_left_out_of_its_message(string hex)
    {
        Assert.True(MulticastMessage.TryParse(Bytes(hex), out var message));
        Assert.Empty(message.Answers);
        Assert.Empty(message.Questions);
    }

    [Fact]
    public void A_compressed_name_in_a_denial_is_read()
    {
        // RFC 6762 §18.14; Apple's devices do that.
        Assert.True(MulticastMessage.TryParse(Bytes("0000 8400 0000 0001 0000 0000 0161056C6F63616C00 002F 8001 00000078 0005 C00C 000140"), out var message));
        Assert.Equal(Bytes("0161056C6F63616C00 000140"), Assert.Single(message.Answers).Data.Wire.ToArray());
    }

    [Fact]
    public void Nothing_that_neighbours_send_breaks_anything()
    {
        var machine = _network.Add("192.168.1.10").Start().Publish("photos", "music");
        machine.Node.Ask([Name.Parse("nas.local")], ["_http._tcp"]);
        _network.Pass(4000);
        var failures = new CountingLog();
        using var node = new MulticastNode(machine, _ => 1, _network.Time, new Random(7), failures);
        node.Publish([new Publication("video", [new PublishedInstance("_https._tcp", 443, [])], [])]);
        node.Ask([Name.Parse("nas.local")], ["_http._tcp"]);
        _network.Pass(4000);
        var random = new Random(Fuzz.LongRun.Seed(20261127));
        var kept = File.ReadLines(Corpus).Where(line => line.Length > 0 && line[0] != '#').Select(line => Bytes(line.Split('#')[0])).Concat(_network.Seen.Select(packet => packet.Bytes)).ToList();
        var mutator = new Fuzz.QueryMutator(random, "photos.local", "nas.local", "_http._tcp.local");
        for (var run = new Fuzz.LongRun(4000); run.GoesOn();)
        {
            var packet = mutator.Mutate(kept[random.Next(kept.Count)], kept[random.Next(kept.Count)]);
            machine.Deliver(new IPEndPoint(IPAddress.Parse($"192.168.1.{random.Next(2, 250)}"), random.Next(4) == 0 ? 40000 : 5353), random.Next(3) > 0, packet);
            _network.Time.Advance(TimeSpan.FromMilliseconds(random.Next(20)));
        }

        Assert.Equal([], failures.Errors);
        Assert.True(node.Counters.Malformed > 100);
    }

    private static byte[] Bytes(string hex) => Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
}
