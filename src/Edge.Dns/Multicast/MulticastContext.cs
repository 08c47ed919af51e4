using System.Net;

namespace Edge.Dns.Multicast;

/// <summary>What the parts of a node share: the agenda, chance, and the way out. Everything here happens under the node's lock.</summary>
internal sealed class MulticastContext(Agenda agenda, Random random)
{
    private readonly List<(MulticastLink Link, byte[] Packet, IPEndPoint? To)> _out = [];

    public Agenda Agenda => agenda;

    public TimeSpan Now => agenda.Now;

    public SentPackets Sent { get; } = new();

    /// <summary>The pace of all links: an interface has two of them, and whoever objects on one does so on the other.</summary>
    public ConflictPace Pace { get; } = new();

    /// <summary>Records not kept.</summary>
    public long Refused { get; set; }

    public long PacketsSent { get; private set; }

    /// <summary>A time within limits, in milliseconds.</summary>
    public TimeSpan Between(double least, double most) => TimeSpan.FromMilliseconds(least + (random.NextDouble() * (most - least)));

    /// <summary>Sends when the lock is left.</summary>
    public void Send(MulticastLink link, byte[] packet, IPEndPoint? to = null)
    {
        Sent.Add(packet, Now);
        PacketsSent++;
        _out.Add((link, packet, to));
    }

    public void Send(MulticastLink link, IEnumerable<byte[]> packets)
    {
        foreach (var packet in packets)
        {
            Send(link, packet);
        }
    }

    /// <summary>What waits to be sent; nothing does afterwards.</summary>
    public List<(MulticastLink Link, byte[] Packet, IPEndPoint? To)> TakeOut()
    {
        List<(MulticastLink, byte[], IPEndPoint?)> taken = [.. _out];
        _out.Clear();
        return taken;
    }
}
