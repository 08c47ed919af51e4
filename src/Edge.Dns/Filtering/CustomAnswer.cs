using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Edge.Dns.Wire;

namespace Edge.Dns.Filtering;

/// <summary>An answer that the settings give for a name that is not ours: addresses, or another name.</summary>
public sealed class CustomAnswer
{
    /// <summary>Time to live of what is answered.</summary>
    public const uint Ttl = 60;

    /// <summary>An answer of addresses; of the type that has none there is no data.</summary>
    /// <param name="name">The name; "*.example.net" stands for what is below.</param>
    /// <param name="addresses">Its addresses.</param>
    public CustomAnswer(Name name, ImmutableArray<IPAddress> addresses)
    {
        Name = name;
        Addresses = addresses;
        V4 = ReplyRecords.Of(RecordType.A, Ttl, addresses.Where(address => address.AddressFamily == AddressFamily.InterNetwork).Select(address => address.GetAddressBytes()));
        V6 = ReplyRecords.Of(RecordType.AAAA, Ttl, addresses.Where(address => address.AddressFamily == AddressFamily.InterNetworkV6).Select(address => address.GetAddressBytes()));
    }

    /// <summary>An answer that is another name's.</summary>
    public CustomAnswer(Name name, Name target)
        : this(name, [])
    {
        Target = target;
    }

    /// <summary>The name it is for.</summary>
    public Name Name { get; }

    /// <summary>Its addresses.</summary>
    public ImmutableArray<IPAddress> Addresses { get; }

    /// <summary>The name whose answer it is; null when it has addresses.</summary>
    public Name? Target { get; }

    internal ReplyRecords V4 { get; }

    internal ReplyRecords V6 { get; }
}
