using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Edge.Names.Leases;

/// <summary>
/// dnsmasq's lease file: "EXPIRY MAC ADDRESS NAME CLIENT-ID" with "*" for what is not known and 0 for a lease without
/// end; after a line "duid SERVER-DUID" the same for IPv6, with an IAID in place of the MAC.
/// </summary>
internal sealed class DnsmasqReader(LeaseTable table) : ILeaseReader
{
    private string _part = "";

    public void Begin(string part) => _part = part;

    public void Read(string line, int number)
    {
        var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0 || words[0] == "duid")
        {
            return;
        }

        if (words.Length != 5)
        {
            table.Mistake(_part, number, $"has {words.Length} words; a lease of dnsmasq has 5: expiry, hardware address, address, name, client id");
        }
        else if (!long.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) || seconds > LeaseTime.Latest)
        {
            table.Mistake(_part, number, $"\"{LeaseText.Shown(words[0])}\" is not a time in seconds");
        }
        else if (!LeaseText.TryAddress(words[2], out var address))
        {
            table.Mistake(_part, number, $"\"{LeaseText.Shown(words[2])}\" is not an address");
        }
        else
        {
            var device = address.AddressFamily == AddressFamily.InterNetworkV6 ? DeviceId.OfIPv6(words[4]) : DeviceId.OfIPv4(words[4] == "*" ? "" : words[4], words[1]);
            table.Put(address, words[3] == "*" ? "" : words[3], device, null, seconds == 0 ? null : LeaseTime.At(seconds), _part, number);
        }
    }
}
