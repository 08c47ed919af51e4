using System.Buffers.Binary;
using Edge.Dns.Nameserver;

namespace Edge.Dns.Listeners;

/// <summary>Writes each answer behind its length (RFC 1035 §4.2.2, RFC 9250 §4.2).</summary>
internal sealed class FramedSink(Stream stream) : IMessageSink
{
    public ValueTask SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancel)
    {
        var framed = new byte[QueryFrames.Prefix + message.Length];
        BinaryPrimitives.WriteUInt16BigEndian(framed, (ushort)message.Length);
        message.CopyTo(framed.AsMemory(QueryFrames.Prefix));
        return stream.WriteAsync(framed, cancel);
    }
}
