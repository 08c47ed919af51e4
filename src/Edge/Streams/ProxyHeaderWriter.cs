using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Edge.Services;

namespace Edge.Streams;

/// <summary>Writes the header of the PROXY protocol that a destination is sent before anything else.</summary>
internal static class ProxyHeaderWriter
{
    /// <param name="version">1 or 2.</param>
    /// <param name="source">The client.</param>
    /// <param name="destination">Where it connected to.</param>
    public static byte[] Write(ProxyProtocolVersion version, IPEndPoint source, IPEndPoint destination)
    {
        var (from, to) = (Plain(source), Plain(destination));
        // Both addresses of a header are of one family: a client over IPv6 makes the other one a mapped address.
        if (from.AddressFamily != to.AddressFamily)
        {
            (from, to) = (new IPEndPoint(from.Address.MapToIPv6(), from.Port), new IPEndPoint(to.Address.MapToIPv6(), to.Port));
        }

        return version == ProxyProtocolVersion.V1 ? Line(from, to) : Binary(from, to);
    }

    private static IPEndPoint Plain(IPEndPoint endPoint) =>
        endPoint.Address.IsIPv4MappedToIPv6 ? new IPEndPoint(endPoint.Address.MapToIPv4(), endPoint.Port)
        : endPoint.AddressFamily == AddressFamily.InterNetworkV6 ? new IPEndPoint(new IPAddress(endPoint.Address.GetAddressBytes()), endPoint.Port)
        : endPoint;

    private static byte[] Line(IPEndPoint from, IPEndPoint to) =>
        Encoding.ASCII.GetBytes($"PROXY {(from.AddressFamily == AddressFamily.InterNetwork ? "TCP4" : "TCP6")} {from.Address} {to.Address} {from.Port} {to.Port}\r\n");

    private static byte[] Binary(IPEndPoint from, IPEndPoint to)
    {
        var size = from.AddressFamily == AddressFamily.InterNetwork ? 4 : 16;
        var header = new byte[16 + (size * 2) + 4];
        ProxyHeaderReader.Signature.CopyTo(header);
        header[12] = 0x21; // version 2, PROXY
        header[13] = size == 4 ? (byte)0x11 : (byte)0x21; // TCP over IPv4, over IPv6
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(14), (ushort)(header.Length - 16));
        from.Address.TryWriteBytes(header.AsSpan(16), out _);
        to.Address.TryWriteBytes(header.AsSpan(16 + size), out _);
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(16 + (size * 2)), (ushort)from.Port);
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(18 + (size * 2)), (ushort)to.Port);
        return header;
    }
}
