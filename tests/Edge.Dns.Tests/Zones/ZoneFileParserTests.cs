using System.Text;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Edge.Dns.Zones.MasterFile;
using Xunit;

namespace Edge.Dns.Tests.Zones;

/// <summary>RFC 1035 §5.1 and what came after it, case by case: the file's text and the records it stands for.</summary>
public sealed class ZoneFileParserTests
{
    private static readonly Name Origin = Name.Parse("example.com.");

    [Theory]
    [InlineData("names like types", "a A 1.1.1.1\nmx A 2.2.2.2\nns MX 1 a\nin A 3.3.3.3\n3600 A 4.4.4.4",
        "a.example.com. 3600 IN A 1.1.1.1|mx.example.com. 3600 IN A 2.2.2.2|ns.example.com. 3600 IN MX 1 a.example.com.|in.example.com. 3600 IN A 3.3.3.3|3600.example.com. 3600 IN A 4.4.4.4")]
    [InlineData("class and TTL in either order", "a IN 60 A 1.1.1.1\nb 60 IN A 1.1.1.1\nc IN A 1.1.1.1\nd 60 A 1.1.1.1\ne class1 a 1.1.1.1",
        "a.example.com. 60 IN A 1.1.1.1|b.example.com. 60 IN A 1.1.1.1|c.example.com. 3600 IN A 1.1.1.1|d.example.com. 60 IN A 1.1.1.1|e.example.com. 3600 IN A 1.1.1.1")]
    [InlineData("TTL zero stays zero", "a 0 A 1.1.1.1", "a.example.com. 0 IN A 1.1.1.1")]
    [InlineData("units, in any case", "a 1h30m A 1.1.1.1\nb 1W2D3H4M5S A 1.1.1.1", "a.example.com. 5400 IN A 1.1.1.1|b.example.com. 788645 IN A 1.1.1.1")]
    [InlineData("$TTL counts from where it stands", "a A 1.1.1.1\n$TTL 5m\nb A 1.1.1.1\nc 1m A 1.1.1.1\nd A 1.1.1.1",
        "a.example.com. 3600 IN A 1.1.1.1|b.example.com. 300 IN A 1.1.1.1|c.example.com. 60 IN A 1.1.1.1|d.example.com. 300 IN A 1.1.1.1")]
    [InlineData("a blank owner is the one above", "a A 1.1.1.1\n  A 2.2.2.2\n\t60 A 3.3.3.3", "a.example.com. 3600 IN A 1.1.1.1|a.example.com. 3600 IN A 2.2.2.2|a.example.com. 60 IN A 3.3.3.3")]
    [InlineData("@ is the origin, in data as well", "@ MX 1 @\n$ORIGIN sub\n@ NS @\na CNAME @", "example.com. 3600 IN MX 1 example.com.|sub.example.com. 3600 IN NS sub.example.com.|a.sub.example.com. 3600 IN CNAME sub.example.com.")]
    [InlineData("an escaped @ is a label", "\\@ A 1.1.1.1", "\\@.example.com. 3600 IN A 1.1.1.1")]
    [InlineData("parentheses on one line", "@ SOA a b ( 1 2 3 4 5 )", "example.com. 3600 IN SOA a.example.com. b.example.com. 1 2 3 4 5")]
    [InlineData("parentheses over lines, with comments", "@ SOA a b ( ; (\n1 ; )\n2 3\n\n4 5)\nx A 1.1.1.1", "example.com. 3600 IN SOA a.example.com. b.example.com. 1 2 3 4 5|x.example.com. 3600 IN A 1.1.1.1")]
    [InlineData("parentheses around anything", "( a A\n( 1.1.1.1 ) )\nb(A)2.2.2.2", "a.example.com. 3600 IN A 1.1.1.1|b.example.com. 3600 IN A 2.2.2.2")]
    [InlineData("a line that goes on is no new owner", "a TXT ( x\ny )", "a.example.com. 3600 IN TXT \"x\" \"y\"")]
    [InlineData("semicolons in quotes", "a TXT \"x;y\" ; z", "a.example.com. 3600 IN TXT \"x;y\"")]
    [InlineData("an escaped semicolon", "a TXT x\\;y", "a.example.com. 3600 IN TXT \"x;y\"")]
    [InlineData("strings with or without spaces between them", "a TXT \"x\"\"y\" z", "a.example.com. 3600 IN TXT \"x\" \"y\" \"z\"")]
    [InlineData("\\DDD in names and strings", "\\065\\.b TXT \"\\034\\092\\001\"", "A\\.b.example.com. 3600 IN TXT \"\\\"\\\\\\001\"")]
    [InlineData("a number in a name is not part of an escape", "a TXT \"\\0651\"", "a.example.com. 3600 IN TXT \"A1\"")]
    [InlineData("lines that end in CR LF", "a A 1.1.1.1\r\nb TXT \"x\"\r\n", "a.example.com. 3600 IN A 1.1.1.1|b.example.com. 3600 IN TXT \"x\"")]
    [InlineData("UTF-8 in a string stays its bytes", "a TXT \"é\"", "a.example.com. 3600 IN TXT \"\\195\\169\"")]
    [InlineData("types by number", "a TYPE1 1.1.1.1\nb TYPE65280 \\# 3 0a 0b0c\nc A \\# 4 01010101", "a.example.com. 3600 IN A 1.1.1.1|b.example.com. 3600 IN TYPE65280 \\# 3 0A0B0C|c.example.com. 3600 IN A 1.1.1.1")]
    [InlineData("RFC 9460: values in quotes are one word", "a HTTPS 1 . alpn=\"h2,h3\" port=\"443\"", "a.example.com. 3600 IN HTTPS 1 . alpn=\"h2,h3\" port=443")]
    [InlineData("RFC 9460 §2.2: parameters are sorted", "a HTTPS 1 . port=443 alpn=h2", "a.example.com. 3600 IN HTTPS 1 . alpn=\"h2\" port=443")]
    [InlineData("nothing but comments", "; a\n\n   ; b\n", "")]
    [InlineData("no line end at the end", "a A 1.1.1.1 ; c", "a.example.com. 3600 IN A 1.1.1.1")]
    public void A_file_says(string rule, string text, string records)
    {
        var result = Parse("$TTL 1h\n" + text);
        Assert.Empty(result.Problems);
        Assert.Equal((rule, records), (rule, string.Join('|', result.Records.Select(RecordText.Format))));
    }

    [Fact]
    public void Without_TTL_and_before_any_the_SOA_gives_it_its_own() // RFC 1035 §3.3.13, RFC 2308 §4
    {
        var result = Parse("@ SOA a b 1 2 3 4 300\n@ NS a\nx 60 A 1.1.1.1\ny A 1.1.1.1");
        Assert.Empty(result.Problems);
        Assert.Equal([300u, 300u, 60u, 60u], result.Records.Select(record => record.Ttl));
    }

    [Fact]
    public void A_byte_order_mark_is_no_text() => Assert.Single(Parse("\uFEFF$TTL 1h\na A 1.1.1.1").Records);

    [Fact]
    public void Records_know_the_line_of_their_first_word() =>
        Assert.Equal(
            ["zones/example.com.zone:2", "zones/example.com.zone:6"],
            Parse("$TTL 1h\na A 1.1.1.1\n\n\n  (\nA 2.2.2.2 )").Records.Select(record => record.Source.ToString()));

    [Fact]
    public void An_included_file_has_its_own_origin_and_leaves_no_trace_of_it()
    {
        var result = Parse("$TTL 1h\na A 1.1.1.1\n$INCLUDE inc sub\n  A 2.2.2.2\nb A 3.3.3.3", name => new IncludedFile("zones/" + name, "x A 9.9.9.9\n$ORIGIN other.\ny A 9.9.9.9"u8.ToArray()));
        Assert.Empty(result.Problems);
        Assert.Equal(["a.example.com.", "x.sub.example.com.", "y.other.", "a.example.com.", "b.example.com."], result.Records.Select(record => record.Owner.ToString()));
        Assert.Equal("zones/inc:1", result.Records[1].Source.ToString());
        Assert.Equal(["inc"], result.Included);
    }

    [Fact]
    public void A_file_that_includes_itself_is_one_problem_and_ends()
    {
        var result = Parse("$INCLUDE self", name => new IncludedFile("zones/self", "$INCLUDE self\n$INCLUDE self"u8.ToArray()));
        Assert.All(result.Problems, problem => Assert.Contains("include each other", problem.Message, StringComparison.Ordinal));
        Assert.InRange(result.Problems.Length, 1, ZoneFileLimits.MaxErrors + 1);
    }

    [Theory]
    [InlineData("@ SOA a b ( 1 2 3 4 5\nx A 1.1.1.1\ny A", "1: the ( opened here is never closed|3: the IPv4 address is missing")]
    [InlineData("x TXT \"abc\ny A 1.1.1.1.1", "1: a quoted string is not closed on its line|2: A needs an IPv4 address, not \"1.1.1.1.1\"")]
    [InlineData("x A 1.1.1.1 )\ny A", "1: ) without a ( before it|2: the IPv4 address is missing")]
    [InlineData("  A 1.1.1.1", "1: this line has no owner: it begins with a space and no record stands above it")]
    [InlineData("a..b A 1.1.1.1\n  A 2.2.2.2\nx A 1.1.1.1", "1: the owner \"a..b\" is no domain name: a label is empty (two dots in a row, or nothing at all)")]
    [InlineData("@ SOA a b ( 1\n 2\n x\n 4 5 )", "3: the retry time must be a time of at most 4294967295 seconds, not \"x\"")]
    [InlineData("x 3000000000 A 1.1.1.1", "1: the TTL 3000000000 is too large: at most 2147483647 seconds (RFC 2181 §8)")]
    [InlineData("x CH A 1.1.1.1", "1: only class IN is served, not CH")]
    [InlineData("x ANY a", "1: ANY exists only in queries, never in a zone")]
    [InlineData("$INCLUDE x", "1: $INCLUDE is not allowed here")]
    [InlineData("$NONSENSE 1-9 a A 1.1.1.1", "1: $NONSENSE is not supported")]
    [InlineData("x\0 A 1.1.1.1", "0: this is not a text file: it has zero bytes")]
    [InlineData("müller A 1.1.1.1", "1: the owner \"müller\" is not ASCII")]
    public void Reading_goes_on_after_a_mistake(string text, string problems)
    {
        var result = Parse(text.StartsWith('$') || text.Contains("SOA", StringComparison.Ordinal) ? text : text + "\nlast 1h A 1.1.1.1");
        Assert.Equal(problems, string.Join('|', result.Problems.Where(problem => !problem.Message.Contains("no TTL", StringComparison.Ordinal)).Select(problem => $"{problem.Line}: {problem.Message}")));
    }

    [Theory]
    [InlineData("x AAA ::1", "did you mean AAAA?")]
    [InlineData("x CANME a", "did you mean CNAME?")]
    [InlineData("x TXTT a", "did you mean TXT?")]
    [InlineData("x SPF \"v=spf1\"", "SPF policies are TXT records (RFC 7208 §3.1)")]
    [InlineData("x 192.0.2.1", "write A 192.0.2.1")]
    [InlineData("x 2001:db8::1", "write AAAA 2001:db8::1")]
    [InlineData("y A 192.0.2.1\n  x A 192.0.2.1", "a line that begins with a space belongs to the owner above it: remove the space if this is a name")]
    [InlineData("x MX mail", "as in: MX 10 mail.example.com.")]
    [InlineData("x 1x A 192.0.2.1", "a TTL is seconds, or numbers with s m h d w: 1h30m")]
    [InlineData("x", "NAME TTL TYPE DATA, as in: nas 1h A 192.0.2.10")]
    [InlineData("www.example.com A 192.0.2.1", "did you mean \"www.example.com.\" with a dot at its end?")]
    [InlineData("x CNAME www.example.com", "did you mean \"www.example.com.\" with a dot at its end?")]
    [InlineData("x CAA 0 isue \"a\"", "the tags are issue, issuewild, iodef, issuemail, issuevmc, contactemail, contactphone")]
    public void A_mistake_comes_with_what_to_do(string text, string hint) => Assert.Equal(hint, Assert.Single(Parse("$TTL 1h\n" + text).Problems).Hint);

    private static ZoneFileResult Parse(string text, Func<string, IncludedFile>? open = null) =>
        ZoneFileParser.Parse("zones/example.com.zone", Encoding.UTF8.GetBytes(text), Origin, open);
}
