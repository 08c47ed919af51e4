using System.Net;
using Edge.Dns.Multicast;

namespace Edge.Dns.Tests.Multicast;

/// <summary>A packet that went over the link.</summary>
internal sealed record SeenPacket(MemoryMachine From, IPEndPoint? To, MulticastMessage Message, byte[] Bytes, DateTimeOffset At)
{
    public bool IsProbe => !Message.IsResponse && Message.Authority.Count > 0;

    public bool IsQuery => !Message.IsResponse && Message.Authority.Count == 0;

    public bool IsResponse => Message.IsResponse;
}
