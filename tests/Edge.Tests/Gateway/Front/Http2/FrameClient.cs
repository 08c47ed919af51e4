using System.Buffers.Binary;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Edge.Gateway.Front.Http2;

namespace Edge.Tests.Gateway.Front.Http2;

/// <summary>A client of HTTP/2 that may send any frame, and sees those that come.</summary>
internal sealed class FrameClient : IAsyncDisposable
{
    private readonly TcpClient _tcp;
    private readonly SslStream _tls;

    // Read while another was looked for: an answer that comes before the acknowledgement of a ping is not lost.
    private readonly Queue<(FrameHead Head, byte[] Payload)> _passed = [];

    private FrameClient(TcpClient tcp, SslStream tls) => (_tcp, _tls) = (tcp, tls);

    public static Task<FrameClient> ConnectAsync(int port, params byte[][] settings) => ConnectAsync(port, null, settings);

    /// <param name="port">The gateway's.</param>
    /// <param name="room">How much of what was sent and not read lies with the client.</param>
    /// <param name="settings">What it begins with.</param>
    public static async Task<FrameClient> ConnectAsync(int port, int? room, params byte[][] settings)
    {
        var tcp = new TcpClient();
        if (room is { } bytes)
        {
            tcp.ReceiveBufferSize = bytes;
        }

        await tcp.ConnectAsync(IPAddress.Loopback, port, RunningGateway.Cancel);
        var tls = new SslStream(tcp.GetStream(), false, (_, _, _, _) => true);
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "raw.example.com", ApplicationProtocols = [SslApplicationProtocol.Http2] }, RunningGateway.Cancel);
        var client = new FrameClient(tcp, tls);
        await client.SendAsync([.. Preface.Bytes, .. Frame(FrameType.Settings, 0, 0, settings.SelectMany(one => one).ToArray())]);
        // Then the gateway has seen that nothing is asked with it.
        client.Hello = (await client.ReadAsync())!.Value;
        return client;
    }

    /// <summary>What the gateway has begun with.</summary>
    public (FrameHead Head, byte[] Payload) Hello { get; private set; }

    /// <summary>A connection on which not even the preface was sent.</summary>
    public static async Task<FrameClient> ConnectSilentlyAsync(int port)
    {
        var tcp = new TcpClient();
        await tcp.ConnectAsync(IPAddress.Loopback, port, RunningGateway.Cancel);
        var tls = new SslStream(tcp.GetStream(), false, (_, _, _, _) => true);
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "raw.example.com", ApplicationProtocols = [SslApplicationProtocol.Http2] }, RunningGateway.Cancel);
        return new FrameClient(tcp, tls);
    }

    public static byte[] Setting(Setting setting, uint value)
    {
        var bytes = new byte[6];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)setting);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(2), value);
        return bytes;
    }

    public static byte[] Frame(FrameType type, int flags, int stream, params byte[] payload)
    {
        var frame = new byte[FrameHead.Size + payload.Length];
        new FrameHead(payload.Length, type, (byte)flags, stream).Write(frame);
        payload.CopyTo(frame, FrameHead.Size);
        return frame;
    }

    public static byte[] Number(FrameType type, int stream, uint value)
    {
        var payload = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(payload, value);
        return Frame(type, 0, stream, payload);
    }

    /// <summary>Fields as literals that nobody keeps.</summary>
    public static byte[] Block(params (string Name, string Value)[] fields)
    {
        var block = new byte[fields.Sum(field => FieldWriter.MostOf(field.Name.Length, field.Value.Length))];
        var writer = new FieldWriter(block);
        foreach (var (name, value) in fields)
        {
            writer.Field(Encoding.Latin1.GetBytes(name), Encoding.Latin1.GetBytes(value), isSecret: false);
        }

        return block[..writer.Length];
    }

    public static byte[] Request(int stream, string path = "/", string method = "GET", bool ends = true, params (string Name, string Value)[] fields) =>
        Frame(FrameType.Headers, FrameFlags.EndHeaders | (ends ? FrameFlags.EndStream : 0), stream, Block([(":method", method), (":scheme", "https"), (":authority", "raw.example.com"), (":path", path), .. fields]));

    public async Task SendAsync(params byte[][] frames)
    {
        await _tls.WriteAsync(frames.SelectMany(frame => frame).ToArray(), RunningGateway.Cancel);
        await _tls.FlushAsync(RunningGateway.Cancel);
    }

    /// <summary>False when the gateway has closed the connection.</summary>
    public async Task<bool> TrySendAsync(params byte[][] frames)
    {
        try
        {
            await SendAsync(frames);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>The next frame; null at the end.</summary>
    public async Task<(FrameHead Head, byte[] Payload)?> ReadAsync()
    {
        try
        {
            var head = new byte[FrameHead.Size];
            if (await _tls.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, RunningGateway.Cancel) < head.Length)
            {
                return null;
            }

            var read = FrameHead.Read(head);
            var payload = new byte[read.Length];
            await _tls.ReadExactlyAsync(payload, RunningGateway.Cancel);
            return (read, payload);
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>The next frame of a kind; null where the connection ends before.</summary>
    public async Task<(FrameHead Head, byte[] Payload)?> ReadAsync(FrameType type, int? stream = null)
    {
        while (await ReadAsync() is var (head, payload))
        {
            if (head.Type == type && (stream is null || head.Stream == stream) && !(type is FrameType.Settings or FrameType.Ping && !head.Has(FrameFlags.Ack)))
            {
                return (head, payload);
            }

            _passed.Enqueue((head, payload));
        }

        return null;
    }

    /// <summary>What is said at the end of the connection: the code of its last GOAWAY; null where there is none.</summary>
    /// <param name="until">A frame that would show that it goes on.</param>
    public async Task<ErrorCode?> EndAsync(FrameType? until = null)
    {
        ErrorCode? code = null;
        while (await ReadAsync() is var (head, payload) && head.Type != until)
        {
            code = head.Type == FrameType.GoAway ? (ErrorCode)BinaryPrimitives.ReadUInt32BigEndian(payload.AsSpan(4)) : code;
        }

        return code;
    }

    /// <summary>Status and body of an answer that comes to its end, with those of the other streams left out.</summary>
    public async Task<(string Status, byte[] Body)> AnswerAsync(int stream)
    {
        var (status, body, decoder) = ("", new MemoryStream(), new HeaderDecoder());
        while ((_passed.TryDequeue(out var passed) ? passed : await ReadAsync()) is var (head, payload))
        {
            if (head.Type == FrameType.Headers)
            {
                var fields = new FieldList();
                decoder.Decode(payload, fields);
                status = head.Stream == stream && status.Length == 0 ? Encoding.ASCII.GetString(fields.Value(0)) : status;
            }
            else if (head.Stream == stream && head.Type == FrameType.Data)
            {
                await body.WriteAsync(payload, RunningGateway.Cancel);
            }

            if (head.Stream == stream && (head.Type == FrameType.ResetStream || (head.Type is FrameType.Headers or FrameType.Data && head.Has(FrameFlags.EndStream))))
            {
                break;
            }
        }

        return (status, body.ToArray());
    }

    public async ValueTask DisposeAsync()
    {
        await _tls.DisposeAsync();
        _tcp.Dispose();
    }
}
