using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Edge.Dns.Wire;

namespace Edge.Dns.Filtering;

/// <summary>What clients are told of a blocked name.</summary>
public sealed class FilterReply
{
    /// <summary>Time to live of what is said of a blocked name: whoever lifts a block wants to see it lifted.</summary>
    public const uint Ttl = 10;

    /// <summary>The unspecified addresses: a connection to them fails at once, and no client asks the next resolver.</summary>
    public static readonly FilterReply ZeroAddress = WithAddresses([IPAddress.Any, IPAddress.IPv6Any]);

    /// <summary>There is no such name.</summary>
    public static readonly FilterReply NxDomain = new(Rcode.NxDomain, []);

    /// <summary>An answer is refused.</summary>
    public static readonly FilterReply Refused = new(Rcode.Refused, []);

    // RFC 6303 §3 makes up such an SOA; its last number is how long "no" may be kept (RFC 2308 §4).
    private static readonly byte[] SoaData = [0, .. Name.Parse("nobody.invalid").Wire, 0, 0, 0, 1, 0, 0, 0x0E, 0x10, 0, 0, 4, 0xB0, 0, 9, 0x3A, 0x80, 0, 0, 0, (byte)Ttl];

    private FilterReply(Rcode rcode, ImmutableArray<IPAddress> addresses)
    {
        Rcode = rcode;
        V4 = ReplyRecords.Of(RecordType.A, Ttl, addresses.Where(address => address.AddressFamily == AddressFamily.InterNetwork).Select(address => address.GetAddressBytes()));
        V6 = ReplyRecords.Of(RecordType.AAAA, Ttl, addresses.Where(address => address.AddressFamily == AddressFamily.InterNetworkV6).Select(address => address.GetAddressBytes()));
    }

    internal static ReplyRecords Soa { get; } = ReplyRecords.Of(RecordType.SOA, Ttl, [SoaData]);

    internal Rcode Rcode { get; }

    internal ReplyRecords V4 { get; }

    internal ReplyRecords V6 { get; }

    /// <summary>Addresses of one's own, such as those of a page that says what happened.</summary>
    public static FilterReply WithAddresses(ImmutableArray<IPAddress> addresses) => new(Rcode.NoError, addresses);
}
