using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace Edge.Dns.Wire;

/// <summary>
/// The data of one resource record in uncompressed wire form (RFC 1035 §3.2.1), 0 to 65535 bytes.
/// Compression is the writer's business; comparing two records of a type is comparing these bytes.
/// </summary>
public readonly struct RData : IEquatable<RData>
{
    private readonly byte[]? _wire;

    /// <summary>Wraps bytes that are already in wire form; the caller gives them away.</summary>
    public RData(byte[] wire) => _wire = wire;

    /// <summary>The wire form, names uncompressed.</summary>
    public ReadOnlySpan<byte> Wire => _wire;

    /// <summary>A or AAAA data, by the family of the address.</summary>
    public static RData Address(IPAddress address) => new(address.GetAddressBytes());

    /// <summary>Data that is one name: CNAME, NS, PTR, DNAME.</summary>
    public static RData Target(Name name) => new(name.Wire.ToArray());

    /// <summary>TXT data (RFC 1035 §3.3.14): one string of any length, cut into character-strings of at most 255 bytes.</summary>
    public static RData Text(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var wire = new List<byte>(bytes.Length + 1);
        var at = 0;
        do
        {
            var length = Math.Min(255, bytes.Length - at);
            wire.Add((byte)length);
            wire.AddRange(bytes.AsSpan(at, length));
            at += length;
        }
        while (at < bytes.Length);
        return new RData([.. wire]);
    }

    /// <summary>SOA data (RFC 1035 §3.3.13); times in seconds.</summary>
    public static RData Soa(Name primary, Name mailbox, uint serial, uint refresh, uint retry, uint expire, uint minimum)
    {
        var wire = new byte[primary.Wire.Length + mailbox.Wire.Length + 20];
        primary.Wire.CopyTo(wire);
        mailbox.Wire.CopyTo(wire.AsSpan(primary.Wire.Length));
        var numbers = wire.AsSpan(primary.Wire.Length + mailbox.Wire.Length);
        BinaryPrimitives.WriteUInt32BigEndian(numbers, serial);
        BinaryPrimitives.WriteUInt32BigEndian(numbers[4..], refresh);
        BinaryPrimitives.WriteUInt32BigEndian(numbers[8..], retry);
        BinaryPrimitives.WriteUInt32BigEndian(numbers[12..], expire);
        BinaryPrimitives.WriteUInt32BigEndian(numbers[16..], minimum);
        return new RData(wire);
    }

    /// <inheritdoc/>
    public bool Equals(RData other) => Wire.SequenceEqual(other.Wire);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is RData other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(Wire);
        return hash.ToHashCode();
    }

    /// <summary>Same bytes.</summary>
    public static bool operator ==(RData a, RData b) => a.Equals(b);

    /// <summary>Not the same bytes.</summary>
    public static bool operator !=(RData a, RData b) => !a.Equals(b);
}
