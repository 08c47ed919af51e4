using System.Buffers;
using System.Buffers.Binary;
using System.Net.Sockets;

namespace Edge.Dns.Resolver.Upstreams;

/// <summary>
/// One connection to an upstream. Queries are written as they come, replies are matched by ID in whatever order they
/// arrive (RFC 7766 §7). It is closed after a while without queries.
/// </summary>
internal sealed class StreamConnection : IDisposable
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan IdleTimeout = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private readonly StreamChannel _channel;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _closing;
    private readonly Dictionary<ushort, UpstreamAttempt> _waiting = [];
    private ArrayBufferWriter<byte> _outgoing = new(1024);
    private ArrayBufferWriter<byte> _writing = new(1024);
    private readonly ITimer _idle;
    private Stream? _stream;
    private bool _isWriting = true;
    private bool _retired;
    private bool _ended;
    private bool _brought;
    private long _usedAt;

    public StreamConnection(StreamChannel channel, UpstreamDialer dialer, TimeProvider time)
    {
        _channel = channel;
        _time = time;
        _usedAt = time.GetTimestamp();
        _closing = new CancellationTokenSource();
        _idle = time.CreateTimer(static connection => ((StreamConnection)connection!).CloseIfIdle(), this, IdleTimeout, IdleTimeout);
        _ = RunAsync(dialer);
    }

    /// <summary>Sends the attempt's query; false when the connection is over.</summary>
    public bool TryAsk(UpstreamAttempt attempt)
    {
        lock (_gate)
        {
            if (_ended || _retired)
            {
                return false;
            }

            while (!_waiting.TryAdd(attempt.Query.Id, attempt))
            {
                attempt.Query.ChangeId();
            }

            attempt.Connection = this;
            attempt.WasCold |= _stream is null;
            _usedAt = _time.GetTimestamp();
            // RFC 7766 §8: length and message in one write.
            BinaryPrimitives.WriteUInt16BigEndian(_outgoing.GetSpan(2), (ushort)attempt.Query.Wire.Length);
            _outgoing.Advance(2);
            _outgoing.Write(attempt.Query.Wire);
            if (_isWriting)
            {
                return true;
            }

            _isWriting = true;
        }

        _ = WriteAsync();
        return true;
    }

    public void Forget(UpstreamAttempt attempt)
    {
        lock (_gate)
        {
            if (_waiting.TryGetValue(attempt.Query.Id, out var waiting) && waiting == attempt)
            {
                _waiting.Remove(attempt.Query.Id);
            }
        }

        CloseIfDone();
    }

    /// <summary>No further queries: closes when those that wait are over.</summary>
    public void Retire()
    {
        lock (_gate)
        {
            _retired = true;
        }

        CloseIfDone();
    }

    public void Dispose() => End("the server stops");

    private async Task RunAsync(UpstreamDialer dialer)
    {
        try
        {
            Stream stream;
            using (var timer = new CancellationTokenSource(ConnectTimeout, _time))
            using (var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, _closing.Token))
            {
                stream = await dialer.OpenAsync(either.Token).ConfigureAwait(false);
            }

            lock (_gate)
            {
                _stream = stream;
                if (_ended)
                {
                    stream.Dispose();
                    return;
                }
            }

            _ = WriteAsync();
            await ReadAsync(stream).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            End("no connection in time");
        }
        catch (EndOfStreamException)
        {
            End("it closed the connection");
        }
        catch (Exception error) when (error is IOException or SocketException or ObjectDisposedException)
        {
            End(error.Message);
        }
    }

    private async Task ReadAsync(Stream stream)
    {
        var buffer = new byte[4096];
        var filled = 0;
        while (true)
        {
            var read = await stream.ReadAsync(buffer.AsMemory(filled), _closing.Token).ConfigureAwait(false);
            if (read == 0)
            {
                throw new EndOfStreamException();
            }

            filled += read;
            var start = 0;
            var needed = 2;
            for (; filled - start >= 2; start += needed)
            {
                needed = 2 + BinaryPrimitives.ReadUInt16BigEndian(buffer.AsSpan(start));
                if (filled - start < needed)
                {
                    break;
                }

                Deliver(buffer.AsSpan(start + 2, needed - 2));
            }

            buffer.AsSpan(start, filled - start).CopyTo(buffer);
            filled -= start;
            if (needed > buffer.Length)
            {
                Array.Resize(ref buffer, needed);
            }
        }
    }

    private void Deliver(ReadOnlySpan<byte> message)
    {
        UpstreamAttempt? attempt = null;
        if (message.Length >= 2)
        {
            lock (_gate)
            {
                // A connection cannot be forged blindly, so the case of the name proves nothing more here.
                if (_waiting.TryGetValue(BinaryPrimitives.ReadUInt16BigEndian(message), out attempt) && attempt.Query.Match(message) != ReplyMatch.Foreign)
                {
                    _waiting.Remove(attempt.Query.Id);
                    _brought = true;
                }
                else
                {
                    attempt = null;
                }
            }
        }

        attempt?.Deliver(UpstreamReply.Of(message));
        CloseIfDone();
    }

    // One writer at a time: what comes meanwhile goes with the next write.
    private async Task WriteAsync()
    {
        try
        {
            while (true)
            {
                lock (_gate)
                {
                    if (_ended || _outgoing.WrittenCount == 0)
                    {
                        _isWriting = false;
                        return;
                    }

                    (_outgoing, _writing) = (_writing, _outgoing);
                }

                await _stream!.WriteAsync(_writing.WrittenMemory, _closing.Token).ConfigureAwait(false);
                _writing.ResetWrittenCount();
            }
        }
        catch (Exception error) when (error is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
        {
            End(error.Message);
        }
    }

    private void CloseIfDone()
    {
        bool done;
        lock (_gate)
        {
            done = _retired && _waiting.Count == 0;
        }

        if (done)
        {
            End("retired");
        }
    }

    private void CloseIfIdle()
    {
        lock (_gate)
        {
            if (_waiting.Count > 0 || _time.GetElapsedTime(_usedAt) < IdleTimeout)
            {
                return;
            }
        }

        End("idle");
    }

    private void End(string reason)
    {
        List<UpstreamAttempt> unanswered;
        lock (_gate)
        {
            if (_ended)
            {
                return;
            }

            _ended = true;
            unanswered = [.. _waiting.Values];
            _waiting.Clear();
        }

        _idle.Dispose();
        _closing.Cancel();
        _stream?.Dispose();
        _channel.OnEnd(this, unanswered, _brought, reason);
    }
}
