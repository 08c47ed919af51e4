using System.Net;
using System.Text;
using Edge.Services;
using Edge.Streams;

namespace Edge.Tests.Streams;

/// <summary>The PROXY protocol as proxy-protocol.txt has it (sections in the cases), and what is none.</summary>
public sealed class ProxyHeaderTests
{
    private const string Signature = "0D0A0D0A000D0A515549540A";

    public static TheoryData<string, string, string?, int> Sound => new()
    {
        { "§2.1 TCP4", Text("PROXY TCP4 192.0.2.7 203.0.113.9 51000 443\r\nGET"), "192.0.2.7:51000 203.0.113.9:443", 44 },
        { "§2.1 TCP6", Text("PROXY TCP6 2001:db8::7 2001:db8::9 51000 443\r\n"), "[2001:db8::7]:51000 [2001:db8::9]:443", 46 },
        { "§2.1 UNKNOWN, whatever follows", Text("PROXY UNKNOWN ffff:f...f:ffff 65535\r\n"), null, 37 },
        { "§2.2 TCP over IPv4", Signature + "2111000C" + "C0000207" + "CB007109" + "C738" + "01BB" + "474554", "192.0.2.7:51000 203.0.113.9:443", 28 },
        { "§2.2 TCP over IPv6 with an extension", Signature + "21210027" + "20010DB8000000000000000000000007" + "20010DB8000000000000000000000009" + "C738" + "01BB" + "040000", "[2001:db8::7]:51000 [2001:db8::9]:443", 55 },
        { "§2.2 LOCAL: the proxy itself", Signature + "2000000C" + "C0000207" + "CB007109" + "C738" + "01BB", null, 28 },
        { "§2.2 a family that is not known", Signature + "21310002" + "0000", null, 18 },
    };

    public static TheoryData<string, string> None => new()
    {
        { "another protocol", Text("GET / HTTP/1.1\r\n") },
        { "TLS", "160301" },
        { "§2.1 a line without an end", Text("PROXY TCP4 " + new string('1', 100)) },
        { "§2.1 an address of the other family", Text("PROXY TCP4 2001:db8::7 2001:db8::9 51000 443\r\n") },
        { "§2.1 an address written short", Text("PROXY TCP4 192.2 203.0.113.9 51000 443\r\n") },
        { "§2.1 a port too large", Text("PROXY TCP4 192.0.2.7 203.0.113.9 65536 443\r\n") },
        { "§2.1 a word too few", Text("PROXY TCP4 192.0.2.7 203.0.113.9 443\r\n") },
        { "§2.2 another version", Signature + "3111000C" + "C0000207CB007109C73801BB" },
        { "§2.2 a command that is not known", Signature + "2211000C" + "C0000207CB007109C73801BB" },
        { "§2.2 too short for its family", Signature + "21110004" + "C0000207" },
        { "longer than anybody needs", Signature + "2111FFFF" },
    };

    [Theory]
    [MemberData(nameof(Sound))]
    public void A_header_is_read_at_its_last_byte_and_not_before(string what, string hex, string? addresses, int length)
    {
        var bytes = Convert.FromHexString(hex);
        for (var count = 0; count < length; count++)
        {
            Assert.True(ProxyHeaderReader.Read(bytes.AsSpan(0, count), out _, out _) == ProxyHeaderStatus.Incomplete, $"{what}: {count} bytes");
        }

        Assert.Equal(ProxyHeaderStatus.Complete, ProxyHeaderReader.Read(bytes, out var header, out var read));
        Assert.Equal(length, read);
        Assert.Equal(addresses, header.Source is null ? null : $"{header.Source} {header.Destination}");
    }

    [Theory]
    [MemberData(nameof(None))]
    public void What_is_none_is_refused(string what, string hex) =>
        Assert.True(ProxyHeaderReader.Read(Convert.FromHexString(hex), out _, out _) == ProxyHeaderStatus.Wrong, what);

    [Theory]
    [InlineData("192.0.2.7:51000", "203.0.113.9:443", "192.0.2.7:51000 203.0.113.9:443")]
    [InlineData("[2001:db8::7]:1", "[2001:db8::9]:443", "[2001:db8::7]:1 [2001:db8::9]:443")]
    [InlineData("[::ffff:192.0.2.7]:51000", "203.0.113.9:443", "192.0.2.7:51000 203.0.113.9:443")]
    [InlineData("192.0.2.7:51000", "[2001:db8::9]:443", "[::ffff:192.0.2.7]:51000 [2001:db8::9]:443")]
    public void What_is_written_can_be_read(string source, string destination, string read)
    {
        foreach (var version in (ProxyProtocolVersion[])[ProxyProtocolVersion.V1, ProxyProtocolVersion.V2])
        {
            var bytes = ProxyHeaderWriter.Write(version, IPEndPoint.Parse(source), IPEndPoint.Parse(destination));
            Assert.Equal(ProxyHeaderStatus.Complete, ProxyHeaderReader.Read(bytes, out var header, out var length));
            Assert.Equal(bytes.Length, length);
            Assert.Equal(read, $"{header.Source} {header.Destination}");
        }
    }

    private static string Text(string line) => Convert.ToHexString(Encoding.ASCII.GetBytes(line));
}
