using Edge.Dns.Wire;
using Xunit;

namespace Edge.Dns.Tests.Nameserver;

/// <summary>Names in questions that are none (RFC 1035 §3.1, §4.1.4) get FORMERR, and those at the limits an answer.</summary>
public sealed class Rfc1035NameTests
{
    private const string Zone = """
        $ORIGIN example.com.
        $TTL 300
        @   SOA ns hostmaster 1 7200 900 1209600 300
        @   NS  ns
        ns  A   192.0.2.53
        *   TXT "any"
        """;

    private static readonly TestNameserver Server = TestNameserver.With(("example.com.", Zone));

    private static readonly string Label63 = "3F" + string.Concat(Enumerable.Repeat("61", 63));

    private const string ExampleCom = "076578616D706C6503636F6D00";

    public static TheoryData<string, string> Malformed => new()
    {
        { "§4.1.4: a pointer to itself", "C00C" },
        { "§4.1.4: a pointer to a pointer and back", "C00E C00C" },
        { "§4.1.4: a pointer back to a label before it", "0161 C00C" },
        { "§4.1.4: a pointer forward", "C00E 00" },
        { "§4.1.4: a pointer past the end", "FFFF" },
        { "§4.1.4: a pointer into the header", "C000" },
        { "§4.1.4: half a pointer", "C0" },
        { "§4.1.4: the label kinds 01 and 10 are reserved", "40" + string.Concat(Enumerable.Repeat("61", 64)) + "00" },
        { "RFC 6891 §5: extended labels are no more", "4101FF" },
        { "§3.1: a label longer than the message", "3F6161" },
        { "§3.1: 256 bytes", Label63 + Label63 + Label63 + "3E" + string.Concat(Enumerable.Repeat("61", 62)) + "00" },
        { "§3.1: 128 labels", string.Concat(Enumerable.Repeat("0161", 128)) + "00" },
        { "§3.1: no end", string.Concat(Enumerable.Repeat("0161", 20)) },
    };

    [Theory]
    [MemberData(nameof(Malformed))]
    public void Gets_FORMERR(string what, string name)
    {
        var message = TestNameserver.Read(Server.Raw(Query(name)));
        Assert.Equal((what, Rcode.FormErr, 0x1234), (what, message.Rcode, message.Id));
    }

    public static TheoryData<string, string, Rcode> WellFormed => new()
    {
        { "§3.1: 255 bytes that are nobody's", Label63 + Label63 + Label63 + "3D" + string.Concat(Enumerable.Repeat("61", 61)) + "00", Rcode.Refused },
        { "§3.1: 255 bytes in our zone", Label63 + Label63 + Label63 + "30" + string.Concat(Enumerable.Repeat("61", 48)) + ExampleCom, Rcode.NoError },
        { "§2.3.4: a label of 63 bytes", Label63 + ExampleCom, Rcode.NoError },
        { "§3.1: the root", "00", Rcode.Refused },
    };

    [Theory]
    [MemberData(nameof(WellFormed))]
    public void Is_answered(string what, string name, Rcode rcode)
    {
        var query = Query(name, RecordType.TXT);
        var answer = Server.Raw(query)!;
        var message = TestNameserver.Read(answer);
        Assert.Equal((what, rcode, rcode == Rcode.NoError ? 1 : 0), (what, message.Rcode, message.Answer.Count));
        Assert.Equal(query[12..], answer[12..query.Length]);
    }

    private static byte[] Query(string name, RecordType type = RecordType.A) =>
        Convert.FromHexString($"123401000001000000000000{name}{(ushort)type:X4}0001".Replace(" ", "", StringComparison.Ordinal));
}
