using System.Net;
using System.Security.Cryptography;
using System.Text;
using Edge.Connections;
using Xunit;

namespace Edge.Tests.Gateway.Straight;

/// <summary>Bodies arrive whole however they come, and piece by piece as they come: straight over the event loops, and by YARP's forwarder over sockets.</summary>
public sealed class StraightBodyTests
{
    public static TheoryData<string, string, string, int> Bodies
    {
        get
        {
            var cases = new TheoryData<string, string, string, int>();
            foreach (var transport in new[] { "epoll", "sockets" })
            {
                foreach (var version in new[] { "1.1", "2.0" })
                {
                    foreach (var framing in new[] { "length", "chunks", "close" })
                    {
                        foreach (var size in new[] { 1, 16_000, 16_384, 65_536, 3_000_000 })
                        {
                            cases.Add(transport, version, framing, size);
                        }
                    }
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task A_body_arrives_whole_wherever_it_is_cut(string transport, string version, string framing, int size)
    {
        var random = new Random(size);
        var body = new byte[size];
        random.NextBytes(body);
        var answer = Framed(body, framing, random);
        await using var destination = new ScriptedDestination(_ => ScriptedAnswer.Cut(answer, Enumerable.Range(0, 20).Select(_ => random.Next(Math.Min(answer.Length, 40_000)))) with { Closes = framing == "close" });
        await using var gateway = await RunningGateway.StartAsync(transport: Enum.Parse<TransportKind>(transport, ignoreCase: true));
        gateway.Serve(RunningGateway.Service("raw", destination.Uri));
        using var client = gateway.Client(Version.Parse(version));
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(SHA256.HashData(body), SHA256.HashData(await client.GetByteArrayAsync("https://raw.example.com/", RunningGateway.Cancel)));
        }

        Assert.Equal(framing == "close" ? 3 : 1, destination.Connections);
        if (framing != "close")
        {
            Assert.Equal(transport == "epoll", gateway.StraightConnections > 0);
        }
    }

    [Theory]
    [InlineData("epoll", "1.1")]
    [InlineData("epoll", "2.0")]
    [InlineData("sockets", "1.1")]
    [InlineData("sockets", "2.0")]
    public async Task What_has_come_is_passed_on_before_more_comes(string transport, string version)
    {
        using var next = new SemaphoreSlim(0);
        string[] pieces = ["HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "3\r\none\r\n", "3\r\ntwo\r\n", "5\r\nthr", "ee\r\n", "0\r\n\r\n"];
        await using var destination = new ScriptedDestination(_ => new ScriptedAnswer([.. pieces.Select(Encoding.ASCII.GetBytes)]) { Next = next });
        await using var gateway = await RunningGateway.StartAsync(transport: Enum.Parse<TransportKind>(transport, ignoreCase: true));
        gateway.Serve(RunningGateway.Service("raw", destination.Uri));
        using var client = gateway.Client(Version.Parse(version));
        using var response = await client.GetAsync("https://raw.example.com/", HttpCompletionOption.ResponseHeadersRead, RunningGateway.Cancel);
        await using var body = await response.Content.ReadAsStreamAsync(RunningGateway.Cancel);
        foreach (var expected in new[] { "one", "two", "thr", "ee" })
        {
            next.Release();
            var buffer = new byte[expected.Length];
            await body.ReadExactlyAsync(buffer, RunningGateway.Cancel);
            Assert.Equal(expected, Encoding.ASCII.GetString(buffer));
        }

        next.Release(2);
        Assert.Equal(0, await body.ReadAsync(new byte[1], RunningGateway.Cancel));
    }

    [Theory]
    [InlineData("epoll", "1.1", 32_768)]
    [InlineData("epoll", "2.0", 32_768)]
    [InlineData("epoll", "2.0", 98_304)]
    [InlineData("sockets", "1.1", 32_768)]
    [InlineData("sockets", "2.0", 32_768)]
    [InlineData("sockets", "2.0", 98_304)]
    public async Task Nothing_is_held_back_while_the_destination_thinks(string transport, string version, int size)
    {
        using var next = new SemaphoreSlim(1);
        await using var destination = new ScriptedDestination(_ => new ScriptedAnswer(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {size + 1}\r\n\r\n"), new byte[size], [1]) { Next = next });
        await using var gateway = await RunningGateway.StartAsync(transport: Enum.Parse<TransportKind>(transport, ignoreCase: true));
        gateway.Serve(RunningGateway.Service("raw", destination.Uri));
        using var client = gateway.Client(Version.Parse(version));
        using var response = await client.GetAsync("https://raw.example.com/", HttpCompletionOption.ResponseHeadersRead, RunningGateway.Cancel);
        await using var body = await response.Content.ReadAsStreamAsync(RunningGateway.Cancel);
        await body.ReadExactlyAsync(new byte[size], RunningGateway.Cancel);
        next.Release(2);
        var last = new byte[1];
        await body.ReadExactlyAsync(last, RunningGateway.Cancel);
        Assert.Equal(1, last[0]);
    }

    public static TheoryData<string, string, string, int> Heads
    {
        get
        {
            var cases = new TheoryData<string, string, string, int>();
            foreach (var transport in new[] { "epoll", "sockets" })
            {
                foreach (var method in new[] { "GET", "POST" })
                {
                    foreach (var framing in new[] { "Content-Length: 3", "Transfer-Encoding: chunked", "Connection: close" })
                    {
                        // As large as what the framework's client reads at once, and less.
                        cases.Add(transport, method, framing, 4096);
                        cases.Add(transport, method, framing, 200);
                    }
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Heads))]
    public async Task A_head_does_not_wait_for_its_body(string transport, string method, string framing, int length)
    {
        using var next = new SemaphoreSlim(0);
        var head = $"HTTP/1.1 200 OK\r\n{framing}\r\nX-Long: ";
        head += new string('x', length - head.Length - 4) + "\r\n\r\n";
        var body = framing.EndsWith("chunked", StringComparison.Ordinal) ? "3\r\none\r\n0\r\n\r\n" : "one";
        await using var destination = new ScriptedDestination(_ => new ScriptedAnswer(Encoding.ASCII.GetBytes(head), Encoding.ASCII.GetBytes(body)) { Next = next, Closes = framing.EndsWith("close", StringComparison.Ordinal) });
        await using var gateway = await RunningGateway.StartAsync(transport: Enum.Parse<TransportKind>(transport, ignoreCase: true));
        gateway.Serve(RunningGateway.Service("raw", destination.Uri));
        using var client = gateway.Client();
        using var request = new HttpRequestMessage(new HttpMethod(method), "https://raw.example.com/");
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, RunningGateway.Cancel);
        next.Release(2);
        Assert.Equal("one", await response.Content.ReadAsStringAsync(RunningGateway.Cancel));
    }

    private static byte[] Framed(byte[] body, string framing, Random random)
    {
        if (framing != "chunks")
        {
            return [.. Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\n{(framing == "length" ? $"Content-Length: {body.Length}\r\n" : "")}\r\n"), .. body];
        }

        using var framed = new MemoryStream();
        framed.Write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"u8);
        for (var at = 0; at < body.Length;)
        {
            var length = Math.Min(body.Length - at, 1 + random.Next(random.Next(2) == 0 ? 2000 : 200_000));
            framed.Write(Encoding.ASCII.GetBytes($"{length:x}\r\n"));
            framed.Write(body, at, length);
            framed.Write("\r\n"u8);
            at += length;
        }

        framed.Write("0\r\n\r\n"u8);
        return framed.ToArray();
    }
}
