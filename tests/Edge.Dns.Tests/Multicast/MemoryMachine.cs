using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Edge.Dns.Multicast;
using Edge.Dns.Wire;
using Microsoft.Extensions.Logging.Abstractions;

namespace Edge.Dns.Tests.Multicast;

/// <summary>A machine on the link in memory; it has a node of ours when that is started, else it says what a test lets it say.</summary>
internal sealed class MemoryMachine(MemoryNetwork network, ImmutableArray<IPAddress> addresses, int number) : IMulticastWire
{
    private bool _isUp = true;
    private ImmutableArray<IPAddress> _addresses = addresses;

    public ImmutableArray<IPAddress> Addresses => _addresses;

    public ImmutableArray<MulticastLink> Links => _isUp ? [new MulticastLink(1, "eth0", AddressFamily.InterNetwork, _addresses, [IPNetwork.Parse("192.168.1.0/24"), IPNetwork.Parse("fd00::/64")])] : [];

    public MulticastNode Node { get; private set; } = null!;

    /// <summary>What came in.</summary>
    public List<(IPEndPoint Source, bool IsToGroup, MulticastMessage Message)> Got { get; } = [];

    public List<(string Key, int Number)> Renamed { get; } = [];

    public event Action? LinksChanged;

    public event Action<MulticastPacket>? Received;

    public MemoryMachine Start(Func<string, int>? numbers = null)
    {
        Node = new MulticastNode(this, numbers ?? (_ => 1), network.Time, new Random(number), NullLogger<MulticastNode>.Instance);
        Node.Renamed += (key, to) => Renamed.Add((key, to));
        return this;
    }

    public MemoryMachine Publish(params string[] labels)
    {
        Node.Publish([.. labels.Select(label => new Publication(label, [new PublishedInstance("_http._tcp", 8080, ["path=/"])], []))]);
        return this;
    }

    public void Send(MulticastLink link, ReadOnlySpan<byte> message, IPEndPoint? to) => network.Send(this, message.ToArray(), to);

    public void Deliver(IPEndPoint source, bool isToGroup, byte[] packet)
    {
        if (MulticastMessage.TryParse(packet, out var message))
        {
            Got.Add((source, isToGroup, message));
        }

        if (_isUp)
        {
            Received?.Invoke(new MulticastPacket(Links[0], source, isToGroup, packet));
        }
    }

    /// <summary>Sends bytes without a node.</summary>
    public void Say(byte[] packet, IPEndPoint? to = null, IPEndPoint? source = null) => network.Send(this, packet, to, source);

    public void Respond(params MulticastRecord[] records) => MulticastPackets.Response(records, []).ForEach(packet => Say(packet));

    public void Ask(MulticastQuestion question, params MulticastRecord[] known) => MulticastPackets.Query([question], known).ForEach(packet => Say(packet));

    public void Unplug()
    {
        _isUp = false;
        LinksChanged?.Invoke();
    }

    public void PlugIn(params string[] addresses)
    {
        (_isUp, _addresses) = (true, addresses.Length == 0 ? _addresses : [.. addresses.Select(IPAddress.Parse)]);
        LinksChanged?.Invoke();
    }

    public static MulticastQuestion Question(string name, RecordType type, bool unicast = false) => new(Name.Parse(name), type, unicast);

    public static MulticastRecord Address(string name, string address, uint ttl = 120) =>
        new(Name.Parse(name), address.Contains(':') ? RecordType.AAAA : RecordType.A, ttl, RData.Address(IPAddress.Parse(address)), true);
}
