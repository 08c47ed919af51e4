using System.Buffers;
using System.Buffers.Binary;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Edge.Dns.Nameserver;
using Microsoft.Extensions.Logging;

namespace Edge.Dns.Listeners;

/// <summary>
/// One connection that may wait: queries behind two-byte lengths (RFC 1035 §4.2.2), over TCP as it is or under TLS
/// (RFC 7858 §3.3). All complete queries of one read are answered in one write; those that take longer are answered when
/// they can, in any order (RFC 7766 §7).
/// </summary>
internal sealed partial class TcpConnection : IMessageSink
{
    private const int SmallBuffer = 4096;

    private readonly Socket _socket;
    private readonly Stream _stream;
    private readonly TlsHandshake? _tls;
    private readonly QueryProcessor _processor;
    private QueryContext _context;
    private readonly ListenerOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationToken _stop;
    private readonly SemaphoreSlim _writing = new(1);
    private readonly SemaphoreSlim _deferrable;
    private long _lastActivity;

    /// <param name="socket">The connection.</param>
    /// <param name="stream">The plain side of it.</param>
    /// <param name="context">Who asks.</param>
    /// <param name="tls">The handshake that is still to come; null for none.</param>
    /// <param name="processor">Who answers.</param>
    /// <param name="options">What is allowed.</param>
    /// <param name="time">The clock for idle connections.</param>
    /// <param name="logger">Told about failures.</param>
    /// <param name="stop">The end of the listener.</param>
    public TcpConnection(
        Socket socket, Stream stream, QueryContext context, TlsHandshake? tls, QueryProcessor processor, ListenerOptions options, TimeProvider time, ILogger logger, CancellationToken stop)
    {
        (_socket, _stream, _context, _tls) = (socket, stream, context, tls);
        (_processor, _options, _time, _logger, _stop) = (processor, options, time, logger, stop);
        _deferrable = new SemaphoreSlim(options.MaxDeferredPerConnection);
        Touch();
    }

    public ClientAddress Client => _context.Client;

    /// <summary>How long no complete query came and no answer was taken.</summary>
    public TimeSpan Idle => _time.GetElapsedTime(Volatile.Read(ref _lastActivity));

    /// <summary>Serves until the client or the listener closes. Never throws.</summary>
    /// <param name="received">What was received already.</param>
    public async Task RunAsync(ReadOnlyMemory<byte> received = default)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(Math.Max(SmallBuffer, received.Length + 1));
        try
        {
            if (_tls is not null)
            {
                await _tls.AuthenticateAsync((SslStream)_stream, _stop).ConfigureAwait(false);
            }

            if (_stream is SslStream encrypted)
            {
                _context = _context with { NamesDot = !encrypted.NegotiatedApplicationProtocol.Protocol.IsEmpty };
            }

            received.CopyTo(buffer);
            var filled = received.Length;
            while (true)
            {
                var consumed = await AnswerCompleteAsync(buffer.AsMemory(0, filled)).ConfigureAwait(false);
                filled -= consumed;
                buffer.AsSpan(consumed, filled).CopyTo(buffer);
                buffer = MakeRoom(buffer, filled);
                var count = await _stream.ReadAsync(buffer.AsMemory(filled), _stop).ConfigureAwait(false);
                if (count == 0)
                {
                    await FinishDeferredAsync().ConfigureAwait(false);
                    return;
                }

                filled += count;
            }
        }
        catch (Exception e) when (IsTheirs(e))
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
        var waiting = _deferrable.CurrentCount < _options.MaxDeferredPerConnection;
        // A client that asks and then takes no answer must not hold the connection for ever.
        if (Idle >= (waiting ? 4 * _options.IdleTimeout : _options.IdleTimeout))
        {
            Close();
        }
    }

    // One answer behind its length; several answers to one query may have others between them (RFC 5936 §4.1.1).
    async ValueTask IMessageSink.SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancel)
    {
        var framed = ArrayPool<byte>.Shared.Rent(QueryFrames.Prefix + message.Length);
        try
        {
            BinaryPrimitives.WriteUInt16BigEndian(framed, (ushort)message.Length);
            message.CopyTo(framed.AsMemory(QueryFrames.Prefix));
            await SendAsync(framed.AsMemory(0, QueryFrames.Prefix + message.Length)).ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(framed);
        }
    }

    private async ValueTask<int> AnswerCompleteAsync(ReadOnlyMemory<byte> received)
    {
        if (!QueryFrames.TryTake(received.Span, out _))
        {
            return 0;
        }

        Touch();
        var consumed = 0;
        var answers = ArrayPool<byte>.Shared.Rent(QueryFrames.AnswerRoom);
        try
        {
            FramesEnd end;
            do
            {
                end = QueryFrames.Answer(_processor, _context, null, received.Span[consumed..], answers, out var done, out var written);
                consumed += done;
                if (written > 0)
                {
                    await SendAsync(answers.AsMemory(0, written)).ConfigureAwait(false);
                }

                if (end == FramesEnd.Deferred)
                {
                    QueryFrames.TryTake(received.Span[consumed..], out var query);
                    var copy = query.ToArray();
                    consumed += QueryFrames.Prefix + copy.Length;
                    await _deferrable.WaitAsync(_stop).ConfigureAwait(false);
                    _ = AnswerLaterAsync(copy);
                }
            }
            while (end != FramesEnd.Incomplete);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(answers);
        }

        return consumed;
    }

    private async Task AnswerLaterAsync(byte[] query)
    {
        try
        {
            await _processor.CompleteAsync(query, _context, this, _stop).ConfigureAwait(false);
        }
        catch (Exception e) when (IsTheirs(e))
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

    private static bool IsTheirs(Exception e) => e is IOException or SocketException or ObjectDisposedException or OperationCanceledException;

    // A full buffer with an unfinished query in it: only then the room for the longest one is taken.
    private static byte[] MakeRoom(byte[] buffer, int filled)
    {
        if (filled < buffer.Length)
        {
            return buffer;
        }

        var larger = ArrayPool<byte>.Shared.Rent(QueryFrames.Longest);
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
