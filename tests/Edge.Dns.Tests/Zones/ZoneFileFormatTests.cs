using System.Text;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Edge.Dns.Zones.MasterFile;
using Xunit;

namespace Edge.Dns.Tests.Zones;

/// <summary>The tidy form of zone files: what it looks like, that doing it twice changes nothing, and that it means the same.</summary>
public sealed class ZoneFileFormatTests
{
    [Theory]
    [InlineData("columns", "a A 1.1.1.1\nlonger-name 60 in aaaa ::1\n", "a                 A       1.1.1.1\nlonger-name 60 IN AAAA    ::1\n")]
    [InlineData("short names get a tab's width", "@ NS ns1\nns1 A 1.1.1.1", "@       NS      ns1\nns1     A       1.1.1.1\n")]
    [InlineData("class and TTL have one order", "a IN 1h A 1.1.1.1\n", "a       1h IN A       1.1.1.1\n")]
    [InlineData("one long name does not move the others", "this-name-is-far-longer-than-any-column A 1.1.1.1\na A 1.1.1.1\n",
        "this-name-is-far-longer-than-any-column A       1.1.1.1\na       A       1.1.1.1\n")]
    [InlineData("the owner above stays unwritten", "a A 1.1.1.1\n\tAAAA ::1\n", "a       A       1.1.1.1\n        AAAA    ::1\n")]
    [InlineData("comments stay and stand below each other", "; head\na A 1.1.1.1;one\nb  A  2.2.2.22   ;  two\n  ; three\n", "; head\na       A       1.1.1.1   ;one\nb       A       2.2.2.22  ;  two\n; three\n")]
    [InlineData("directives", "$ttl  1h ; c\n$origin   a.\n$Include x   b\n$generate 1-2  a$  A 1.1.1.$", "$TTL 1h  ; c\n$ORIGIN a.\n$INCLUDE x b\n$GENERATE 1-2 a$ A 1.1.1.$\n")]
    [InlineData("empty lines", "\n\n\na A 1.1.1.1\n \n\t\n\nb A 1.1.1.1\n\n\n", "a       A       1.1.1.1\n\nb       A       1.1.1.1\n")]
    [InlineData("line ends, byte order mark, spaces", "\uFEFFa\tA   1.1.1.1  \r\n", "a       A       1.1.1.1\n")]
    [InlineData("a SOA on one line", "@ soa ns1 host (1 2 3 4 5)", "@       SOA     ns1 host ( 1 2 3 4 5 )\n")]
    [InlineData("a SOA over lines", "@ SOA ns1 host (\n1 ; serial\n  2;refresh\n3\n4 5 )", "@       SOA     ns1 host (\n                    1 ; serial\n                    2 ;refresh\n                    3\n                    4 5 )\n")]
    [InlineData("a SOA whose parenthesis closes alone", "@ SOA ns1 host ( 1 2\n3 4 5 ; minimum\n)", "@       SOA     ns1 host 1 2 (\n                    3 4 5 ) ; minimum\n")]
    [InlineData("comments in parentheses", "a TXT ( ; first\n; second\nx\ny ; third\n; fourth\n)", "a       TXT     ( ; first\n                    ; second\n                    x\n                    y ; third\n                    ; fourth\n                    )\n")]
    [InlineData("parentheses around anything", "( a A\n( 1.1.1.1 ) )\nb(A)2.2.2.2", "a       A       (\n                    1.1.1.1 )\nb       A       2.2.2.2\n")]
    [InlineData("strings stay as they are", "a TXT \"x  ;  y\"\"\\\"z\" p\\ q\\\"", "a       TXT     \"x  ;  y\" \"\\\"z\" p\\ q\\\"\n")]
    [InlineData("bytes stay as they are", "a TXT \"à\"  ; à", "a       TXT     \"à\"  ; à\n")]
    [InlineData("parameters stay one word", "a HTTPS 1 . alpn=\"h2,h3\"  port=\"44\"", "a       HTTPS   1 . alpn=\"h2,h3\" port=\"44\"\n")]
    [InlineData("nothing but comments", ";a\n\n\n  ;b", ";a\n\n;b\n")]
    [InlineData("a record without data", "a TYPE65280 \\# 0\nb IN 60 CSYNC 1 2", "a             TYPE65280 \\# 0\nb       60 IN CSYNC     1 2\n")]
    [InlineData("nothing", "", "")]
    public void A_file_becomes(string rule, string text, string tidy)
    {
        var formatted = ZoneFileFormat.Format(Encoding.UTF8.GetBytes(text), "z", out var problems);
        Assert.Empty(problems);
        Assert.Equal((rule, tidy), (rule, Encoding.UTF8.GetString(formatted!)));
        Assert.Equal(formatted, ZoneFileFormat.Format(formatted!, "z", out _));
    }

    [Fact]
    public void A_file_with_errors_stays_as_it_is_and_all_are_told()
    {
        Assert.Null(ZoneFileFormat.Format("a A 1.1.1\nb B\n"u8.ToArray(), "z", out var problems));
        Assert.Equal([1, 2], problems.Select(problem => problem.Line));
    }

    [Fact]
    public void The_zone_of_every_type_means_the_same_when_it_is_tidy() => MeansTheSame(EveryTypeZone.Text);

    [Fact]
    public void Whatever_can_be_read_means_the_same_when_it_is_tidy()
    {
        string[] pieces =
        [
            "\n", "\n", "\n", "\n a A 1.1.1.1", "\n A 1.1.1.2\n", "(", ")", "( ", " )", "(\n", "\n)", ";x", ";x\n", "; y \n", " ", "\t", "\r\n", "a TXT x", "\nb TXT \"a;( b\" c", " \"q\\\"\" ", "z\\ ",
            "\n@ SOA a b ", "1 2 3 4 5 ", "1 ", "\n$TTL 5m", "\n$ORIGIN b ", "\n$INCLUDE f ", "\nx HTTPS 1 . alpn=\"h2 , h3\"", "\n\\$x 60 IN A 1.1.1.1 ", "\n y in 1h A ", "1.1.1.1", "\\", "\u00A0", "é",
        ];
        var random = new Random(20260103);
        var read = 0;
        for (var round = 0; round < 6000; round++)
        {
            var text = new StringBuilder();
            for (var i = random.Next(14); i > 0; i--)
            {
                text.Append(pieces[random.Next(pieces.Length)]);
            }

            read += MeansTheSame(text.ToString()) ? 1 : 0;
        }

        Assert.True(read > 500, $"only {read} of the random files could be read");
    }

    private static bool MeansTheSame(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var tidy = ZoneFileFormat.Format(bytes, "z", out var problems);
        Assert.DoesNotContain(problems, problem => problem.Message.Contains("tidy form", StringComparison.Ordinal));
        if (tidy is null)
        {
            return false;
        }

        Assert.Equal(Encoding.Latin1.GetString(tidy), Encoding.Latin1.GetString(ZoneFileFormat.Format(tidy, "z", out _)!));
        Assert.Equal(Comments(text), Comments(Encoding.UTF8.GetString(tidy)));
        return true;
    }

    // What a reader that knows nothing of zones sees of comments: their letters, in their order.
    private static string Comments(string text) => string.Concat(text.Split('\n').Where(line => !line.Contains('"')).Select(line => line.IndexOf(';') is var at and >= 0 ? line[at..].Trim() : "").Where(comment => !comment.Contains('\\')));
}
