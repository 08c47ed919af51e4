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
        await client.SendAsync(TestNameserver.Query("ns.example.com.", "A"));
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        var packet = new byte[2048];
        do
        {
            Assert.True(await wire.ReceiveAsync(packet, SocketFlags.None, patience.Token) > HeaderLength);
        }
        while (BinaryPrimitives.ReadUInt16BigEndian(packet.AsSpan(HeaderLength)) != server.Port);

        Assert.Equal(0x40, packet[6] & 0x60);
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
