using System.Buffers.Binary;

namespace Edge.Dns.Nameserver;

/// <summary>For whom a resolver asks: the network of its own client (RFC 7871 §6).</summary>
/// <param name="Address">The network's first address.</param>
/// <param name="SourceLength">SOURCE PREFIX-LENGTH in bits of the family; 0 means that the client wants it kept to itself (RFC 7871 §7.1.2).</param>
internal readonly record struct ClientSubnet(ClientAddress Address, int SourceLength)
{
    private const int FixedLength = 4;

    /// <summary>Where SCOPE PREFIX-LENGTH stands in the option's data.</summary>
    public const int ScopeOffset = 3;

    /// <summary>Bits of an address of this family.</summary>
    public int FamilyLength => Address.IsIPv4 ? 32 : 128;

    /// <summary>Reads the data of a query's option; false when it is malformed.</summary>
    public static bool TryRead(ReadOnlySpan<byte> data, out ClientSubnet subnet)
    {
        subnet = default;
        if (data.Length < FixedLength)
        {
            return false;
        }

        // The IANA address families: 1 is IPv4, 2 is IPv6. A query's scope is zero (RFC 7871 §6).
        var family = BinaryPrimitives.ReadUInt16BigEndian(data);
        var (source, scope) = (data[2], data[ScopeOffset]);
        var address = data[FixedLength..];
        var whole = family == 1 ? 4 : 16;
        if (family is not (1 or 2) || source > whole * 8 || scope != 0 || address.Length != (source + 7) / 8)
        {
            return false;
        }

        // Bits behind the prefix must be zero (RFC 7871 §6).
        if (source % 8 != 0 && (address[^1] & (0xFF >> (source % 8))) != 0)
        {
            return false;
        }

        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        address.CopyTo(bytes);
        subnet = new ClientSubnet(ClientAddress.FromBytes(bytes[..whole]), source);
        return true;
    }
}
