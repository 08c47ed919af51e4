using System.Buffers.Binary;
using System.Net;
using Edge.Dns.Wire;

namespace Edge.Dns.Resolver;

/// <summary>
/// Addresses that only mean something inside: a public name that has one makes a browser talk to the LAN on behalf
/// of a stranger. 100.64.0.0/10 is left out: overlays publish such addresses on purpose.
/// </summary>
internal static class PrivateAddresses
{
    // Keys of SVCB parameters (RFC 9460 §14.3.2).
    private const ushort Ipv4Hint = 4;
    private const ushort Ipv6Hint = 6;

    /// <summary>The first private address in A, AAAA, HTTPS or SVCB records; null when there is none.</summary>
    public static IPAddress? FindIn(List<ResourceRecord> records)
    {
        foreach (var record in records)
        {
            var found = record.Type switch
            {
                RecordType.A or RecordType.AAAA => FirstPrivate(record.Data.Wire, record.Type == RecordType.A ? 4 : 16),
                RecordType.HTTPS or RecordType.SVCB => FindInHints(record.Data.Wire),
                _ => null,
            };
            if (found is not null)
            {
                return found;
            }
        }

        return null;
    }

    /// <summary>Whether the address, of 4 or 16 bytes, is private; IPv4 inside IPv6 counts as what it is.</summary>
    public static bool IsPrivate(ReadOnlySpan<byte> address)
    {
        if (address.Length == 4)
        {
            return address[0] switch
            {
                0 or 10 or 127 => true,
                169 => address[1] == 254,
                172 => (address[1] & 0xF0) == 16,
                192 => address[1] == 168,
                _ => false,
            };
        }

        var value = BinaryPrimitives.ReadUInt128BigEndian(address);
        // IPv4-mapped (RFC 4291 §2.5.5.2) and the well-known NAT64 prefix (RFC 6052 §2.1).
        if (value >> 32 == 0xFFFF || value >> 32 == (UInt128)0x0064_FF9B << 64)
        {
            return IsPrivate(address[12..]);
        }

        // 6to4 (RFC 3056 §2), and the NAT64 prefix for local use (RFC 8215).
        if (address[0] == 0x20 && address[1] == 0x02 && IsPrivate(address[2..6]) || value >> 80 == 0x0064_FF9B_0001)
        {
            return true;
        }

        // Unspecified and loopback, unique-local fc00::/7 (RFC 4193), link-local fe80::/10 (RFC 4291 §2.5.6), site-local fec0::/10 (RFC 3879).
        return value <= 1 || (address[0] & 0xFE) == 0xFC || (address[0] == 0xFE && address[1] >= 0x80);
    }

    private static IPAddress? FirstPrivate(ReadOnlySpan<byte> addresses, int size)
    {
        for (; addresses.Length >= size; addresses = addresses[size..])
        {
            if (IsPrivate(addresses[..size]))
            {
                return new IPAddress(addresses[..size]);
            }
        }

        return null;
    }

    // RFC 9460 §2.2: priority, target name, then key, length and value of each parameter.
    private static IPAddress? FindInHints(ReadOnlySpan<byte> data)
    {
        var target = data.Length > 2 ? RDataNames.NameLength(data[2..]) : -1;
        if (target < 0)
        {
            return null;
        }

        for (var rest = data[(2 + target)..]; rest.Length >= 4;)
        {
            var key = BinaryPrimitives.ReadUInt16BigEndian(rest);
            var length = BinaryPrimitives.ReadUInt16BigEndian(rest[2..]);
            if (rest.Length < 4 + length)
            {
                return null;
            }

            var found = key is Ipv4Hint or Ipv6Hint ? FirstPrivate(rest.Slice(4, length), key == Ipv4Hint ? 4 : 16) : null;
            if (found is not null)
            {
                return found;
            }

            rest = rest[(4 + length)..];
        }

        return null;
    }
}
