using System.Buffers.Binary;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Edge.Dns.Tests.Fuzz;
using Edge.Dns.Wire;

namespace Edge.Tests.Whole;

/// <summary>Sends what nobody should send over one transport, and between it questions as they should be, each of which has to be answered.</summary>
internal sealed class HostileSender(int port, int seed, double share, string name)
{
    private const int Burst = 32;

    // Numbers from here on are those of good questions over UDP, so that no other answer is taken for theirs.
    private const ushort FirstGoodId = 0x8000;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly QueryMutator _mutator = new(new Random(seed), name, "example.com.", "elsewhere.example.");
    private readonly Random _random = new(seed);

    public int Packets { get; private set; }

    /// <summary>Good questions answered.</summary>
    public int Answered { get; private set; }

    /// <summary>Connections that the other side ended.</summary>
    public int Ended { get; private set; }

    /// <summary>Good datagrams that had to be sent again.</summary>
    public int Repeated { get; private set; }

    /// <summary>Bursts of datagrams from an address, each followed by a question whose answer is waited for.</summary>
    public async Task OverUdpAsync(IPAddress from, int turns)
    {
        using var socket = new UdpClient(new IPEndPoint(from, 0));
        socket.Connect(IPAddress.Loopback, port);
        for (var run = new LongRun(turns, share); run.GoesOn();)
        {
            for (var i = 0; i < Burst; i++)
            {
                await socket.SendAsync(Hostile());
            }

            await AskAsync(socket);
        }
    }

    /// <summary>Connections that bring good and bad messages, and end in the middle of one.</summary>
    public async Task OverStreamAsync(bool tls, int turns)
    {
        for (var run = new LongRun(turns, share); run.GoesOn();)
        {
            if (!await TryConverseAsync(tls))
            {
                Ended++;
            }
        }

        // Who has too many questions that wait for the upstream is let in again when they are answered.
        await Eventually.TrueAsync(() => TryConverseAsync(tls), () => "no connection is served any more");
    }

    // False when the other side ended it: a message that is none may do that (RFC 7766 §8), and so may too many connections.
    private async Task<bool> TryConverseAsync(bool tls)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, port);
            await using Stream stream = tls ? await ShakeHandsAsync(client) : client.GetStream();
            await ConverseAsync(stream);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Bodies that are no messages, and one that is.</summary>
    public async Task OverHttpsAsync(HttpClient http, int turns)
    {
        for (var run = new LongRun(turns, share); run.GoesOn();)
        {
            using (var refused = await http.PostAsync("/dns-query", Body(Hostile())))
            {
                Assert.True((int)refused.StatusCode < 500, $"{refused.StatusCode}");
            }

            using var answered = await http.PostAsync("/dns-query", Body(Good(0)));
            Assert.Equal(HttpStatusCode.OK, answered.StatusCode);
            Check(await answered.Content.ReadAsByteArrayAsync(), 0);
        }
    }

    private static ByteArrayContent Body(byte[] message) => new(message) { Headers = { { "Content-Type", "application/dns-message" } } };

    private async Task AskAsync(UdpClient socket)
    {
        for (var attempt = 0; attempt < 5; attempt++)
        {
            var id = (ushort)(FirstGoodId + _random.Next(FirstGoodId));
            await socket.SendAsync(Good(id));
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2));
            try
            {
                while (true)
                {
                    var answer = (await socket.ReceiveAsync(patience.Token)).Buffer;
                    // Others are the answers to what nobody should have sent.
                    if (BinaryPrimitives.ReadUInt16BigEndian(answer) == id)
                    {
                        Check(answer, id);
                        return;
                    }
                }
            }
            catch (OperationCanceledException)
            {
                Repeated++;
            }
        }

        Assert.Fail("a good question over UDP has no answer");
    }

    private async Task ConverseAsync(Stream stream)
    {
        using var patience = new CancellationTokenSource(Patience);
        await stream.WriteAsync(Framed(Good(7)), patience.Token);
        var length = new byte[2];
        await stream.ReadExactlyAsync(length, patience.Token);
        var answer = new byte[BinaryPrimitives.ReadUInt16BigEndian(length)];
        await stream.ReadExactlyAsync(answer, patience.Token);
        Check(answer, 7);
        for (var i = _random.Next(20); i > 0; i--)
        {
            var framed = Framed(Hostile());
            if (_random.Next(8) == 0)
            {
                // Too long, too short, or none at all: what follows is read as something else.
                framed[_random.Next(2)] = (byte)_random.Next(256);
            }

            await stream.WriteAsync(framed, patience.Token);
        }
    }

    private static async Task<SslStream> ShakeHandsAsync(TcpClient client)
    {
        var tls = new SslStream(client.GetStream());
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "nas.example.com",
            RemoteCertificateValidationCallback = (_, _, _, _) => true,
        });
        return tls;
    }

    private byte[] Hostile()
    {
        Packets++;
        var packet = _random.Next(8) == 0 ? _mutator.Query() : _mutator.Mutate(_mutator.Query(), _mutator.Query());
        if (packet.Length > 0)
        {
            packet[0] &= 0x7F;
        }

        return packet;
    }

    private byte[] Good(ushort id) => [(byte)(id >> 8), (byte)id, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, .. Name.Parse(name).Wire, 0, 1, 0, 1];

    private void Check(byte[] wire, ushort id)
    {
        Assert.True(Message.TryParse(wire, out var answer, out var error), error);
        Assert.Equal((id, Rcode.NoError, 1), (answer.Id, answer.Rcode, answer.Answer.Count));
        Answered++;
    }

    private static byte[] Framed(byte[] message) => [(byte)(message.Length >> 8), (byte)message.Length, .. message];
}
