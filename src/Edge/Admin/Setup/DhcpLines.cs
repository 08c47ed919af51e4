using System.Net;
using System.Text;
using Edge.Names.Designation;

namespace Edge.Admin.Setup;

/// <summary>What DHCP servers hand out: the addresses for plain DNS, and the encrypted resolver (DNR, RFC 9463).</summary>
internal static class DhcpLines
{
    public static SetupPart Dnsmasq(ResolverFacts facts)
    {
        var text = new StringBuilder();
        if (facts.V4.Any())
        {
            text.AppendLine($"dhcp-option=option:dns-server,{string.Join(',', facts.V4)}");
        }

        if (facts.V6.Any())
        {
            text.AppendLine($"dhcp-option=option6:dns-server,{string.Join(',', facts.V6.Select(address => $"[{address}]"))}");
        }

        if (facts.V4.Any() && facts.Transports.Length > 0)
        {
            text.AppendLine($"# DNR: {Said(facts)}");
            text.AppendLine($"dhcp-option={DnrOption.CodeV4},{Colons(V4(facts))}");
        }

        foreach (var transport in facts.V6.Any() ? facts.Transports : [])
        {
            text.AppendLine($"dhcp-option=option6:{DnrOption.CodeV6},{Colons(V6(facts, transport))}");
        }

        text.AppendLine("# dnsmasq has no DNR option for router advertisements (RFC 9463 §6): clients without DHCPv6 find the resolver by DDR.");
        return new SetupPart("dnsmasq", "dnsmasq: /etc/dnsmasq.d/edge.conf", text.ToString());
    }

    public static SetupPart Kea(ResolverFacts facts)
    {
        var text = new StringBuilder();
        string[] v4 =
        [
            .. facts.V4.Any() ? [$"{{ \"name\": \"domain-name-servers\", \"data\": \"{string.Join(", ", facts.V4)}\" }}"] : Array.Empty<string>(),
            .. facts.V4.Any() && facts.Transports.Length > 0 ? [KeaBinary("dhcp4", DnrOption.CodeV4, V4(facts))] : Array.Empty<string>(),
        ];
        // Kea sends one option of a code: the transport that is wanted most.
        string[] v6 =
        [
            .. facts.V6.Any() ? [$"{{ \"name\": \"dns-servers\", \"data\": \"{string.Join(", ", facts.V6)}\" }}"] : Array.Empty<string>(),
            .. facts.V6.Any() && facts.Transports.Length > 0 ? [KeaBinary("dhcp6", DnrOption.CodeV6, V6(facts, facts.Transports[0]))] : Array.Empty<string>(),
        ];
        foreach (var (server, data) in new[] { ("Dhcp4", v4), ("Dhcp6", v6) })
        {
            if (data.Length > 0)
            {
                text.AppendLine($"// in \"{server}\", or in one subnet of it");
                text.AppendLine($"\"option-data\": [\n  {string.Join(",\n  ", data)}\n]");
            }
        }

        return new SetupPart("kea", "Kea: kea-dhcp4.conf and kea-dhcp6.conf", text.ToString());
    }

    public static SetupPart Isc(ResolverFacts facts)
    {
        var text = new StringBuilder();
        if (facts.V4.Any())
        {
            text.AppendLine("# dhcpd.conf");
            text.AppendLine($"option domain-name-servers {string.Join(", ", facts.V4)};");
            if (facts.Transports.Length > 0)
            {
                text.AppendLine($"option v4-dnr code {DnrOption.CodeV4} = string;");
                text.AppendLine($"option v4-dnr {Colons(V4(facts))};");
            }
        }

        if (facts.V6.Any())
        {
            text.AppendLine("# dhcpd6.conf");
            text.AppendLine($"option dhcp6.name-servers {string.Join(", ", facts.V6)};");
            if (facts.Transports.Length > 0)
            {
                text.AppendLine($"option dhcp6.v6-dnr code {DnrOption.CodeV6} = string;");
                text.AppendLine($"option dhcp6.v6-dnr {Colons(V6(facts, facts.Transports[0]))};");
            }
        }

        return new SetupPart("isc", "ISC dhcpd: dhcpd.conf and dhcpd6.conf", text.ToString());
    }

    private static byte[] V4(ResolverFacts facts) => DnrOption.V4(facts.DomainName, [.. facts.V4], facts.Transports);

    private static byte[] V6(ResolverFacts facts, DesignatedTransport transport) => DnrOption.V6(facts.DomainName, [.. facts.V6], transport);

    // By number and in hexadecimal: versions before Kea 2.7 have no name for it, later ones take this as well.
    private static string KeaBinary(string space, int code, byte[] data) =>
        $"{{ \"space\": \"{space}\", \"code\": {code}, \"csv-format\": false, \"data\": \"{Convert.ToHexString(data)}\" }}";

    private static string Colons(byte[] data) => string.Join(':', data.Select(value => value.ToString("x2", System.Globalization.CultureInfo.InvariantCulture)));

    private static string Said(ResolverFacts facts) =>
        $"{facts.Name} at {string.Join(' ', facts.V4.Select(address => address.ToString()))}, {string.Join(", ", facts.Transports.Select(transport => $"{transport.Alpn} port {transport.Port}"))}";
}
