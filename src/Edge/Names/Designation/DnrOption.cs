using System.Buffers.Binary;
using System.Net;
using Edge.Dns.Wire;

namespace Edge.Names.Designation;

/// <summary>The DHCP options that tell clients of an encrypted resolver (DNR, RFC 9463), as the bytes that servers send.</summary>
internal static class DnrOption
{
    /// <summary>The code of the DHCPv4 option (§5.1).</summary>
    public const int CodeV4 = 162;

    /// <summary>The code of the DHCPv6 option (§4.1); the option of router advertisements has the same number (§6.1).</summary>
    public const int CodeV6 = 144;

    /// <summary>The data of the DHCPv4 option: one instance for each transport, one after the other (§5.1).</summary>
    public static byte[] V4(Name name, IReadOnlyCollection<IPAddress> addresses, IEnumerable<DesignatedTransport> transports) =>
        [.. transports.SelectMany(transport => InstanceV4(name, addresses, transport))];

    /// <summary>The data of one DHCPv6 option, which holds one transport: each further one is an option of its own (§4.1).</summary>
    public static byte[] V6(Name name, IReadOnlyCollection<IPAddress> addresses, DesignatedTransport transport)
    {
        byte[] at = [.. addresses.SelectMany(address => address.GetAddressBytes())];
        return [.. Short(transport.Priority), .. Short(name.Wire.Length), .. name.Wire, .. Short(at.Length), .. at, .. transport.Parameters()];
    }

    // Length, priority, name, addresses, parameters: the lengths of the first is two bytes wide, of the others one.
    private static byte[] InstanceV4(Name name, IReadOnlyCollection<IPAddress> addresses, DesignatedTransport transport)
    {
        byte[] at = [.. addresses.SelectMany(address => address.GetAddressBytes())];
        byte[] data = [.. Short(transport.Priority), (byte)name.Wire.Length, .. name.Wire, (byte)at.Length, .. at, .. transport.Parameters()];
        return [.. Short(data.Length), .. data];
    }

    private static byte[] Short(int value)
    {
        var bytes = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)value);
        return bytes;
    }
}
