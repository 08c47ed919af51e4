using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Edge.Dns.Wire;

namespace Edge.Dns.Tests.Resolver;

/// <summary>An upstream on a loopback port that answers as the test says, over UDP and TCP, and counts what it is asked.</summary>
internal sealed class FakeUpstream : IDisposable
{
    private readonly CancellationTokenSource _ended = new();
    private readonly Socket _udp = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly TcpListener _tcp;
    private int _udpCount;
    private int _tcpCount;

    public FakeUpstream(Func<Message, Message?>? answer = null)
    {
        OnUdp = (query, send) => SendParsed(answer, query, send);
        OnTcp = (query, send) => SendParsed(answer, query, send);
        // UDP and TCP need the same number; one that is free for the first may be taken for the second.
        while (true)
        {
            _tcp = new TcpListener(IPAddress.Loopback, 0);
            _tcp.Start();
            try
            {
                _udp.Bind(_tcp.LocalEndpoint);
                break;
            }
            catch (SocketException)
            {
                _tcp.Stop();
            }
        }

        _ = ServeUdpAsync();
        _ = ServeTcpAsync();
    }

    public IPEndPoint EndPoint => (IPEndPoint)_tcp.LocalEndpoint;

    public int UdpCount => Volatile.Read(ref _udpCount);

    public int TcpCount => Volatile.Read(ref _tcpCount);

    public List<byte[]> Received { get; } = [];

    /// <summary>The ports that queries over UDP came from.</summary>
    public HashSet<int> Ports { get; } = [];

    /// <summary>Gets the query and a way to send any bytes back.</summary>
    public Action<byte[], Action<byte[]>> OnUdp { get; set; }

    public Action<byte[], Action<byte[]>> OnTcp { get; set; }

    public Func<Message, Message?> Answer
    {
        set
        {
            OnUdp = (query, send) => SendParsed(value, query, send);
            OnTcp = OnUdp;
        }
    }

    public static Message Parse(byte[] wire) => Message.TryParse(wire, out var message, out var error) ? message : throw new FormatException(error);

    /// <summary>The reply to a query with records in zone-file text: "owner ttl type data" for A, AAAA, CNAME, PTR, TXT, SOA, and HTTPS and SVCB of one hint.</summary>
    public static Message Reply(Message query, string[] answer, string[]? authority = null, Rcode rcode = Rcode.NoError)
    {
        var reply = new Message { Id = query.Id, Rcode = rcode, Flags = MessageFlags.Response | MessageFlags.RecursionAvailable | (query.Flags & MessageFlags.RecursionDesired) };
        reply.Questions.AddRange(query.Questions);
        reply.Answer.AddRange(answer.Select(Record));
        reply.Authority.AddRange((authority ?? []).Select(Record));
        reply.Edns = query.Edns is null ? null : new Edns(1232, query.Edns.DnssecOk);
        return reply;
    }

    public static ResourceRecord Record(string text)
    {
        var words = text.Split(' ', 4);
        var type = Enum.Parse<RecordType>(words[2]);
        var data = type switch
        {
            RecordType.A or RecordType.AAAA => RData.Address(IPAddress.Parse(words[3])),
            RecordType.TXT => RData.Text(words[3]),
            RecordType.SOA => RData.Soa(Name.Parse("ns." + words[0]), Name.Parse("host." + words[0]), 1, 2, 3, 4, uint.Parse(words[3])),
            RecordType.HTTPS or RecordType.SVCB => IPAddress.Parse(words[3]).GetAddressBytes() is var hint ? new RData([0, 1, 0, 0, (byte)(hint.Length == 4 ? 4 : 6), 0, (byte)hint.Length, .. hint]) : default,
            _ => RData.Target(Name.Parse(words[3])),
        };
        return new ResourceRecord(Name.Parse(words[0]), type, uint.Parse(words[1]), data);
    }

    public void Dispose()
    {
        _ended.Cancel();
        _udp.Dispose();
        _tcp.Stop();
    }

    private static void SendParsed(Func<Message, Message?>? answer, byte[] query, Action<byte[]> send)
    {
        if (answer?.Invoke(Parse(query)) is { } reply)
        {
            send(reply.ToArray());
        }
    }

    private async Task ServeUdpAsync()
    {
        var buffer = new byte[65535];
        try
        {
            while (true)
            {
                var got = await _udp.ReceiveFromAsync(buffer, SocketFlags.None, new IPEndPoint(IPAddress.Any, 0), _ended.Token);
                var query = buffer[..got.ReceivedBytes];
                lock (Received)
                {
                    Received.Add(query);
                    Ports.Add(((IPEndPoint)got.RemoteEndPoint).Port);
                }

                Interlocked.Increment(ref _udpCount);
                OnUdp(query, bytes => _udp.SendTo(bytes, got.RemoteEndPoint));
            }
        }
        catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // The test is over.
        }
    }

    private async Task ServeTcpAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _tcp.AcceptTcpClientAsync(_ended.Token);
                var stream = client.GetStream();
                var prefix = new byte[2];
                await stream.ReadExactlyAsync(prefix, _ended.Token);
                var query = new byte[BinaryPrimitives.ReadUInt16BigEndian(prefix)];
                await stream.ReadExactlyAsync(query, _ended.Token);
                Interlocked.Increment(ref _tcpCount);
                OnTcp(query, bytes => stream.Write([(byte)(bytes.Length >> 8), (byte)bytes.Length, .. bytes]));
            }
        }
        catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException or SocketException or IOException)
        {
            // The test is over.
        }
    }
}
