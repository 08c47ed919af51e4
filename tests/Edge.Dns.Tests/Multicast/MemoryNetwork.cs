using Edge.Dns.Multicast;
using Microsoft.Extensions.Time.Testing;
using System.Collections.Immutable;
using System.Net.Sockets;
using System.Net;
using Xunit;

namespace Edge.Dns.Tests.Multicast;

/// <summary>One link in memory with any number of machines on it, and a clock that goes when it is told to.</summary>
internal sealed class MemoryNetwork
{
    private readonly List<MemoryMachine> _machines = [];
    private readonly Queue<(MemoryMachine From, IPEndPoint Source, byte[] Packet, IPEndPoint? To)> _onTheWay = [];
    private bool _delivers;

    public FakeTimeProvider Time { get; } = new();

    /// <summary>Every packet, in order.</summary>
    public List<SeenPacket> Seen { get; } = [];

    /// <summary>Adds a machine, which has one address, or several.</summary>
    public MemoryMachine Add(params string[] addresses)
    {
        var machine = new MemoryMachine(this, [.. addresses.Select(IPAddress.Parse)], _machines.Count + 1);
        _machines.Add(machine);
        return machine;
    }

    /// <summary>Lets time pass, in steps short enough to keep the order of what happens.</summary>
    public void Pass(double milliseconds)
    {
        for (var left = milliseconds; left > 0; left -= 5)
        {
            Time.Advance(TimeSpan.FromMilliseconds(5));
        }
    }

    public void Send(MemoryMachine from, byte[] packet, IPEndPoint? to, IPEndPoint? source = null)
    {
        _onTheWay.Enqueue((from, source ?? new IPEndPoint(from.Addresses[0], LinkSocket.Port), packet, to));
        if (_delivers)
        {
            return;
        }

        _delivers = true;
        while (_onTheWay.TryDequeue(out var next))
        {
            Assert.True(MulticastMessage.TryParse(next.Packet, out var message), Convert.ToHexString(next.Packet));
            Seen.Add(new SeenPacket(next.From, next.To, message, next.Packet, Time.GetUtcNow()));
            foreach (var machine in _machines.Where(machine => next.To is null || machine.Addresses.Contains(next.To.Address)))
            {
                machine.Deliver(next.Source, next.To is null, next.Packet);
            }
        }

        _delivers = false;
    }

    /// <summary>The packets since the last look.</summary>
    public List<SeenPacket> Take()
    {
        List<SeenPacket> seen = [.. Seen];
        Seen.Clear();
        return seen;
    }
}
