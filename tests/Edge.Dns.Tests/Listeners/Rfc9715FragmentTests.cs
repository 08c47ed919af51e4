using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Edge.Dns.Tests.Nameserver;
using Xunit;

namespace Edge.Dns.Tests.Listeners;

/// <summary>RFC 9715 §3.1: answers over IPv4 may not be cut into fragments on their way.</summary>
public sealed class Rfc9715FragmentTests
{
    private const int HeaderLength = 20;

    [Fact]
    public async Task An_answer_leaves_with_DF()
    {
        await using var server = new ListeningServer();
        using var wire = Listen();
        using var client = new UdpClient();
        client.Connect(server.EndPoint);
        var packet = new byte[2048];
        var attempt = 0;
        do
        {
            // Other tests fill the wire, and what does not fit into the listener's buffer is lost.
            Assert.True(attempt++ < 50, "no answer is seen");
            await client.SendAsync(TestNameserver.Query("ns.example.com.", "A"), TestContext.Current.CancellationToken);
        }
        while (!await CatchAsync(wire, server.Port, packet));

        Assert.Equal(0x40, packet[6] & 0x60);
    }

    // The next packet that the server sends; false when none comes for a while.
    private static async Task<bool> CatchAsync(Socket wire, int port, byte[] packet)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromMilliseconds(200));
        try
        {
            do
            {
                Assert.True(await wire.ReceiveAsync(packet, SocketFlags.None, patience.Token) > HeaderLength);
            }
            while (BinaryPrimitives.ReadUInt16BigEndian(packet.AsSpan(HeaderLength)) != port);

            return true;
        }
        catch (OperationCanceledException) when (!TestContext.Current.CancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private static Socket Listen()
    {
        try
        {
            var raw = new Socket(AddressFamily.InterNetwork, SocketType.Raw, ProtocolType.Udp);
            raw.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            return raw;
        }
        catch (SocketException)
        {
            Assert.Skip("to see IP headers one has to be root");
            throw;
        }
    }
}
