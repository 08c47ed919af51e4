using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Edge.Connections;
using Edge.Gateway;
using Edge.Tests.Gateway.Straight;
using Xunit;

namespace Edge.Tests.Gateway.Front;

/// <summary>Bodies that are larger than a buffer, over plain connections: read in few pieces, and written from where they were read to.</summary>
public sealed class LargeBodyTests
{
    private const string Ask = "GET / HTTP/1.1\r\nHost: raw.example.com\r\n\r\n";

    // Around the buffer of a head, a piece of the pipe, a large piece, what may be unsent, and what may wait. One more is larger than what a socket takes.
    private static readonly int[] Edges = [16_384, 32_768, 49_152, 65_520, 65_536, 81_904, 98_304, 131_072];

    private static readonly GatewayOptions Plain = new() { Http = [new(IPAddress.Loopback, 0)], Https = [] };

    [Theory]
    [InlineData("epoll", true, 0)]
    [InlineData("epoll", false, 0)]
    [InlineData("epoll", true, 2048)]
    [InlineData("epoll", false, 2048)]
    [InlineData("sockets", true, 0)]
    [InlineData("sockets", false, 2048)]
    public async Task A_body_of_any_size_arrives_byte_for_byte_however_slowly_it_is_taken(string transport, bool isWhole, int window)
    {
        int[] sizes = [.. Edges.SelectMany(edge => Enumerable.Range(-2, 5).Select(more => edge + more)), .. Edges.Select(edge => edge - 100), 8_000_000];
        byte[][] bodies = [.. sizes.Select(RandomNumberGenerator.GetBytes)];
        var random = new Random(window);
        await using var destination = new ScriptedDestination(number =>
            ScriptedAnswer.Cut(Answer(bodies[number], bodies[number].Length), isWhole ? [] : Enumerable.Range(0, 6).Select(_ => random.Next(bodies[number].Length))));
        await using var gateway = await StartAsync(destination, Enum.Parse<TransportKind>(transport, ignoreCase: true));
        using var client = await ConnectAsync(gateway, window);
        foreach (var body in bodies)
        {
            await client.SendAsync(Encoding.ASCII.GetBytes(Ask), RunningGateway.Cancel);
            Assert.Equal(SHA256.HashData(body), SHA256.HashData(await ReadAsync(client, body.Length)));
        }

        Assert.Equal(1, destination.Connections);
        Assert.Equal(transport == "epoll" ? 1 : 0, gateway.FrontConnections);
    }

    // RFC 9112 section 6.3: the length decides where the body ends. What stands behind it is no answer to anybody.
    [Theory]
    [InlineData(20_000)]
    [InlineData(65_536)]
    [InlineData(200_000)]
    public async Task What_goes_beyond_the_length_reaches_nobody_and_its_connection_is_not_used_again(int size)
    {
        var body = RandomNumberGenerator.GetBytes(size);
        await using var destination = new ScriptedDestination(_ => new ScriptedAnswer([.. Answer(body, size), .. "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"u8]));
        await using var gateway = await StartAsync(destination);
        using var client = await ConnectAsync(gateway);
        for (var i = 1; i <= 3; i++)
        {
            await client.SendAsync(Encoding.ASCII.GetBytes(Ask), RunningGateway.Cancel);
            Assert.Equal(body, await ReadAsync(client, size));
            Assert.Equal(i, destination.Connections);
        }
    }

    [Theory]
    [InlineData(20_000, 20_001)]
    [InlineData(65_536, 65_537)]
    [InlineData(65_536, long.MaxValue)]
    [InlineData(200_000, 200_001)]
    public async Task A_body_that_ends_early_has_no_good_end(int sent, long announced)
    {
        var body = RandomNumberGenerator.GetBytes(sent);
        await using var destination = new ScriptedDestination(_ => new ScriptedAnswer(Answer(body, announced)) { Closes = true });
        await using var gateway = await StartAsync(destination);
        using var client = await ConnectAsync(gateway);
        await client.SendAsync(Encoding.ASCII.GetBytes(Ask), RunningGateway.Cancel);
        var broken = await Assert.ThrowsAsync<SocketException>(() => ReadAsync(client, sent + 1));
        Assert.Equal(SocketError.ConnectionReset, broken.SocketErrorCode);
    }

    private static byte[] Answer(byte[] body, long announced) => [.. Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {announced}\r\n\r\n"), .. body];

    private static async Task<RunningGateway> StartAsync(ScriptedDestination destination, TransportKind? transport = null)
    {
        var gateway = await RunningGateway.StartAsync(options: Plain, transport: transport);
        gateway.Serve(RunningGateway.Service("raw", destination.Uri));
        return gateway;
    }

    private static async Task<Socket> ConnectAsync(RunningGateway gateway, int window = 0)
    {
        var client = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (window > 0)
        {
            client.ReceiveBufferSize = window;
        }

        await client.ConnectAsync(IPAddress.Loopback, gateway.Http, RunningGateway.Cancel);
        return client;
    }

    // The body of one answer, of which nothing may come after it.
    private static async Task<byte[]> ReadAsync(Socket client, int length)
    {
        var (head, one) = (new StringBuilder(), new byte[1]);
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            Assert.Equal(1, await client.ReceiveAsync(one, RunningGateway.Cancel));
            head.Append((char)one[0]);
        }

        Assert.StartsWith("HTTP/1.1 200 OK\r\n", head.ToString(), StringComparison.Ordinal);
        var body = new byte[length];
        for (var at = 0; at < length;)
        {
            var count = await client.ReceiveAsync(body.AsMemory(at), RunningGateway.Cancel);
            Assert.NotEqual(0, count);
            at += count;
        }

        Assert.Equal(0, client.Available);
        return body;
    }
}
