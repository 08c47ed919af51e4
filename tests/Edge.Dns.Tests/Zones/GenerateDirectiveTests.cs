using System.Text;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Edge.Dns.Zones.MasterFile;
using Xunit;

namespace Edge.Dns.Tests.Zones;

/// <summary>$GENERATE, which BIND invented: the same records as BIND makes of the same lines.</summary>
public sealed class GenerateDirectiveTests
{
    private static readonly Name Origin = Name.Parse("example.com.");

    private static readonly string[] Lines =
    [
        "$GENERATE 1-3 a$ A 192.0.2.$",
        "$generate 2-9/3 b$ 60 IN AAAA 2001:db8::$",
        "$GENERATE 0-1 $.c IN 1h30m CNAME $-$.d",
        "$GENERATE 8-10 e${0,3} TXT $",
        "$GENERATE 8-11 f${-8,2,d} A 192.0.2.${100}",
        "$GENERATE 15-17 g${0,0,x}-${0,4,X}-${0,3,o} A 192.0.2.1",
        "$GENERATE 14-18 ${0,0,n}.h PTR i${0,7,N}.x",
        "$GENERATE 4095-4098 ${0,9,n}.j PTR k${1,10,n}y",
        "$GENERATE 1-2 l$$ A 192.0.2.1",
        "$GENERATE 1-2 m\\$$ A 192.0.2.1",
        "$GENERATE 1-2 n MX \"$0 mail$\"",
        "$GENERATE 1-2 o$ TXT \"two words$\"",
        "$GENERATE 0-0 p SRV \"0 0 8${0,3} @\"",
        "$GENERATE 1-2 q.example.net. ( A 192.0.2.$ ) ; a comment $",
        "$ORIGIN 0.0.192.in-addr.arpa.example.com.",
        "$GENERATE 1-2 $ CNAME $.0",
    ];

    [Fact]
    public async Task It_makes_what_BIND_makes()
    {
        var text = "$TTL 1h\n@ SOA ns1 host 1 1h 15m 2w 5m\n@ NS ns1.example.org.\n" + string.Join('\n', Lines.Where(line => !line.Contains("example.net", StringComparison.Ordinal))) + "\n";
        var theirs = await ZoneTools.CompileAsync("example.com", text);
        var ours = Parse(text);
        Assert.Empty(ours.Problems);
        Assert.Equal(theirs, ours.Records.Select(RecordText.Format).Distinct().Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("$GENERATE 1-2 a$ MX 1$ b$", "a1.example.com. 3600 IN MX 11 b1.example.com.|a2.example.com. 3600 IN MX 12 b2.example.com.")]
    [InlineData("$GENERATE 1-1 a TXT \"x $\" \"y $\"", "a.example.com. 3600 IN TXT \"x 1\" \"y 1\"")]
    [InlineData("$GENERATE 1-1 a$ A 192.0.2.$\n  A 192.0.2.9", "a1.example.com. 3600 IN A 192.0.2.1|a1.example.com. 3600 IN A 192.0.2.9")]
    public void Data_of_several_words_needs_no_quotes(string text, string records) =>
        Assert.Equal(records, string.Join('|', Parse("$TTL 1h\n" + text).Records.Select(RecordText.Format)));

    [Theory]
    [InlineData("$GENERATE", "2: the range is missing")]
    [InlineData("$GENERATE 1-2", "2: $GENERATE needs a range, an owner, a type and data")]
    [InlineData("$GENERATE 1-2 a$ A", "2: $GENERATE needs a range, an owner, a type and data")]
    [InlineData("$GENERATE 1-2 a$ AA 192.0.2.1", "2: $GENERATE needs a range, an owner, a type and data")]
    [InlineData("$GENERATE 5 a$ A 192.0.2.$", "2: \"5\" is no range")]
    [InlineData("$GENERATE 1/2-3 a$ A 192.0.2.$", "2: \"1/2-3\" is no range")]
    [InlineData("$GENERATE 1-9999999999 a$ A 192.0.2.$", "2: \"1-9999999999\" is no range")]
    [InlineData("$GENERATE 3-1 a$ A 192.0.2.$", "2: the range 3-1 is empty")]
    [InlineData("$GENERATE 1-3/0 a$ A 192.0.2.$", "2: the range 1-3/0 is empty")]
    [InlineData("$GENERATE 0-2147483647 a$ A 192.0.2.1", "2: the range 0-2147483647 makes more than 65536 records")]
    [InlineData("$GENERATE 1-300 a$ A 192.0.2.$", "2: A needs an IPv4 address, not \"192.0.2.256\"")]
    [InlineData("$GENERATE 1-2 a${ A 192.0.2.$", "2: \"${\" is no place for a number")]
    [InlineData("$GENERATE 1-2 a${0,1,q} A 192.0.2.$", "2: \"${0,1,q}\" is no place for a number")]
    [InlineData("$GENERATE 1-2 a${0,999} A 192.0.2.$", "2: \"${0,999}\" is no place for a number")]
    [InlineData("$GENERATE 1-2 a${-2} A 192.0.2.$", "2: 1 with the offset -2 is -1")]
    [InlineData("$GENERATE 1-2 a..$ A 192.0.2.$", "2: the owner \"a..1\" is no domain name: a label is empty (two dots in a row, or nothing at all)")]
    public void What_is_wrong_is_told_once(string text, string problem) =>
        Assert.Equal(problem, string.Join('|', Parse("$TTL 1h\n" + text + "\nlast A 192.0.2.1").Problems.Select(one => $"{one.Line}: {one.Message}")));

    private static ZoneFileResult Parse(string text) => ZoneFileParser.Parse("zones/example.com.zone", Encoding.UTF8.GetBytes(text), Origin);
}
