using System.Net;
using System.Net.Sockets;
using Edge.Dns.Wire;

namespace Edge.Tests.Whole;

/// <summary>What nobody should send: the program drops or refuses it and answers the next question.</summary>
public sealed class BadPacketsTests(RunningEdge running) : IClassFixture<RunningEdge>
{
    private const int Packets = 4000;

    private static readonly byte[] Question = [0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, .. Name.Parse("nas.example.com").Wire, 0, 1, 0, 1];

    [Fact]
    public async Task Noise_and_truncated_and_twisted_queries_over_UDP_change_nothing()
    {
        Shell.Need("dig", "bind9-dnsutils");
        var random = new Random(20260101);
        using var socket = new UdpClient();
        socket.Connect(IPAddress.Loopback, running.Edge.Dns);
        for (var turn = 0; turn < Packets; turn++)
        {
            await socket.SendAsync(Twisted(random, turn));
            if (turn % 500 == 0)
            {
                await AnswersAsync();
            }
        }

        await AnswersAsync();
        Assert.DoesNotContain("Exception", running.Edge.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a pointer to itself", new byte[] { 0xC0, 12 })]
    [InlineData("a pointer to a pointer and back", new byte[] { 0xC0, 14, 0xC0, 12 })]
    [InlineData("a label and a pointer back to it", new byte[] { 1, (byte)'a', 0xC0, 12 })]
    [InlineData("a pointer past the end", new byte[] { 0xFF, 0xFF })]
    [InlineData("a pointer into the header", new byte[] { 0xC0, 0 })]
    [InlineData("a label longer than the message", new byte[] { 63, (byte)'a' })]
    [InlineData("a label of an unknown kind", new byte[] { 0x80, 1, 0 })]
    public async Task A_name_without_an_end_gets_FORMERR(string what, byte[] name)
    {
        Shell.Need("dig", "bind9-dnsutils");
        using var socket = new UdpClient();
        socket.Connect(IPAddress.Loopback, running.Edge.Dns);
        await socket.SendAsync((byte[])[0x77, 0x01, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, .. name, 0, 1, 0, 1]);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        var answer = (await socket.ReceiveAsync(patience.Token)).Buffer;
        Assert.True(answer[0] == 0x77 && (answer[3] & 15) == 1, what);
        await AnswersAsync();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Connections_whose_message_never_comes_keep_nobody_else_out(int bytesSent)
    {
        Shell.Need("dig", "bind9-dnsutils");
        var open = new List<OpenConnection>();
        try
        {
            for (var i = 0; i < 200; i++)
            {
                open.Add(await OpenConnection.ToAsync(running.Edge.Dns, bytesSent));
            }

            // From another address, as another client; and from the same one over UDP.
            Assert.Equal("203.0.113.10", await running.Edge.DigAsync("-b", "127.0.0.2", "+tcp", "+short", "nas.example.com", "A"));
            await AnswersAsync();
        }
        finally
        {
            foreach (var connection in open)
            {
                await connection.DisposeAsync();
            }
        }

        // When they have gone, their client is let in again.
        await Eventually.TrueAsync(async () => await running.Edge.DigAsync("+tcp", "+short", "nas.example.com", "A") == "192.168.1.10", () => running.Edge.Output);
    }

    private async Task AnswersAsync() => Assert.Equal("192.168.1.10", await running.Edge.DigAsync("+short", "nas.example.com", "A"));

    private static byte[] Twisted(Random random, int turn)
    {
        byte[] packet;
        switch (turn % 4)
        {
            case 0:
                packet = new byte[random.Next(0, 1500)];
                random.NextBytes(packet);
                return packet;
            case 1:
                return Question[..random.Next(Question.Length)];
            case 2:
                packet = [.. Question];
                packet[random.Next(packet.Length)] ^= (byte)(1 << random.Next(8));
                return packet;
            default:
                // Counts that promise more than there is.
                packet = [.. Question, .. new byte[random.Next(40)]];
                random.NextBytes(packet.AsSpan(4, 8));
                return packet;
        }
    }
}
