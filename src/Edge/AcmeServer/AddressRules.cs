using System.Net;
using System.Net.Sockets;

namespace Edge.AcmeServer;

/// <summary>
/// Which addresses may be had (RFC 8738): the one a device has itself, by which it asks. An address proves less than a name, since
/// others can have it tomorrow; who asks from it now and answers there has it today.
/// </summary>
internal sealed class AddressRules(AcmeServerSetup setup)
{
    /// <summary>Certificates that hold an address live no longer: leases change hands.</summary>
    public static readonly TimeSpan LongestLife = TimeSpan.FromDays(7);

    /// <summary>
    /// An address of IPv6 as RFC 5952 writes it, which clients should (RFC 8738 §3) and certbot's library does not; all else as it is. IPv4
    /// has one way alone, and others that some read in it: those are refused.
    /// </summary>
    public static string Canonical(string asked) =>
        asked.Contains(':') && !asked.Contains('%') && !asked.Contains('[') && IPAddress.TryParse(asked, out var address) ? address.ToString() : asked;

    /// <summary>Why an address cannot be had; null when it can.</summary>
    /// <param name="asked">As in the order.</param>
    /// <param name="client">Who asks.</param>
    public string? Why(string asked, IPAddress client)
    {
        // RFC 8738 §3: four decimal numbers, or as RFC 5952 writes it; not the other ways that this is read in.
        if (!IPAddress.TryParse(asked, out var address) || address.ToString() != asked || asked.Contains('%') || address.IsIPv4MappedToIPv6)
        {
            return "is not an address as RFC 1123 and RFC 5952 write them, such as 192.168.1.30 or fd00::30";
        }

        if (IsOfManyMachines(address))
        {
            return "is an address that more than one machine has";
        }

        if (setup.IsOwnAddress(address))
        {
            return "is an address of this box, which has a certificate";
        }

        return address.Equals(client) ? null : $"is not the address that asks, {client}: a device can have its own alone";
    }

    private static bool IsOfManyMachines(IPAddress address) =>
        IPAddress.IsLoopback(address) || address.IsIPv6LinkLocal || address.IsIPv6Multicast || address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any)
        || (address.AddressFamily == AddressFamily.InterNetwork && address.GetAddressBytes() is [169, 254, ..] or [>= 224, ..]);
}
