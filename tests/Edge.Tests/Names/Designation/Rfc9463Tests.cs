using System.Net;
using Edge.Dns.Wire;
using Edge.Names.Designation;

namespace Edge.Tests.Names.Designation;

/// <summary>RFC 9463: the options of DHCP, byte by byte.</summary>
public sealed class Rfc9463Tests
{
    private static readonly Name Box = Name.Parse("nas.example.com");

    // The name without compression (RFC 8415 §10).
    private const string BoxInHex = "036e6173076578616d706c6503636f6d00";

    [Fact]
    public void Section_5_1_one_DHCPv4_option_holds_all_instances() => Assert.Equal(
        string.Concat(
            "002b", "0001", "11", BoxInHex, "08", "c0a8010a", "c0a8010b", "0001000403646f74", "000300020355",
            "003e", "0002", "11", BoxInHex, "08", "c0a8010a", "c0a8010b", "00010003026832", "0003000201bb", "000700102f646e732d71756572797b3f646e737d"),
        Convert.ToHexStringLower(DnrOption.V4(
            Box,
            [IPAddress.Parse("192.168.1.10"), IPAddress.Parse("192.168.1.11")],
            [new DesignatedTransport(DesignatedProtocol.Tls, 853), new DesignatedTransport(DesignatedProtocol.Https, 443)])));

    [Fact]
    public void Section_4_1_a_DHCPv6_option_holds_one_instance() => Assert.Equal(
        string.Concat("0003", "0011", BoxInHex, "0010", "fd000000000000000000000000000010", "0001000403646f71", "000300022295"),
        Convert.ToHexStringLower(DnrOption.V6(Box, [IPAddress.Parse("fd00::10")], new DesignatedTransport(DesignatedProtocol.Quic, 8853))));

    // Read back by a reader of its own, which knows the format from the RFC and nothing of the writer.
    [Fact]
    public void Lengths_lead_from_one_field_to_the_next()
    {
        var bytes = DnrOption.V4(Box, [IPAddress.Parse("192.168.1.10")], [new DesignatedTransport(DesignatedProtocol.Tls, 853), new DesignatedTransport(DesignatedProtocol.Quic, 853)]);
        var read = new List<string>();
        for (var at = 0; at < bytes.Length;)
        {
            var end = at + 2 + ((bytes[at] << 8) | bytes[at + 1]);
            var name = Name.FromWire(bytes.AsSpan(at + 5, bytes[at + 4]));
            var addresses = at + 5 + bytes[at + 4];
            var parameters = addresses + 1 + bytes[addresses];
            read.Add($"{(bytes[at + 2] << 8) | bytes[at + 3]} {name} {new IPAddress(bytes.AsSpan(addresses + 1, bytes[addresses]))} {System.Text.Encoding.ASCII.GetString(bytes, parameters + 5, bytes[parameters + 4])}");
            Assert.InRange(end, parameters + 1, bytes.Length);
            at = end;
        }

        Assert.Equal(["1 nas.example.com. 192.168.1.10 dot", "3 nas.example.com. 192.168.1.10 doq"], read);
    }
}
