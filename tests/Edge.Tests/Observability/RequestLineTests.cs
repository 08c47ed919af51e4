using System.Buffers;
using System.Net;
using System.Text;
using System.Text.Json;
using Edge.Observability;
using Edge.Observability.Requests;

namespace Edge.Tests.Observability;

/// <summary>How a request looks as a line: programs read these, so that each byte is a promise.</summary>
public sealed class RequestLineTests
{
    private const string Hostile = "a\"b\\c\r\nd\u001b[31m é \u2028";

    [Fact]
    public void A_line_of_JSON() => Assert.Equal(
        """{"time":"2026-01-02T03:04:05.678Z","client":"192.0.2.7","status":200,"method":"GET","scheme":"https","host":"photos.example.com","path":"/a%20b","query":"page=*&flag","protocol":"HTTP/2","bytes":17,"duration":0,"id":"0HN:1","route":"service:photos","service":"photos","destination":"http://10.0.0.1:2342/","upstream":0,"user":"anna","user_agent":"curl/8.5","referer":"https://www.example.org/x?q=*","error":"Request","aborted":true}""" + "\n",
        Zeroed(Line(Full(), new AccessLogOptions())));

    [Fact]
    public void A_line_of_JSON_for_a_request_that_went_nowhere() => Assert.Equal(
        """{"time":"2026-01-02T03:04:05.678Z","client":"2001:db8::1","status":404,"method":"GET","scheme":"http","host":"","path":"/","protocol":"HTTP/1.1","bytes":0,"duration":0,"id":"1"}""" + "\n",
        Zeroed(Line(Plain(), new AccessLogOptions())));

    [Theory]
    [InlineData("combined", """192.0.2.7 - anna [02/Jan/2026:03:04:05 +0000] "GET /a%20b?page=*&flag HTTP/2" 200 17 "https://www.example.org/x?q=*" "curl/8.5" """)]
    [InlineData("vhost-combined", """photos.example.com:443 192.0.2.7 - anna [02/Jan/2026:03:04:05 +0000] "GET /a%20b?page=*&flag HTTP/2" 200 17 "https://www.example.org/x?q=*" "curl/8.5" """)]
    public void A_line_in_the_combined_format(string format, string line) =>
        Assert.Equal(line.TrimEnd() + "\n", Line(Full(), new AccessLogOptions { Format = format == "combined" ? AccessLogFormat.Combined : AccessLogFormat.VhostCombined }));

    [Fact]
    public void What_is_not_there_is_a_hyphen() =>
        Assert.Equal("2001:db8::1 - - [02/Jan/2026:03:04:05 +0000] \"GET / HTTP/1.1\" 404 - \"-\" \"-\"\n", Line(Plain(), new AccessLogOptions { Format = AccessLogFormat.Combined }));

    [Theory]
    [InlineData(nameof(QueryDisplay.Full), "?page=1&flag", "?q=secret")]
    [InlineData(nameof(QueryDisplay.Names), "?page=*&flag", "?q=*")]
    [InlineData(nameof(QueryDisplay.None), "", "")]
    public void Of_a_query_as_much_is_kept_as_is_wanted(string display, string own, string others)
    {
        var line = Line(Full(), new AccessLogOptions { Format = AccessLogFormat.Combined, Query = Enum.Parse<QueryDisplay>(display) });
        Assert.Contains($"\"GET /a%20b{own} HTTP/2\"", line, StringComparison.Ordinal);
        Assert.Contains($"\"https://www.example.org/x{others}\"", line, StringComparison.Ordinal);
    }

    /// <summary>A query without "=" may be all secret: only what looks like a name is kept.</summary>
    [Theory]
    [InlineData("/?flag", "flag")]
    [InlineData("/?dry-run&print", "dry-run&print")]
    [InlineData("/?dGhpcyBpcyBhIHRva2Vu", "*")]
    [InlineData("/?9f86d081884c7d659a2f", "*")]
    [InlineData("/?page=1&4711", "page=*&*")]
    [InlineData("/?e30.e30.c2ln", "*")]
    [InlineData("/?c2VjcmV0=", "*")]
    [InlineData("/?dGhpcyBpcyBhIHRva2VuIQ==", "*")]
    [InlineData("/?YWJjZA==", "*")]
    [InlineData("/?aVeryLongNameThatMaybeIsNone=", "*")]
    [InlineData("/?q=&userName=&page=1", "q=*&userName=*&page=*")]
    [InlineData("/?c2VjcmV0=x", "c2VjcmV0=*")]
    public void What_may_be_a_token_without_a_name_is_not_written(string target, string query) => Assert.Equal(query, RequestText.Split(target, QueryDisplay.Names).Query);

    [Theory]
    [InlineData("http://u:secret@web.example.com/x?q=1", "http://web.example.com/x")]
    [InlineData("http://secret@web.example.com", "http://web.example.com")]
    [InlineData("http://web.example.com/mail@host", "http://web.example.com/mail@host")]
    [InlineData("/a://b@c", "/a://b@c")]
    public void RFC_3986_section_3_2_1_a_password_in_a_target_is_not_written(string target, string path) => Assert.Equal(path, RequestText.Split(target, QueryDisplay.None).Path);

    [Theory]
    [InlineData("192.0.2.7", "192.0.2.7", "192.0.2.0/24")]
    [InlineData("::ffff:192.0.2.7", "192.0.2.7", "192.0.2.0/24")]
    [InlineData("2001:db8:1:2:3::4", "2001:db8:1:2:3::4", "2001:db8:1::/56")]
    [InlineData("fe80::1%2", "fe80::1", "fe80::/56")]
    public void Clients(string address, string whole, string network)
    {
        Assert.Equal(whole, RequestText.Client(IPAddress.Parse(address), onlyNetwork: false));
        Assert.Equal(network, RequestText.Client(IPAddress.Parse(address), onlyNetwork: true));
    }

    [Theory]
    [InlineData(AccessLogFormatName.Json)]
    [InlineData(AccessLogFormatName.Combined)]
    public void What_a_client_chooses_ends_neither_its_field_nor_the_line(AccessLogFormatName format)
    {
        var record = Full();
        (record.Host, record.Target, record.UserAgent, record.Referer, record.User) = (Hostile, "/" + Hostile, Hostile, Hostile, Hostile);
        var line = Line(record, new AccessLogOptions { Format = Enum.Parse<AccessLogFormat>(format.ToString()) });
        Assert.Equal(line.Length - 1, line.IndexOf('\n', StringComparison.Ordinal));
        Assert.DoesNotContain('\r', line);
        Assert.DoesNotContain('\u001b', line);
        if (format == AccessLogFormatName.Json)
        {
            using var json = JsonDocument.Parse(line);
            Assert.Equal(Hostile, json.RootElement.GetProperty("user_agent").GetString());
        }
        else
        {
            Assert.Matches(@"^192\.0\.2\.7 - \S+ \[[^]]+\] ""GET (?:[^""\\]|\\.)* HTTP/2"" 200 17 ""(?:[^""\\]|\\.)*"" ""(?:[^""\\]|\\.)*""\n$", line);
        }
    }

    /// <summary>The formats by name, since a test method is public and the formats are not.</summary>
    public enum AccessLogFormatName
    {
        Json,
        Combined,
    }

    private static string Zeroed(string line) => System.Text.RegularExpressions.Regex.Replace(line, @"""(duration|upstream)"":[0-9.]+", @"""$1"":0");

    private static string Line(RequestRecord record, AccessLogOptions options)
    {
        var lines = new ArrayBufferWriter<byte>();
        if (options.Format == AccessLogFormat.Json)
        {
            using var json = new JsonLine(lines);
            json.Write(record, options);
        }
        else
        {
            new CombinedLine(lines).Write(record, options);
        }

        return Encoding.UTF8.GetString(lines.WrittenSpan);
    }

    private static RequestRecord Full()
    {
        var record = Plain();
        (record.Id, record.Client, record.Scheme, record.Host) = ("0HN:1", IPAddress.Parse("::ffff:192.0.2.7"), "https", "photos.example.com");
        (record.Target, record.Protocol, record.Status, record.Bytes) = ("/a%20b?page=1&flag", "HTTP/2", 200, 17);
        (record.Route, record.Destination, record.User) = ("service:photos", "http://10.0.0.1:2342/", "anna");
        (record.UserAgent, record.Referer, record.Aborted) = ("curl/8.5", "https://www.example.org/x?q=secret", true);
        record.Tried(System.Diagnostics.Stopwatch.GetTimestamp(), "Request", isTheirs: true);
        return record;
    }

    private static RequestRecord Plain()
    {
        var record = new RequestRecord();
        record.Begin(new DateTimeOffset(2026, 1, 2, 4, 4, 5, 678, TimeSpan.FromHours(1)));
        (record.Id, record.Client, record.Method, record.Scheme) = ("1", IPAddress.Parse("2001:db8::1"), "GET", "http");
        (record.Target, record.Protocol, record.Status, record.Bytes) = ("/", "HTTP/1.1", 404, 0);
        record.End();
        return record;
    }
}
