using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Xunit;

namespace Edge.Tests.Gateway;

/// <summary>Requests that mean one thing to the gateway and another to the service, and clients that only want to be in the way.</summary>
public sealed class HostileRequestsTests : IAsyncLifetime
{
    private const string Ok = "GET / HTTP/1.1\r\nHost: raw.example.com\r\nConnection: close\r\n\r\n";

    private readonly ConcurrentQueue<string> _seen = new();
    private Backend _backend = null!;
    private RunningGateway _gateway = null!;
    private int _active;
    private int _mostActive;

    public async ValueTask InitializeAsync()
    {
        _backend = await Backend.StartAsync(async context =>
        {
            using var body = new StreamReader(context.Request.Body);
            var active = Interlocked.Increment(ref _active);
            InterlockedMax(active);
            try
            {
                if (context.Request.Path == "/hangs")
                {
                    await Task.Delay(Timeout.Infinite, context.RequestAborted);
                }

                _seen.Enqueue($"{context.Request.Method} {context.Request.Host}{context.Request.Path} {await body.ReadToEndAsync()}");
                await Microsoft.AspNetCore.Http.HttpResponseWritingExtensions.WriteAsync(context.Response, "served");
            }
            finally
            {
                Interlocked.Decrement(ref _active);
            }
        });
        _gateway = await RunningGateway.StartAsync();
        _gateway.Serve(RunningGateway.Service("raw", _backend.Uri), RunningGateway.Service("other", _backend.Uri));
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _backend.DisposeAsync();
    }

    [Theory]
    // RFC 9112 section 6.3: what is not sure about the body's length is refused.
    [InlineData("Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!", 400)]
    [InlineData("Content-Length: 5, 5\r\n\r\nhello", 400)]
    [InlineData("Content-Length: -1\r\n\r\n", 400)]
    [InlineData("Content-Length: 0x5\r\n\r\nhello", 400)]
    [InlineData("Content-Length: 99999999999999999999\r\n\r\n", 400)]
    [InlineData("Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n", 400)]
    [InlineData("Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 400)]
    [InlineData("Transfer-Encoding: gzip\r\n\r\n", 400)]
    [InlineData("Transfer-Encoding: chunked\r\n\r\nz\r\nhello\r\n0\r\n\r\n", 400)]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n0\r\n\r\n", 400)]
    [InlineData("Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nhello\r\n0\r\n\r\n", 400)]
    // Section 5.2 and 5.1: folded lines, and space before the colon.
    [InlineData("X-A: 1\r\n folded\r\n\r\n", 400)]
    [InlineData("X-A: 1\r\n\tfolded\r\n\r\n", 400)]
    [InlineData("Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n", 400)]
    [InlineData(" X-A: 1\r\n\r\n", 400)]
    // Section 2.2: a bare CR, and bare LFs for line ends.
    [InlineData("X-A: 1\rX-B: 2\r\n\r\n", 400)]
    [InlineData("X-A: 1\nX-B: 2\r\n\r\n", 400)]
    [InlineData("X-A: 1\n\n", 400)]
    [InlineData("X-A: a\0b\r\n\r\n", 400)]
    [InlineData("X\0A: b\r\n\r\n", 400)]
    [InlineData(": b\r\n\r\n", 400)]
    // Section 3.2: one Host and no more.
    [InlineData("Host: other.example.com\r\n\r\n", 400)]
    [InlineData("Host: raw.example.com\r\n\r\n", 400)]
    public async Task A_header_that_can_be_read_in_two_ways_is_refused_and_ends_the_connection(string rest, int expected)
    {
        await using var client = await RawClient.ConnectAsync(_gateway.Https);
        await client.SendAsync("POST /first HTTP/1.1\r\nHost: raw.example.com\r\n" + rest + "GET /smuggled HTTP/1.1\r\nHost: raw.example.com\r\n\r\n");
        var answer = await client.ReadAsync();

        Assert.Matches($"^HTTP/1.1 (?:{expected}|501) ", answer);
        Assert.DoesNotContain(_seen, line => line.Contains("smuggled", StringComparison.Ordinal));
        await IsServedAsync();
    }

    [Fact]
    public async Task With_both_lengths_the_chunks_count_the_service_sees_one_request_and_the_connection_ends()
    {
        await using var client = await RawClient.ConnectAsync(_gateway.Https);
        await client.SendAsync("POST /first HTTP/1.1\r\nHost: raw.example.com\r\nContent-Length: 60\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: raw.example.com\r\n\r\n");
        var answer = await client.ReadAsync();

        Assert.True(answer.StartsWith("HTTP/1.1 400 ", StringComparison.Ordinal) || answer.Contains("served", StringComparison.Ordinal), answer);
        Assert.DoesNotContain(_seen, line => line.Contains("smuggled", StringComparison.Ordinal));
    }

    // Kestrel reads the sign away: what goes on to the service must be a number of digits.
    [Fact]
    public async Task A_length_with_a_sign_reaches_the_service_as_a_plain_number()
    {
        using var service = new TcpListener(IPAddress.Loopback, 0);
        service.Start();
        _gateway.Serve(RunningGateway.Service("raw", $"http://127.0.0.1:{((IPEndPoint)service.LocalEndpoint).Port}/"));
        await using var client = await RawClient.ConnectAsync(_gateway.Https);
        await client.SendAsync("POST / HTTP/1.1\r\nHost: raw.example.com\r\nContent-Length: +5\r\n\r\nhello");
        using var taken = await service.AcceptTcpClientAsync(RunningGateway.Cancel);
        var (seen, buffer) = ("", new byte[4096]);
        while (!seen.EndsWith("hello", StringComparison.Ordinal) && await taken.GetStream().ReadAsync(buffer, RunningGateway.Cancel) is > 0 and var length)
        {
            seen += Encoding.ASCII.GetString(buffer, 0, length);
        }

        Assert.Contains("\r\nContent-Length: 5\r\n", seen);
        Assert.DoesNotContain("+5", seen);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n\r\n", "400")]
    [InlineData("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", "400")]
    [InlineData("GET / HTTP/1.1\r\nHost: raw.example.com/x\r\n\r\n", "400")]
    [InlineData("GET / HTTP/1.1\r\nHost: raw.example.com@other.example.com\r\n\r\n", "400")]
    [InlineData("GET https://other.example.com/ HTTP/1.1\r\nHost: raw.example.com\r\n\r\n", "400")]
    [InlineData("GET  / HTTP/1.1\r\nHost: raw.example.com\r\n\r\n", "400")]
    [InlineData("GET /\0 HTTP/1.1\r\nHost: raw.example.com\r\n\r\n", "400")]
    [InlineData("GET / HTTP/9.9\r\nHost: raw.example.com\r\n\r\n", "505")]
    [InlineData("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "505|400")]
    public async Task A_request_line_or_host_that_is_none_is_refused(string request, string expected)
    {
        await using var client = await RawClient.ConnectAsync(_gateway.Https);
        await client.SendAsync(request);

        Assert.Matches($"^HTTP/1.1 (?:{expected}) ", await client.ReadAsync());
        Assert.Empty(_seen);
    }

    [Theory]
    [InlineData(1, 40_000, "431")]
    [InlineData(150, 10, "431")]
    public async Task Headers_that_are_too_large_or_too_many_are_refused(int count, int length, string expected)
    {
        await using var client = await RawClient.ConnectAsync(_gateway.Https);
        var headers = string.Concat(Enumerable.Range(0, count).Select(i => $"X-{i}: {new string('a', length)}\r\n"));
        await client.TrySendAsync(Encoding.ASCII.GetBytes($"GET / HTTP/1.1\r\nHost: raw.example.com\r\n{headers}\r\n"));

        Assert.StartsWith($"HTTP/1.1 {expected} ", await client.ReadAsync());
        await IsServedAsync();
    }

    [Fact]
    public async Task A_path_that_is_too_long_is_refused()
    {
        await using var client = await RawClient.ConnectAsync(_gateway.Https);
        await client.TrySendAsync(Encoding.ASCII.GetBytes($"GET /{new string('a', 20_000)} HTTP/1.1\r\nHost: raw.example.com\r\n\r\n"));

        Assert.StartsWith("HTTP/1.1 414 ", await client.ReadAsync());
    }

    [Fact]
    public async Task Who_never_ends_its_headers_is_shut_out_and_nobody_waits_for_it()
    {
        var slow = new List<RawClient>();
        for (var i = 0; i < 50; i++)
        {
            slow.Add(await RawClient.ConnectAsync(_gateway.Https));
            await slow[i].SendAsync("GET / HTTP/1.1\r\nHost: raw.example.com\r\nX-");
        }

        await IsServedAsync();
        foreach (var client in slow)
        {
            Assert.Matches("^HTTP/1.1 408 ", await client.ReadAsync());
            await client.DisposeAsync();
        }
    }

    [Fact]
    public async Task Who_never_begins_its_handshake_is_shut_out()
    {
        using var silent = new TcpClient();
        await silent.ConnectAsync(IPAddress.Loopback, _gateway.Https, RunningGateway.Cancel);

        try
        {
            Assert.Equal(0, await silent.GetStream().ReadAsync(new byte[1], RunningGateway.Cancel));
        }
        catch (IOException reset)
        {
            // On the event loops what is shut out is reset.
            Assert.Equal(SocketError.ConnectionReset, Assert.IsType<SocketException>(reset.InnerException).SocketErrorCode);
        }
    }

    [Theory]
    [InlineData("one.example.com", "one.example.com", 200)]
    [InlineData("one.example.com", "ONE.example.com:443", 200)]
    [InlineData("one.example.com", "alias.example.com", 200)]
    [InlineData("one.example.com", "two.example.com", 421)]
    [InlineData("two.example.com", "one.example.com", 421)]
    public async Task A_request_for_another_host_than_the_connections_is_served_only_with_the_same_certificate(string serverName, string host, int expected)
    {
        var (one, two) = (Certificate("one.example.com"), Certificate("two.example.com"));
        await using var gateway = await RunningGateway.StartAsync(certificates: name => name == "two.example.com" ? two : one);
        gateway.Serve(RunningGateway.Service("one", _backend.Uri), RunningGateway.Service("two", _backend.Uri), RunningGateway.Service("alias", _backend.Uri));
        await using var client = await RawClient.ConnectAsync(gateway.Https, serverName);
        await client.SendAsync($"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");

        Assert.StartsWith($"HTTP/1.1 {expected} ", await client.ReadAsync());
    }

    [Fact]
    public async Task Streams_that_are_reset_as_fast_as_they_are_opened_end_the_connection_and_load_no_service()
    {
        await using var client = await RawClient.ConnectAsync(_gateway.Https, http2: true);
        await client.SendAsync([.. Encoding.ASCII.GetBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), .. Frame(4, 0, 0, [])]);
        var open = true;
        for (var sent = 0; open && sent < 5_000; sent++)
        {
            var id = (uint)(1 + (2 * sent));
            open = await client.TrySendAsync([.. Frame(1, 5, id, Headers("/hangs", "raw.example.com")), .. Frame(3, 0, id, [0, 0, 0, 8])]);
        }

        Assert.True(_mostActive <= 200, $"{_mostActive} requests at once at the service");
        await IsServedAsync();
    }

    [Fact]
    public async Task Headers_that_go_on_forever_end_the_connection()
    {
        await using var client = await RawClient.ConnectAsync(_gateway.Https, http2: true);
        await client.SendAsync([.. Encoding.ASCII.GetBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), .. Frame(4, 0, 0, []), .. Frame(1, 0, 1, Headers("/", "raw.example.com"))]);
        var open = true;
        var sent = 0;
        for (; open && sent < 10_000; sent++)
        {
            // A header without indexing, of a kilobyte: 0x00, name of one byte, value of 1000.
            open = await client.TrySendAsync(Frame(9, 0, 1, [0, 1, (byte)'x', 0x7f, 0xe9, 0x06, .. Enumerable.Repeat((byte)'a', 1000)]));
        }

        Assert.False(open, $"{sent} frames were taken");
        await IsServedAsync();
    }

    [Fact]
    public async Task With_HTTP2_the_authority_counts_and_a_Host_that_differs_reaches_no_other_service()
    {
        await using var client = await RawClient.ConnectAsync(_gateway.Https, http2: true);
        byte[] host = [0x00, 4, .. "host"u8, 17, .. "other.example.com"u8];
        await client.SendAsync([.. Encoding.ASCII.GetBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), .. Frame(4, 0, 0, []), .. Frame(1, 5, 1, [.. Headers("/", "raw.example.com"), .. host])]);
        await Task.WhenAny(client.ReadAsync("served"), IsServedAsync());

        Assert.DoesNotContain(_seen, line => line.Contains("other.example.com", StringComparison.Ordinal));
    }

    // RFC 9113 §8.2.2; whether the request is answered or its connection ended is the web server's to choose.
    [Theory]
    [InlineData("connection", "close")]
    [InlineData("connection", "x-other")]
    [InlineData("keep-alive", "timeout=5")]
    [InlineData("proxy-connection", "keep-alive")]
    [InlineData("transfer-encoding", "chunked")]
    [InlineData("transfer-encoding", "identity")]
    [InlineData("upgrade", "h2c")]
    [InlineData("upgrade", "websocket")]
    [InlineData("te", "gzip")]
    [InlineData("te", "trailers, gzip")]
    [InlineData("Upgrade", "h2c")]
    [InlineData("te", "trailers", true)]
    [InlineData("upgrade-insecure-requests", "1", true)]
    public async Task With_HTTP2_a_header_of_the_connection_reaches_no_service(string name, string value, bool isServed = false)
    {
        await using var client = await RawClient.ConnectAsync(_gateway.Https, http2: true);
        byte[] header = [0x00, (byte)name.Length, .. Encoding.ASCII.GetBytes(name), (byte)value.Length, .. Encoding.ASCII.GetBytes(value)];
        await client.SendAsync([.. Encoding.ASCII.GetBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), .. Frame(4, 0, 0, []), .. Frame(1, 5, 1, [.. Headers("/", "raw.example.com"), .. header]), .. Frame(7, 0, 0, new byte[8])]);
        var answer = await client.ReadAsync();
        Assert.Equal(isServed, answer.Contains("served", StringComparison.Ordinal));
        Assert.Equal(isServed ? 1 : 0, _seen.Count);
    }

    [Theory]
    [InlineData("CONNECT raw.example.com:443 HTTP/1.1\r\nHost: raw.example.com:443\r\nConnection: close\r\n\r\n")]
    [InlineData("CONNECT other.example.com:22 HTTP/1.1\r\nHost: raw.example.com\r\nConnection: close\r\n\r\n")]
    [InlineData("CONNECT raw.example.com:443 HTTP/1.1\r\nHost: raw.example.com:443\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi")]
    public async Task RFC_9110_9_3_6_nobody_gets_a_tunnel(string request)
    {
        await using var client = await RawClient.ConnectAsync(_gateway.Https);
        await client.SendAsync(request);
        Assert.Matches(@"^HTTP/1\.1 (405 [\s\S]*\r\nAllow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS\r\n|400 )", await client.ReadAsync());
        Assert.Empty(_seen);
    }

    [Theory]
    [InlineData(null, "405 ")]
    [InlineData("connect-udp", "501 ")]
    [InlineData("h2c", "501 ")]
    public async Task RFC_9113_8_5_nobody_gets_a_tunnel(string? protocol, string expected)
    {
        await using var client = await RawClient.ConnectAsync(_gateway.Https, http2: true);
        byte[] headers = protocol is null
            ? [0x02, 7, .. "CONNECT"u8, 0x01, 15, .. "raw.example.com"u8]
            : [0x02, 7, .. "CONNECT"u8, 0x00, 9, .. ":protocol"u8, (byte)protocol.Length, .. Encoding.ASCII.GetBytes(protocol), 0x87, 0x84, 0x01, 15, .. "raw.example.com"u8];
        await client.SendAsync([.. Encoding.ASCII.GetBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), .. Frame(4, 0, 0, []), .. Frame(1, 4, 1, headers)]);
        Assert.Contains(expected, await client.ReadAsync(expected), StringComparison.Ordinal);
        Assert.Empty(_seen);
    }

    private static byte[] Headers(string path, string authority) =>
        [0x82, 0x87, 0x04, (byte)path.Length, .. Encoding.ASCII.GetBytes(path), 0x41, (byte)authority.Length, .. Encoding.ASCII.GetBytes(authority)];

    // RFC 9113 section 4.1.
    private static byte[] Frame(byte type, byte flags, uint stream, byte[] payload)
    {
        var frame = new byte[9 + payload.Length];
        BinaryPrimitives.WriteUInt32BigEndian(frame, (uint)payload.Length << 8);
        (frame[3], frame[4]) = (type, flags);
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(5), stream);
        payload.CopyTo(frame, 9);
        return frame;
    }

    private static SslStreamCertificateContext Certificate(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        return SslStreamCertificateContext.Create(request.CreateSelfSigned(DateTimeOffset.UnixEpoch.AddYears(50), DateTimeOffset.UnixEpoch.AddYears(100)), null, offline: true);
    }

    private async Task IsServedAsync()
    {
        await using var client = await RawClient.ConnectAsync(_gateway.Https);
        await client.SendAsync(Ok);
        Assert.Contains("served", await client.ReadAsync());
    }

    private void InterlockedMax(int active)
    {
        for (var most = _mostActive; active > most; most = _mostActive)
        {
            Interlocked.CompareExchange(ref _mostActive, active, most);
        }
    }
}
