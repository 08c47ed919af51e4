using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Edge.Acme;

/// <summary>The two things of a ClientHello that decide about a challenge (RFC 8446 §4.1.2): the server's name and the protocols offered.</summary>
/// <param name="ServerName">RFC 6066 §3; "" when there is none.</param>
/// <param name="Protocols">RFC 7301 §3.1, in the client's order.</param>
internal sealed record ClientHello(string ServerName, IReadOnlyList<string> Protocols)
{
    // A ClientHello fits into one record of this size (RFC 8446 §5.1), and what does not is none that we care for.
    private const int MostBytes = 5 + 16384;
    private const int Handshake = 22;
    private const int Hello = 1;
    private const int ServerNameExtension = 0;
    private const int AlpnExtension = 16;

    /// <summary>Reads the first record of a connection.</summary>
    /// <param name="bytes">What has come so far.</param>
    /// <param name="hello">Null when it is not a ClientHello in one record.</param>
    /// <returns>False while more is needed.</returns>
    public static bool TryRead(ReadOnlySequence<byte> bytes, out ClientHello? hello)
    {
        hello = null;
        if (bytes.Length < 5)
        {
            return false;
        }

        Span<byte> header = stackalloc byte[5];
        bytes.Slice(0, 5).CopyTo(header);
        var length = BinaryPrimitives.ReadUInt16BigEndian(header[3..]);
        if (header[0] != Handshake || header[1] != 3 || length > MostBytes - 5)
        {
            return true;
        }

        if (bytes.Length < 5 + length)
        {
            return false;
        }

        hello = Read(bytes.Slice(5, length).ToArray());
        return true;
    }

    private static ClientHello? Read(ReadOnlySpan<byte> record)
    {
        try
        {
            // Type and length; version and random; session, cipher suites, compression; extensions.
            if (record[0] != Hello)
            {
                return null;
            }

            var rest = record[(4 + 2 + 32)..];
            rest = rest[(1 + rest[0])..];
            rest = rest[(2 + BinaryPrimitives.ReadUInt16BigEndian(rest))..];
            rest = rest[(1 + rest[0])..];
            return ReadExtensions(rest.Slice(2, BinaryPrimitives.ReadUInt16BigEndian(rest)));
        }
        catch (Exception torn) when (torn is ArgumentOutOfRangeException or IndexOutOfRangeException)
        {
            return null;
        }
    }

    private static ClientHello ReadExtensions(ReadOnlySpan<byte> rest)
    {
        var name = "";
        var protocols = new List<string>();
        while (!rest.IsEmpty)
        {
            var (type, length) = (BinaryPrimitives.ReadUInt16BigEndian(rest), BinaryPrimitives.ReadUInt16BigEndian(rest[2..]));
            var body = rest.Slice(4, length);
            rest = rest[(4 + length)..];
            if (type == ServerNameExtension && body.Length > 5 && body[2] == 0)
            {
                name = Encoding.ASCII.GetString(body.Slice(5, BinaryPrimitives.ReadUInt16BigEndian(body[3..])));
            }
            else if (type == AlpnExtension)
            {
                for (var list = body[2..]; !list.IsEmpty; list = list[(1 + list[0])..])
                {
                    protocols.Add(Encoding.ASCII.GetString(list.Slice(1, list[0])));
                }
            }
        }

        return new ClientHello(name, protocols);
    }
}
