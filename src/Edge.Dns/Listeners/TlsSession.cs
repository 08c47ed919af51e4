using System.Buffers;
using System.Net.Security;
using System.Net.Sockets;
using Edge.Dns.Nameserver;

namespace Edge.Dns.Listeners;

/// <summary>
/// TLS over one connection of a <see cref="StreamLoop"/>: a task that never leaves the loop's thread, since nothing it
/// waits for comes from elsewhere.
/// </summary>
internal sealed class TlsSession
{
    // A TLS record has at most this many bytes of content (RFC 8446 §5.1); a longer query takes what it needs.
    private const int SmallBuffer = 4096;

    private readonly TlsHandshake _handshake;
    private readonly LoopConnection _connection;
    private readonly StreamLoop _loop;
    private readonly QueryProcessor _processor;
    private readonly TlsWire _wire = new();
    private TaskCompletionSource? _drained;

    public TlsSession(TlsHandshake handshake, LoopConnection connection, StreamLoop loop, QueryProcessor processor)
    {
        (_handshake, _connection, _loop, _processor) = (handshake, connection, loop, processor);
        Stream = new SslStream(_wire);
    }

    /// <summary>The plain side.</summary>
    public SslStream Stream { get; }

    /// <summary>Encrypted bytes to be sent.</summary>
    public ReadOnlySpan<byte> Output => _wire.Output;

    /// <summary>What was decrypted and not answered when a query came that takes longer; null as long as none came.</summary>
    public byte[]? Deferred { get; private set; }

    /// <summary>Whether the client has said goodbye, or what it sent is no TLS.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>Begins the handshake.</summary>
    public void Start() => _ = RunAsync();

    /// <summary>Puts in what was received, and goes on with it.</summary>
    public void Feed(ReadOnlySpan<byte> bytes) => _wire.Feed(bytes);

    /// <summary><see cref="Output"/> was sent, or kept by who sends.</summary>
    public void ClearOutput() => _wire.ClearOutput();

    /// <summary>Goes on with answers that waited for others to be sent; false when none did.</summary>
    public bool GoOn()
    {
        if (_drained is not { } waiting)
        {
            return false;
        }

        _drained = null;
        waiting.SetResult();
        return true;
    }

    /// <summary>The connection is closed.</summary>
    public void End()
    {
        if (HasEnded)
        {
            Stream.Dispose();
            return;
        }

        _wire.End();
        _drained?.TrySetCanceled();
    }

    /// <summary>From here on, the session is its host's.</summary>
    public void Attach(NetworkStream network) => _wire.Attach(network);

    private async Task RunAsync()
    {
        try
        {
            await _handshake.AuthenticateAsync(Stream, CancellationToken.None).ConfigureAwait(false);
            if (await ServeAsync().ConfigureAwait(false))
            {
                return;
            }
        }
        catch (Exception e) when (e is IOException or System.Security.Authentication.AuthenticationException or ObjectDisposedException or OperationCanceledException)
        {
            // Not TLS, not with us, or gone: whatever alert there is to send is in the output.
        }
        catch (Exception e)
        {
            _loop.Report(e);
        }

        HasEnded = true;
        if (_connection.IsGone)
        {
            await Stream.DisposeAsync().ConfigureAwait(false);
        }
    }

    // True when the session goes on elsewhere.
    private async Task<bool> ServeAsync()
    {
        var buffer = ArrayPool<byte>.Shared.Rent(SmallBuffer);
        try
        {
            var filled = 0;
            while (true)
            {
                var count = await Stream.ReadAsync(buffer.AsMemory(filled)).ConfigureAwait(false);
                if (count == 0)
                {
                    return false;
                }

                filled += count;
                var end = FramesEnd.Full;
                var consumed = 0;
                while (end == FramesEnd.Full)
                {
                    _loop.Recorder.Begin();
                    end = QueryFrames.Answer(_processor, _connection.Context, _loop.Recorder, buffer.AsSpan(consumed, filled - consumed), _loop.Answers, out var done, out var written);
                    _loop.Recorder.End();
                    consumed += done;
                    await SendAsync(done, written).ConfigureAwait(false);
                }

                if (end == FramesEnd.Deferred)
                {
                    Deferred = buffer.AsSpan(consumed, filled - consumed).ToArray();
                    return true;
                }

                filled -= consumed;
                buffer.AsSpan(consumed, filled).CopyTo(buffer);
                buffer = MakeRoom(buffer, filled);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async ValueTask SendAsync(int consumed, int written)
    {
        if (consumed > 0)
        {
            _loop.Touch(_connection);
        }

        if (written > 0)
        {
            // The wire takes it all at once, so the loop's buffer is free again when this is done.
            await Stream.WriteAsync(_loop.Answers.AsMemory(0, written)).ConfigureAwait(false);
        }

        if (_wire.Output.Length > QueryFrames.AnswerRoom / 2)
        {
            // A client that asks for more than it takes waits here; the loop goes on when it has taken it.
            _drained = new TaskCompletionSource();
            await _drained.Task.ConfigureAwait(false);
        }
    }

    private static byte[] MakeRoom(byte[] buffer, int filled)
    {
        if (filled < buffer.Length)
        {
            return buffer;
        }

        var larger = ArrayPool<byte>.Shared.Rent(2 * buffer.Length);
        buffer.AsSpan(0, filled).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }
}
