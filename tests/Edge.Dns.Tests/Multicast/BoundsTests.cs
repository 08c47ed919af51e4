using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Edge.Dns.Multicast;
using Edge.Dns.Wire;
using Microsoft.Extensions.Time.Testing;
using Xunit;
using static Edge.Dns.Tests.Multicast.MemoryMachine;

namespace Edge.Dns.Tests.Multicast;

/// <summary>Whatever a stranger sends, what is kept of it has a bound.</summary>
public sealed class BoundsTests
{
    private static readonly MulticastLink Link = new(1, "eth0", AddressFamily.InterNetwork, [IPAddress.Parse("192.168.1.10")], [IPNetwork.Parse("192.168.1.0/24")]);
    private static readonly IPEndPoint Stranger = new(IPAddress.Parse("192.168.1.66"), LinkSocket.Port);

    private readonly FakeTimeProvider _time = new();
    private readonly MemoryNetwork _network = new();
    private readonly Agenda _agenda;
    private readonly MulticastContext _context;
    private readonly Querier _querier;
    private readonly LinkResponder _responder;

    public BoundsTests()
    {
        _agenda = new Agenda(_time);
        _context = new MulticastContext(_agenda, new Random(1));
        _querier = new Querier(_context, () => [Link]);
        _responder = new LinkResponder(Link, _context, Rename, _ => { });
    }

    [Fact]
    public void What_is_wanted_many_times_is_done_once_at_the_earliest_of_them()
    {
        var done = new List<TimeSpan>();
        var appointment = new Appointment(_agenda, () => done.Add(_agenda.Now));
        foreach (var seconds in (int[])[3600, 30, 10, 20, 10, 3600])
        {
            appointment.By(TimeSpan.FromSeconds(seconds));
        }

        Assert.Equal(1, _agenda.Count);
        Assert.Equal(TimeSpan.FromSeconds(10), _agenda.Wait);
        _time.Advance(TimeSpan.FromSeconds(10));
        _agenda.Run();
        appointment.By(TimeSpan.FromSeconds(40));
        _time.Advance(TimeSpan.FromHours(2));
        _agenda.Run();
        Assert.Equal([10, 7210], done.Select(at => (int)at.TotalSeconds));
        Assert.Null(_agenda.Wait);
    }

    [Theory]
    [InlineData("nas.local")]
    [InlineData("photos.local")]
    [InlineData("_http._tcp.local")]
    [InlineData("nobody.local")]
    public void Questions_leave_no_more_to_be_done_than_there_are_things_to_do(string name)
    {
        Begin();
        var packet = Questions(name, 1400);
        for (var i = 0; i < 250; i++)
        {
            Take(packet);
        }

        // Asking, probing or telling, and answering.
        Assert.InRange(_agenda.Count, 1, 3);
        _time.Advance(TimeSpan.FromHours(1));
        _agenda.Run();
        Assert.InRange(_agenda.Count, 1, 3);
    }

    [Fact]
    public void Answers_leave_no_more_to_be_done_than_there_are_things_to_do()
    {
        Begin();
        for (uint ttl = 4500; ttl > 4000; ttl--)
        {
            Take(MulticastPackets.Response([Address("nas.local", "192.168.1.5", ttl), Address("nas.local", $"192.168.1.{ttl % 100}", ttl)], [])[0]);
            Take(MulticastPackets.Response([Address("photos.local", "192.168.1.10", 0), Address("photos.local", "192.168.1.66")], [])[0]);
        }

        Assert.InRange(_agenda.Count, 1, 3);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(100, 100)]
    [InlineData(1400, MulticastMessage.MostQuestions)]
    public void Of_a_message_as_many_different_questions_are_answered_as_a_packet_of_the_usual_length_holds(int different, int answered)
    {
        Assert.True(MulticastMessage.TryParse(Questions("nas.local", 1400, different), out var message));
        Assert.Equal(answered, message.Questions.Count);
    }

    [Fact]
    public void Truncated_queries_that_wait_have_a_bound_each_and_all_together()
    {
        Begin();
        var known = Enumerable.Range(0, 50).Select(i => Address($"host-{i}.local", "192.168.1.5")).ToList();
        var before = _agenda.Count;
        for (var i = 0; i < 200; i++)
        {
            Take(Truncated(known), new IPEndPoint(new IPAddress([192, 168, 1, (byte)i]), LinkSocket.Port));
        }

        // Those that do not wait are answered.
        Assert.Equal(64 + 1, _agenda.Count - before);
        Pass(5000);
        _context.TakeOut();

        before = _agenda.Count;
        known = [.. Enumerable.Range(0, 400).Select(i => new MulticastRecord(Name.Root, (RecordType)(1000 + i), 120, new RData([]), false))];
        for (var i = 0; i < 200; i++)
        {
            Take(Truncated(known), new IPEndPoint(new IPAddress([192, 168, 1, (byte)i]), LinkSocket.Port));
        }

        Assert.Equal(10 + 1, _agenda.Count - before);
    }

    [Fact]
    public void An_instance_has_four_places_and_no_text_that_no_packet_holds()
    {
        var asking = _network.Add("192.168.1.10").Start();
        asking.Node.Ask([], ["_http._tcp"]);
        _network.Pass(300);
        var bad = _network.Add("192.168.1.66");
        var type = Name.Parse("_http._tcp.local");
        var thing = DnsSdNames.Instance("thing", type);
        bad.Respond(new MulticastRecord(type, RecordType.PTR, 4500, RData.Target(thing), false));
        bad.Respond([.. Enumerable.Range(1, 20).Select(i => new MulticastRecord(thing, RecordType.SRV, 120, DnsSdNames.Srv((ushort)i, Name.Parse("thing.local")), false))]);
        Assert.Equal(16, asking.Node.Counters.Refused);
        bad.Respond(Text(thing, 1300));
        Assert.Equal(16, asking.Node.Counters.Refused);
        bad.Respond(Text(thing, 1301));
        Assert.Equal(17, asking.Node.Counters.Refused);
    }

    [Fact]
    public void What_was_said_of_a_name_that_was_given_up_is_forgotten()
    {
        Begin();
        var before = _responder.Remembered;
        for (var i = 0; i < 20; i++)
        {
            // Once while it is ours, and once while it is probed for again.
            Take(MulticastPackets.Response([Address(_responder.ByOwner.Keys.Single(one => one.LabelCount == 2).ToHostString(), "192.168.1.66")], [])[0]);
            Pass(600);
            Take(MulticastPackets.Response([Address(_responder.ByOwner.Keys.Single(one => one.LabelCount == 2).ToHostString(), "192.168.1.66")], [])[0]);
            Pass(20_000);
        }

        Assert.Equal("photos-21.local.", _responder.ByOwner.Keys.Single(one => one.LabelCount == 2).ToString());
        Assert.InRange(_responder.Remembered, 1, before);
    }

    private void Begin()
    {
        var key = Name.Parse("nas.local");
        _querier.Want(new HashSet<(Name, RecordType)> { (key, RecordType.A), (key, RecordType.AAAA) });
        _responder.Use(Link, [new PublishedService(new Publication("photos", [new PublishedInstance("_http._tcp", 8080, [])], []), _ => 1, null)]);
        Pass(5000);
        Take(MulticastPackets.Response([Address("nas.local", "192.168.1.5", 4500)], [])[0]);
        _context.TakeOut();
    }

    private void Rename(UniqueName name)
    {
        name.Next();
        _responder.Renamed(name);
    }

    private void Pass(int milliseconds)
    {
        for (var left = milliseconds; left > 0; left -= 5)
        {
            _time.Advance(TimeSpan.FromMilliseconds(5));
            _agenda.Run();
        }
    }

    private void Take(byte[] packet, IPEndPoint? source = null)
    {
        Assert.True(MulticastMessage.TryParse(packet, out var message));
        if (message.IsResponse)
        {
            _responder.Response(message.Answers);
            _querier.Response(message.Answers, Link, (source ?? Stranger).Address);
            return;
        }

        _querier.Query(message, Link);
        _responder.Query(message, source ?? Stranger, isToGroup: true);
    }

    // The name once, then pointers to it; types from 1 on, A among them, then over again.
    private static byte[] Questions(string name, int count, int different = int.MaxValue)
    {
        var owner = Name.Parse(name).Wire;
        var packet = new byte[12 + owner.Length + 4 + ((count - 1) * 6)];
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(4), (ushort)count);
        owner.CopyTo(packet.AsSpan(12));
        var at = 12 + owner.Length;
        for (var i = 0; i < count; i++)
        {
            if (i > 0)
            {
                BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(at), 0xC00C);
                at += 2;
            }

            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(at), (ushort)(1 + (i % different)));
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(at + 2), 1);
            at += 4;
        }

        return packet;
    }

    private static byte[] Truncated(IReadOnlyList<MulticastRecord> known)
    {
        var message = new Message { Flags = MessageFlags.Truncated };
        message.Questions.Add(new Question(Name.Parse("_http._tcp.local"), RecordType.PTR));
        message.Answer.AddRange(known.Select(record => new ResourceRecord(record.Owner, record.Type, record.Ttl, record.Data)));
        return message.ToArray();
    }

    private static MulticastRecord Text(Name owner, int length)
    {
        var data = new byte[length];
        for (var at = 0; at < length; at += data[at] + 1)
        {
            data[at] = (byte)Math.Min(255, length - at - 1);
        }

        return new MulticastRecord(owner, RecordType.TXT, 4500, new RData(data), true);
    }
}
