using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Text;

namespace Edge.Streams;

/// <summary>Reads the header of the PROXY protocol, versions 1 and 2 (haproxy.org, proxy-protocol.txt).</summary>
internal static class ProxyHeaderReader
{
    /// <summary>The longest header that is taken: address blocks and extensions (TLVs) of any sane proxy.</summary>
    public const int MostBytes = 16 + 4096;

    // §2.1: a line of version 1 has 107 bytes at most, with its end.
    private const int LongestLine = 107;

    /// <summary>§2.2: what version 2 begins with.</summary>
    public static ReadOnlySpan<byte> Signature => "\r\n\r\n\0\r\nQUIT\n"u8;

    /// <param name="bytes">What has come so far.</param>
    /// <param name="header">What it says.</param>
    /// <param name="length">How many bytes it has.</param>
    public static ProxyHeaderStatus Read(ReadOnlySpan<byte> bytes, out ProxyHeader header, out int length)
    {
        (header, length) = (ProxyHeader.Own, 0);
        var first = Math.Min(bytes.Length, Signature.Length);
        if (first > 0 && bytes[..first].SequenceEqual(Signature[..first]))
        {
            return ReadBinary(bytes, ref header, ref length);
        }

        first = Math.Min(bytes.Length, 6);
        return bytes[..first].SequenceEqual("PROXY "u8[..first]) ? ReadLine(bytes, ref header, ref length) : ProxyHeaderStatus.Wrong;
    }

    private static ProxyHeaderStatus ReadLine(ReadOnlySpan<byte> bytes, ref ProxyHeader header, ref int length)
    {
        var end = bytes[..Math.Min(bytes.Length, LongestLine)].IndexOf("\r\n"u8);
        if (end < 0)
        {
            return bytes.Length < LongestLine ? ProxyHeaderStatus.Incomplete : ProxyHeaderStatus.Wrong;
        }

        length = end + 2;
        var words = Encoding.ASCII.GetString(bytes[..end]).Split(' ');
        if (words is ["PROXY", "UNKNOWN", ..])
        {
            return ProxyHeaderStatus.Complete;
        }

        if (words is not ["PROXY", "TCP4" or "TCP6", var source, var destination, var sourcePort, var destinationPort]
            || EndPoint(source, sourcePort, words[1] == "TCP6") is not { } from
            || EndPoint(destination, destinationPort, words[1] == "TCP6") is not { } to)
        {
            return ProxyHeaderStatus.Wrong;
        }

        header = new ProxyHeader(from, to);
        return ProxyHeaderStatus.Complete;
    }

    private static IPEndPoint? EndPoint(string address, string port, bool isV6) =>
        IPAddress.TryParse(address, out var parsed) && address.Contains(':') == isV6 && (isV6 || address.Count(letter => letter == '.') == 3)
        && ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? new IPEndPoint(parsed, number)
            : null;

    private static ProxyHeaderStatus ReadBinary(ReadOnlySpan<byte> bytes, ref ProxyHeader header, ref int length)
    {
        if (bytes.Length < 16)
        {
            return ProxyHeaderStatus.Incomplete;
        }

        var (version, command, family) = (bytes[12] >> 4, bytes[12] & 15, bytes[13]);
        length = 16 + BinaryPrimitives.ReadUInt16BigEndian(bytes[14..]);
        if (version != 2 || command > 1 || length > MostBytes)
        {
            return ProxyHeaderStatus.Wrong;
        }

        if (bytes.Length < length)
        {
            return ProxyHeaderStatus.Incomplete;
        }

        // §2.2: with LOCAL the addresses are to be ignored; a family that is not known counts as unspecified.
        var addresses = bytes[16..length];
        var size = (family >> 4) switch { 1 => 4, 2 => 16, _ => 0 };
        if (command == 0 || size == 0)
        {
            return ProxyHeaderStatus.Complete;
        }

        if (addresses.Length < (size * 2) + 4)
        {
            return ProxyHeaderStatus.Wrong;
        }

        var ports = addresses[(size * 2)..];
        header = new ProxyHeader(
            new IPEndPoint(new IPAddress(addresses[..size]), BinaryPrimitives.ReadUInt16BigEndian(ports)),
            new IPEndPoint(new IPAddress(addresses.Slice(size, size)), BinaryPrimitives.ReadUInt16BigEndian(ports[2..])));
        return ProxyHeaderStatus.Complete;
    }
}
