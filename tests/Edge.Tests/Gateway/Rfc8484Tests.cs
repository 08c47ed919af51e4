using System.Buffers.Text;
using System.Net;
using System.Net.Http.Headers;
using Edge.Dns.Nameserver;
using Edge.Dns.Views;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Edge.Gateway;
using Xunit;

namespace Edge.Tests.Gateway;

/// <summary>DNS over HTTPS (RFC 8484) on the gateway's port.</summary>
public sealed class Rfc8484Tests
{
    private const string Uri = "https://box.example.com/dns-query";

    private static readonly Zone Zone = Zone.Build(Name.Parse("example.com."),
    [
        RecordText.Parse("example.com. 3600 IN SOA ns.example.com. h.example.com. 1 7200 900 1209600 60"),
        RecordText.Parse("example.com. 3600 IN NS ns.example.com."),
        RecordText.Parse("web.example.com. 300 IN A 192.0.2.80"),
        RecordText.Parse("www.example.com. 120 IN CNAME web.example.com."),
    ]);

    private static DnsOverHttps Dns(bool onlyLoopback = false) => new(
        new QueryProcessor(
            () => new ZoneSet(["lan", "public"], [[Zone], []]),
            () => new ViewSet([View.Declare("lan", onlyLoopback ? [IPNetwork.Parse("127.0.0.1/32")] : [IPNetwork.Parse("0.0.0.0/0")]), View.Declare("public", [])]),
            null),
        "box.example.com");

    private static byte[] Query(string name, ushort id = 0, Edns? edns = null)
    {
        var message = new Message { Id = id, Edns = edns };
        message.Questions.Add(new Question(Name.Parse(name), RecordType.A));
        return message.ToArray();
    }

    private static HttpRequestMessage Get(string name, string uri = Uri) => new(HttpMethod.Get, $"{uri}?dns={Base64Url.EncodeToString(Query(name))}");

    private static HttpRequestMessage Post(byte[] body, string type = "application/dns-message") => new(HttpMethod.Post, Uri)
    {
        Content = new ByteArrayContent(body) { Headers = { ContentType = type.Length == 0 ? null : MediaTypeHeaderValue.Parse(type) } },
    };

    private static async Task<HttpResponseMessage> SendAsync(RunningGateway gateway, HttpRequestMessage request, Version? version = null)
    {
        using var client = gateway.Client(version);
        request.Version = version ?? HttpVersion.Version20;
        request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
        return await client.SendAsync(request, RunningGateway.Cancel);
    }

    private static async Task<Message> ReadAsync(HttpResponseMessage response)
    {
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("application/dns-message", response.Content.Headers.ContentType!.MediaType);
        Assert.True(Message.TryParse(await response.Content.ReadAsByteArrayAsync(RunningGateway.Cancel), out var message, out var error), error);
        return message;
    }

    [Theory]
    [InlineData("§5.1: the smallest TTL of the answer", "www.example.com.", Rcode.NoError, 2, "max-age=120, private")]
    [InlineData("one record", "web.example.com.", Rcode.NoError, 1, "max-age=300, private")]
    [InlineData("§5.1 and RFC 2308 §5: what does not exist is kept as long as the SOA says", "nowhere.example.com.", Rcode.NxDomain, 0, "max-age=60, private")]
    [InlineData("a name of others is not kept", "elsewhere.org.", Rcode.Refused, 0, "no-store")]
    public async Task Is_answered(string what, string name, Rcode rcode, int answers, string caching)
    {
        await using var gateway = await RunningGateway.StartAsync(dns: Dns());
        foreach (var version in (Version[])[HttpVersion.Version11, HttpVersion.Version20])
        {
            foreach (var request in (HttpRequestMessage[])[Get(name), Post(Query(name)), Post(Query(name), "Application/DNS-Message; x=y")])
            {
                using var response = await SendAsync(gateway, request, version);
                var message = await ReadAsync(response);
                Assert.Equal((what, rcode, answers, (ushort)0), (what, message.Rcode, message.Answer.Count, message.Id));
                Assert.Equal((what, caching), (what, response.Headers.CacheControl!.ToString()));
            }
        }
    }

    public static TheoryData<string, Func<HttpRequestMessage>, int> Refused => new()
    {
        { "§4.1: GET without a query", () => new(HttpMethod.Get, Uri), 400 },
        { "GET with an empty one", () => new(HttpMethod.Get, Uri + "?dns="), 400 },
        { "§6: not base64url", () => new(HttpMethod.Get, Uri + "?dns=AAAA+AAAA/AAAAAAAAA"), 400 },
        { "two of them", () => new(HttpMethod.Get, Uri + "?dns=AAABAAABAAAAAAAAA3dlYg&dns=AAABAAABAAAAAAAAA3dlYg"), 400 },
        { "shorter than a header", () => new(HttpMethod.Get, Uri + "?dns=AAABAAAB"), 400 },
        { "not a query but an answer", () => new(HttpMethod.Get, Uri + "?dns=AACAAAAAAAAAAAAA"), 400 },
        { "POST of nothing", () => Post([]), 400 },
        { "POST of less than a header", () => Post(new byte[11]), 400 },
        { "§4.1: POST of another media type", () => Post(Query("web.example.com."), "application/json"), 415 },
        { "POST without a media type", () => Post(Query("web.example.com."), ""), 415 },
        { "POST of more than a message can be", () => Post(new byte[65536]), 413 },
        { "PUT", () => new(HttpMethod.Put, Uri), 405 },
        { "HEAD", () => new(HttpMethod.Head, Uri), 405 },
        { "a path below", () => new(HttpMethod.Get, Uri + "/x?dns=AAABAAABAAAAAAAAA3dlYg"), 404 },
        { "another host", () => Get("web.example.com.", "https://other.example.com/dns-query"), 404 },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task Is_refused(string what, Func<HttpRequestMessage> request, int status)
    {
        await using var gateway = await RunningGateway.StartAsync(dns: Dns());
        foreach (var version in (Version[])[HttpVersion.Version11, HttpVersion.Version20])
        {
            using var response = await SendAsync(gateway, request(), version);
            Assert.Equal((what, status), (what, (int)response.StatusCode));
        }
    }

    [Fact]
    public async Task A_body_of_unknown_length_is_bounded_too()
    {
        await using var gateway = await RunningGateway.StartAsync(dns: Dns());
        var request = Post([]);
        request.Content = new StreamContent(new MemoryStream(new byte[200_000])) { Headers = { ContentType = new MediaTypeHeaderValue("application/dns-message") } };
        request.Headers.TransferEncodingChunked = true;
        using var response = await SendAsync(gateway, request, HttpVersion.Version11);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
    }

    [Fact]
    public async Task Padding_is_answered_with_padding()
    {
        await using var gateway = await RunningGateway.StartAsync(dns: Dns());
        var edns = new Edns(1232) { Options = [new EdnsOption(EdnsOption.PaddingOption, new byte[10])] };
        using var response = await SendAsync(gateway, Post(Query("web.example.com.", 7, edns)));
        Assert.Equal(7, (await ReadAsync(response)).Id);
        Assert.Equal(468, response.Content.Headers.ContentLength);
    }

    [Fact]
    public async Task The_view_is_that_of_the_peer_whatever_headers_say()
    {
        await using var gateway = await RunningGateway.StartAsync(dns: Dns(onlyLoopback: true));
        var request = Get("web.example.com.");
        request.Headers.Add("X-Forwarded-For", "198.51.100.7");
        using var response = await SendAsync(gateway, request);
        Assert.Single((await ReadAsync(response)).Answer);
    }

    [Fact]
    public async Task The_address_of_the_box_is_a_name_of_it()
    {
        await using var gateway = await RunningGateway.StartAsync(dns: Dns());
        using var response = await SendAsync(gateway, Get("web.example.com.", "https://127.0.0.1/dns-query"));
        Assert.Single((await ReadAsync(response)).Answer);
        using var other = await SendAsync(gateway, Get("web.example.com.", "https://127.0.0.2/dns-query"));
        Assert.Equal(HttpStatusCode.NotFound, other.StatusCode);
    }

    [Fact]
    public async Task Switched_off_it_is_a_path_like_any_other()
    {
        await using var gateway = await RunningGateway.StartAsync();
        using var response = await SendAsync(gateway, Get("web.example.com."));
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }
}
