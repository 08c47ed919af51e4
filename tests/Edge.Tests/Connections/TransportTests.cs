using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Edge.Connections;
using Edge.Connections.Tls;
using Edge.Gateway;
using Edge.Tests.Gateway;
using Edge.Tests.Whole;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Xunit;
using Backend = Edge.Tests.Gateway.Backend;

namespace Edge.Tests.Connections;

/// <summary>What a client and a destination may do to a connection, the same whatever carries it.</summary>
public sealed class TransportTests
{
    private const int Large = 64 << 20;

    private static readonly GatewayOptions Plain = new() { Http = [new(IPAddress.Loopback, 0)], Https = [] };

    private static readonly byte[] Piece = RandomNumberGenerator.GetBytes(64 << 10);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("epoll", "--http1.1", "https")]
    [InlineData("epoll", "--http2", "https")]
    [InlineData("epoll", "--http1.1", "http")]
    [InlineData("framework", "--http1.1", "https")]
    [InlineData("framework", "--http2", "https")]
    [InlineData("sockets", "--http1.1", "https")]
    [InlineData("sockets", "--http2", "https")]
    public async Task Every_byte_goes_up_and_comes_down(string transport, string version, string scheme)
    {
        Shell.Need("curl", "curl");
        await using var backend = await Backend.StartAsync(async context =>
        {
            var sent = context.Request.Method == "PUT" ? Convert.ToHexStringLower(await SHA256.HashDataAsync(context.Request.Body, Cancel)) : "";
            context.Response.Headers["X-Sent"] = sent;
            for (var left = Large; left > 0; left -= Piece.Length)
            {
                await context.Response.Body.WriteAsync(Piece, context.RequestAborted);
            }
        });
        await using var gateway = await StartAsync(transport, backend, scheme == "http" ? Plain : null);
        var file = Path.GetTempFileName();
        try
        {
            await using (var written = File.OpenWrite(file))
            {
                for (var left = Large; left > 0; left -= Piece.Length)
                {
                    await written.WriteAsync(Piece, Cancel);
                }
            }

            var port = scheme == "http" ? gateway.Http : gateway.Https;
            var output = await Shell.OutputAsync("curl", "-sk", version, "-T", file, "-D", "-", "-o", file + ".down", "--resolve", $"app.example.com:{port}:127.0.0.1", $"{scheme}://app.example.com:{port}/");
            var hash = Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(file, Cancel)));
            Assert.Contains(hash, output, StringComparison.Ordinal);
            Assert.Equal(hash, Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(file + ".down", Cancel))));
        }
        finally
        {
            File.Delete(file);
            File.Delete(file + ".down");
        }
    }

    [Theory]
    [InlineData("epoll")]
    [InlineData("sockets")]
    public async Task Who_does_not_read_holds_up_the_destination_and_is_told_of_when_gone(string transport)
    {
        long written = 0;
        var aborted = false;
        await using var backend = await Backend.StartAsync(async context =>
        {
            try
            {
                while (true)
                {
                    await context.Response.Body.WriteAsync(Piece, context.RequestAborted);
                    Interlocked.Add(ref written, Piece.Length);
                }
            }
            finally
            {
                Volatile.Write(ref aborted, true);
            }
        });
        await using var gateway = await StartAsync(transport, backend, Plain);
        using (var client = await ConnectAsync(gateway))
        {
            await client.SendAsync("GET / HTTP/1.1\r\nHost: app.example.com\r\n\r\n"u8.ToArray(), Cancel);
            var (before, still) = (-1L, 0);
            await Eventually.TrueAsync(() =>
            {
                var now = Interlocked.Read(ref written);
                still = now == before && now > 0 ? still + 1 : 0;
                before = now;
                return Task.FromResult(still > 25);
            }, () => $"the destination has sent {written} bytes and goes on");
            Assert.True(before < Large, $"{before} bytes lie somewhere between");
            Assert.False(Volatile.Read(ref aborted));
        }

        await Eventually.TrueAsync(() => Task.FromResult(Volatile.Read(ref aborted)), () => "the destination does not learn that the client is gone");
    }

    [Theory]
    [InlineData("epoll", "http")]
    [InlineData("epoll", "https")]
    [InlineData("framework", "https")]
    [InlineData("sockets", "https")]
    public async Task A_client_that_leaves_before_the_answer_ends_the_request(string transport, string scheme)
    {
        var (begun, aborted) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var backend = await Backend.StartAsync(async context =>
        {
            await using var registration = context.RequestAborted.Register(aborted.SetResult);
            begun.SetResult();
            await aborted.Task;
        });
        await using var gateway = await StartAsync(transport, backend, scheme == "http" ? Plain : null);
        if (scheme == "http")
        {
            using var client = await ConnectAsync(gateway);
            await client.SendAsync("GET / HTTP/1.1\r\nHost: app.example.com\r\n\r\n"u8.ToArray(), Cancel);
            await begun.Task.WaitAsync(TimeSpan.FromSeconds(30), Cancel);
        }
        else
        {
            using var leaving = new CancellationTokenSource();
            using var client = gateway.Client();
            var asked = client.GetAsync("https://app.example.com/", leaving.Token);
            await begun.Task.WaitAsync(TimeSpan.FromSeconds(30), Cancel);
            await leaving.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked);
        }

        await aborted.Task.WaitAsync(TimeSpan.FromSeconds(30), Cancel);
    }

    [Theory]
    [InlineData("epoll", "http")]
    [InlineData("epoll", "https")]
    [InlineData("framework", "https")]
    [InlineData("sockets", "https")]
    public async Task An_answer_that_breaks_off_does_not_look_whole(string transport, string scheme)
    {
        var seen = new TaskCompletionSource();
        await using var backend = await Backend.StartAsync(async context =>
        {
            await context.Response.WriteAsync("half of ", Cancel);
            await context.Response.Body.FlushAsync(Cancel);
            await seen.Task;
            context.Abort();
        });
        await using var gateway = await StartAsync(transport, backend, scheme == "http" ? Plain : null);
        if (scheme == "https")
        {
            using var browser = gateway.Client();
            using var answer = await browser.GetAsync("https://app.example.com/", HttpCompletionOption.ResponseHeadersRead, Cancel);
            await using var body = await answer.Content.ReadAsStreamAsync(Cancel);
            await body.ReadExactlyAsync(new byte[8], Cancel);
            seen.SetResult();
            await Assert.ThrowsAnyAsync<IOException>(async () => Assert.Equal(0, await body.ReadAsync(new byte[1], Cancel)));
            return;
        }

        // To HTTP/1.0 the end of the connection is the end of the answer: only a reset tells the difference.
        using var client = await ConnectAsync(gateway);
        await client.SendAsync("GET / HTTP/1.0\r\nHost: app.example.com\r\n\r\n"u8.ToArray(), Cancel);
        var text = "";
        var buffer = new byte[4096];
        while (!text.EndsWith("half of ", StringComparison.Ordinal))
        {
            text += Encoding.Latin1.GetString(buffer, 0, await client.ReceiveAsync(buffer, Cancel));
        }

        seen.SetResult();
        var broken = await Assert.ThrowsAsync<SocketException>(() => ReadToEndAsync(client));
        Assert.Equal(SocketError.ConnectionReset, broken.SocketErrorCode);
    }

    [Theory]
    [InlineData("epoll")]
    [InlineData("sockets")]
    public async Task A_request_may_come_byte_by_byte_and_two_at_once(string transport)
    {
        await using var backend = await Backend.StartAsync(context => context.Response.WriteAsync(context.Request.Path));
        await using var gateway = await StartAsync(transport, backend, Plain);
        using var client = await ConnectAsync(gateway);
        foreach (var one in "GET /slow HTTP/1.1\r\nHost: app.example.com\r\n\r\n"u8.ToArray())
        {
            await client.SendAsync(new[] { one }, Cancel);
        }

        await client.SendAsync("GET /second HTTP/1.1\r\nHost: app.example.com\r\n\r\nGET /third HTTP/1.1\r\nHost: app.example.com\r\nConnection: close\r\n\r\n"u8.ToArray(), Cancel);
        var text = await ReadToEndAsync(client);
        Assert.Equal(3, text.Split("HTTP/1.1 200 OK").Length - 1);
        Assert.True(text.IndexOf("/slow", StringComparison.Ordinal) < text.IndexOf("/second", StringComparison.Ordinal));
        Assert.True(text.IndexOf("/second", StringComparison.Ordinal) < text.IndexOf("/third", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("epoll")]
    [InlineData("sockets")]
    public async Task Both_families_come_to_one_listener_and_are_told_by_their_addresses(string transport)
    {
        await using var backend = await Backend.EchoingAsync();
        await using var gateway = await StartAsync(transport, backend, new GatewayOptions { Http = [new(IPAddress.IPv6Any, 0)], Https = [] });
        foreach (var address in (string[])["127.0.0.1", "::1"])
        {
            using var client = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await client.ConnectAsync(IPAddress.Parse(address), gateway.Http, Cancel);
            await client.SendAsync("GET / HTTP/1.1\r\nHost: app.example.com\r\nConnection: close\r\n\r\n"u8.ToArray(), Cancel);
            Assert.Contains($"X-Real-IP: {address}\n", await ReadToEndAsync(client));
        }
    }

    [Fact]
    public async Task Many_streams_on_many_connections_are_all_answered()
    {
        Shell.Need("h2load", "nghttp2-client");
        await using var backend = await Backend.StartAsync(context => context.Response.Body.WriteAsync(Piece, context.RequestAborted).AsTask());
        await using var gateway = await StartAsync("epoll", backend);
        var said = await Shell.OutputAsync("h2load", "-n", "3000", "-c", "10", "-m", "20", $"--connect-to=127.0.0.1:{gateway.Https}", "https://app.example.com/");
        Assert.True(said.Contains("3000 succeeded, 0 failed, 0 errored, 0 timeout", StringComparison.Ordinal), said);
    }

    [Fact]
    public async Task Thousands_of_connections_rest_and_each_is_answered_when_it_asks()
    {
        await using var backend = await Backend.SayingAsync("here");
        await using var gateway = await StartAsync("epoll", backend, Plain);
        var clients = new List<Socket>();
        try
        {
            for (var i = 0; i < 3000; i++)
            {
                clients.Add(await ConnectAsync(gateway));
            }

            foreach (var client in clients)
            {
                await client.SendAsync("GET / HTTP/1.1\r\nHost: app.example.com\r\nConnection: close\r\n\r\n"u8.ToArray(), Cancel);
            }

            foreach (var client in clients)
            {
                Assert.EndsWith("here", (await ReadToEndAsync(client)).Replace("\r\n0\r\n\r\n", "", StringComparison.Ordinal), StringComparison.Ordinal);
            }
        }
        finally
        {
            clients.ForEach(client => client.Dispose());
        }
    }

    [Fact]
    public async Task A_session_of_TLS_is_resumed()
    {
        Shell.Need("openssl", "openssl");
        await using var backend = await Backend.SayingAsync("here");
        await using var gateway = await StartAsync("epoll", backend);
        var file = Path.GetTempFileName();
        try
        {
            // The ticket comes with the answer (TLS 1.3), so there has to be one.
            string Line(string option) => $"(printf 'GET / HTTP/1.1\\r\\nHost: app.example.com\\r\\nConnection: close\\r\\n\\r\\n'; sleep 1) | openssl s_client -connect 127.0.0.1:{gateway.Https} -servername app.example.com -alpn http/1.1 -tls1_3 -ign_eof {option} {file}";
            var first = await Shell.OutputAsync("sh", "-c", Line("-sess_out"));
            var second = await Shell.OutputAsync("sh", "-c", Line("-sess_in"));
            Assert.Contains("New, TLSv1.3", first);
            Assert.Contains("ALPN protocol: http/1.1", first);
            Assert.Contains("Reused, TLSv1.3", second);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task What_stalls_in_a_handshake_is_sent_away_and_holds_up_nobody()
    {
        await using var backend = await Backend.SayingAsync("here");
        await using var gateway = await StartAsync("epoll", backend);
        using var silent = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await silent.ConnectAsync(IPAddress.Loopback, gateway.Https, Cancel);
        using var noise = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await noise.ConnectAsync(IPAddress.Loopback, gateway.Https, Cancel);
        await noise.SendAsync("GET / HTTP/1.1\r\n\r\n"u8.ToArray(), Cancel);

        Assert.Equal("here", await gateway.TextAsync("https://app.example.com/"));
        await EndsAsync(noise);
        await EndsAsync(silent);
    }

    private static async Task<RunningGateway> StartAsync(string transport, Backend backend, GatewayOptions? options = null)
    {
        var free = options ?? new GatewayOptions { Http = [new(IPAddress.Loopback, 0)], Https = [new(IPAddress.Loopback, 0)] };
        var gateway = await RunningGateway.StartAsync(
            options: free with { Tls = transport == "framework" ? TlsKind.Framework : TlsKind.OpenSsl },
            transport: transport == "sockets" ? TransportKind.Sockets : TransportKind.Epoll);
        gateway.Serve(RunningGateway.Service("app", backend.Uri));
        return gateway;
    }

    private static async Task<Socket> ConnectAsync(RunningGateway gateway)
    {
        var client = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await client.ConnectAsync(IPAddress.Loopback, gateway.Http, Cancel);
        return client;
    }

    private static async Task<string> ReadToEndAsync(Socket client)
    {
        var text = new StringBuilder();
        var buffer = new byte[16384];
        while (await client.ReceiveAsync(buffer, Cancel) is var count and > 0)
        {
            text.Append(Encoding.Latin1.GetString(buffer, 0, count));
        }

        return text.ToString();
    }

    private static async Task EndsAsync(Socket client)
    {
        try
        {
            await ReadToEndAsync(client);
        }
        catch (SocketException)
        {
            // A reset is an end as well.
        }
    }
}
