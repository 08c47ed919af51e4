using System.Buffers;
using System.Buffers.Binary;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Edge.Dns.Nameserver;
using Edge.Dns.Wire;
using Microsoft.Extensions.Logging;

namespace Edge.Dns.Listeners;

/// <summary>
/// One connection: queries behind two-byte lengths (RFC 1035 §4.2.2), over TCP as it is or under TLS (RFC 7858 §3.3).
/// All complete queries of one read are answered in one write; those that must wait are answered when they can, in
/// any order (RFC 7766 §7).
/// </summary>
internal sealed partial class TcpConnection : IMessageSink
{
    private const int LengthPrefix = 2;
    private const int SmallBuffer = 4096;

    // Half of it collects answers; the longest one always fits behind them.
    private const int AnswerBuffer = 128 * 1024;

    private readonly Socket _socket;
    private readonly Stream _stream;
    private readonly TlsHandshake? _tls;
    private readonly QueryProcessor _processor;
    private readonly QueryContext _context;
    private readonly ListenerOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationToken _stop;
    private readonly SemaphoreSlim _writing = new(1);
    private readonly SemaphoreSlim _deferrable;
    private long _lastActivity;

    public TcpConnection(
        Socket socket, QueryContext context, TlsHandshake? tls, QueryProcessor processor, ListenerOptions options, TimeProvider time, ILogger logger, CancellationToken stop)
    {
        _socket = socket;
        _tls = tls;
        var network = new NetworkStream(socket, ownsSocket: true);
        _stream = tls is null ? network : new SslStream(network);
        _processor = processor;
        _context = context;
        _options = options;
        _time = time;
        _logger = logger;
        _stop = stop;
        _deferrable = new SemaphoreSlim(options.MaxDeferredPerConnection);
        Touch();
    }

    public ClientAddress Client => _context.Client;

    /// <summary>Serves until the client or the listener closes. Never throws.</summary>
    public async Task RunAsync()
    {
        var buffer = ArrayPool<byte>.Shared.Rent(SmallBuffer);
        try
        {
            if (_stream is SslStream encrypted)
            {
                await _tls!.AuthenticateAsync(encrypted, _stop).ConfigureAwait(false);
            }

            var filled = 0;
            while (true)
            {
                var received = await _stream.ReadAsync(buffer.AsMemory(filled), _stop).ConfigureAwait(false);
                if (received == 0)
                {
                    await FinishDeferredAsync().ConfigureAwait(false);
                    return;
                }

                filled += received;
                var consumed = await AnswerCompleteAsync(buffer.AsMemory(0, filled)).ConfigureAwait(false);
                filled -= consumed;
                buffer.AsSpan(consumed, filled).CopyTo(buffer);
                buffer = MakeRoom(buffer, filled);
            }
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The client went away, was idle, or the server stops.
        }
        catch (AuthenticationException e)
        {
            Log.NoHandshake(_logger, Client, e.Message);
        }
        catch (Exception e)
        {
            Log.ConnectionFailed(_logger, e, Client);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            await _stream.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Ends <see cref="RunAsync"/>. Called from any thread: only the socket may be closed under a read.</summary>
    public void Close() => _socket.Dispose();

    /// <summary>Closes when no complete query came for too long and none is waited for.</summary>
    public void CloseIfIdle()
    {
        var idle = _time.GetElapsedTime(Volatile.Read(ref _lastActivity));
        var waiting = _deferrable.CurrentCount < _options.MaxDeferredPerConnection;
        // A client that asks and then takes no answer must not hold the connection for ever.
        if (idle >= (waiting ? 4 * _options.IdleTimeout : _options.IdleTimeout))
        {
            Close();
        }
    }

    private async ValueTask<int> AnswerCompleteAsync(ReadOnlyMemory<byte> received)
    {
        if (!TryTakeFrame(received, out _))
        {
            return 0;
        }

        Touch();
        var consumed = 0;
        var answers = ArrayPool<byte>.Shared.Rent(AnswerBuffer);
        try
        {
            while (TryTakeFrame(received[consumed..], out var query))
            {
                consumed += LengthPrefix + query.Length;
                var written = AnswerInto(answers, query, ref received, ref consumed, out var deferred);
                if (written > 0)
                {
                    await SendAsync(answers.AsMemory(0, written)).ConfigureAwait(false);
                }

                if (!deferred.IsEmpty)
                {
                    await _deferrable.WaitAsync(_stop).ConfigureAwait(false);
                    _ = AnswerLaterAsync(deferred.ToArray());
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(answers);
        }

        return consumed;
    }

    // Answers frames until the buffer is full, a query must wait, or no complete frame is left.
    private int AnswerInto(byte[] answers, ReadOnlyMemory<byte> query, ref ReadOnlyMemory<byte> received, ref int consumed, out ReadOnlyMemory<byte> deferred)
    {
        deferred = default;
        var written = 0;
        while (true)
        {
            var room = answers.AsSpan(written + LengthPrefix, Message.MaxLength);
            var outcome = _processor.Process(query.Span, _context, room, out var length);
            if (outcome == QueryOutcome.Deferred)
            {
                deferred = query;
                return written;
            }

            if (outcome == QueryOutcome.Answered)
            {
                BinaryPrimitives.WriteUInt16BigEndian(answers.AsSpan(written), (ushort)length);
                written += LengthPrefix + length;
            }

            if (answers.Length - written < LengthPrefix + Message.MaxLength || !TryTakeFrame(received[consumed..], out query))
            {
                return written;
            }

            consumed += LengthPrefix + query.Length;
        }
    }

    private async Task AnswerLaterAsync(byte[] query)
    {
        try
        {
            await _processor.CompleteAsync(query, _context, this, _stop).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // Nobody waits for this answer any more.
        }
        catch (Exception e)
        {
            Log.ConnectionFailed(_logger, e, Client);
        }
        finally
        {
            Touch();
            _deferrable.Release();
        }
    }

    // One answer behind its length; several answers to one query may have others between them (RFC 5936 §4.1.1).
    async ValueTask IMessageSink.SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancel)
    {
        var framed = ArrayPool<byte>.Shared.Rent(LengthPrefix + message.Length);
        try
        {
            BinaryPrimitives.WriteUInt16BigEndian(framed, (ushort)message.Length);
            message.CopyTo(framed.AsMemory(LengthPrefix));
            await SendAsync(framed.AsMemory(0, LengthPrefix + message.Length)).ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(framed);
        }
    }

    // The client has asked all it wanted and may still wait for answers (RFC 7766 §6.2.4).
    private async Task FinishDeferredAsync()
    {
        for (var i = 0; i < _options.MaxDeferredPerConnection; i++)
        {
            await _deferrable.WaitAsync(_stop).ConfigureAwait(false);
        }
    }

    private async ValueTask SendAsync(ReadOnlyMemory<byte> bytes)
    {
        await _writing.WaitAsync(_stop).ConfigureAwait(false);
        try
        {
            await _stream.WriteAsync(bytes, _stop).ConfigureAwait(false);
        }
        finally
        {
            _writing.Release();
        }

        Touch();
    }

    private void Touch() => Volatile.Write(ref _lastActivity, _time.GetTimestamp());

    private static bool TryTakeFrame(ReadOnlyMemory<byte> received, out ReadOnlyMemory<byte> frame)
    {
        frame = default;
        if (received.Length < LengthPrefix)
        {
            return false;
        }

        var length = BinaryPrimitives.ReadUInt16BigEndian(received.Span);
        if (received.Length < LengthPrefix + length)
        {
            return false;
        }

        frame = received.Slice(LengthPrefix, length);
        return true;
    }

    // A full buffer with an unfinished query in it: only then the room for the longest one is taken.
    private static byte[] MakeRoom(byte[] buffer, int filled)
    {
        if (filled < buffer.Length)
        {
            return buffer;
        }

        var larger = ArrayPool<byte>.Shared.Rent(LengthPrefix + Message.MaxLength);
        buffer.AsSpan(0, filled).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }

    private static partial class Log
    {
        [LoggerMessage(1012, LogLevel.Error, "TCP: the connection of {Client} failed")]
        public static partial void ConnectionFailed(ILogger logger, Exception error, ClientAddress client);

        [LoggerMessage(1013, LogLevel.Debug, "TLS: no handshake with {Client}: {Reason}")]
        public static partial void NoHandshake(ILogger logger, ClientAddress client, string reason);
    }
}
