using System.Buffers;
using System.Runtime.CompilerServices;
using System.Security.Authentication;

namespace Edge.Connections.Tls;

/// <summary>The server's end of TLS around a stream. What is written leaves at once, as it is written: a piece, a write to the stream.</summary>
internal sealed class TlsStream(TlsSession session, Stream bytes) : UnseekableStream
{
    // Who takes nothing for so long gets no more, as without TLS.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly LoopStream? _loop = bytes as LoopStream;

    // Who writes to the stream: one at a time.
    private int _isWriting;

    public override bool CanRead => true;

    public override bool CanWrite => true;

    /// <summary>Shakes hands.</summary>
    /// <returns>That it is done, or that the framework must do it, with what has come so far.</returns>
    /// <exception cref="AuthenticationException">It failed; the client was told.</exception>
    /// <exception cref="IOException">The client is gone.</exception>
    public async ValueTask<HandshakeStep> ShakeHandsAsync(CancellationToken cancel)
    {
        while (true)
        {
            if (await FillAsync(cancel).ConfigureAwait(false) == 0)
            {
                throw new IOException("The client left in the middle of it.");
            }

            var step = ShakeHands();

            // What TLS 1.3 says last are tickets (RFC 8446 section 4.6.1), which go with what is written first. Before, the client waits for it.
            if (step == HandshakeStep.NeedsBytes || (step == HandshakeStep.Done && session.Agreed().Protocol != SslProtocols.Tls13))
            {
                await SendAsync(session.TakeOutput(), cancel).ConfigureAwait(false);
            }

            if (step != HandshakeStep.NeedsBytes)
            {
                return step;
            }
        }
    }

    /// <summary>Says that nothing more comes.</summary>
    /// <returns>False for a client that takes nothing: the rest of what was written before still waits for it, and this behind that.</returns>
    public async ValueTask<bool> EndAsync(TimeProvider time)
    {
        try
        {
            await SendAsync(session.TakeOutput(end: true), CancellationToken.None).AsTask().WaitAsync(Patience, time).ConfigureAwait(false);
        }
        catch (IOException)
        {
            // Nobody is there to hear it.
        }
        catch (TimeoutException)
        {
            return false;
        }

        return true;
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            return session.Read(buffer.Span) is var count and >= 0 ? new ValueTask<int>(count)
                : buffer.IsEmpty ? bytes.ReadAsync(buffer, cancellationToken)
                : TryFill() && session.Read(buffer.Span) is var next and >= 0 ? new ValueTask<int>(next)
                : WaitAndReadAsync(buffer, cancellationToken);
        }
        catch (IOException broken)
        {
            TellWhy();
            return ValueTask.FromException<int>(broken);
        }
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            Volatile.Write(ref _isWriting, 1);
            return SendAsync(session.Write(buffer.Span), cancellationToken);
        }
        catch (IOException broken)
        {
            return ValueTask.FromException(broken);
        }
    }

    [AsyncMethodBuilder(typeof(LoopMethodBuilderOf<>))]
    private async ValueTask<int> WaitAndReadAsync(Memory<byte> buffer, CancellationToken cancel)
    {
        while (true)
        {
            if (await FillAsync(cancel).ConfigureAwait(false) == 0)
            {
                // Many clients end without saying so first; what they said is whole unless a record is not.
                return session.IsTorn ? throw new IOException("The client stopped in the middle of a record.") : 0;
            }

            try
            {
                if (session.Read(buffer.Span) is var count and >= 0)
                {
                    return count;
                }
            }
            catch (IOException)
            {
                TellWhy();
                throw;
            }
        }
    }

    // Whether bytes were there. The end is for who waits for more.
    private bool TryFill()
    {
        if (_loop is null)
        {
            return false;
        }

        var count = _loop.TryRead(session.Input.Room().Span);
        session.Input.Filled(Math.Max(count, 0));
        return count > 0;
    }

    // Bytes that came. Who waits for them holds no buffer.
    [AsyncMethodBuilder(typeof(LoopMethodBuilderOf<>))]
    private async ValueTask<int> FillAsync(CancellationToken cancel)
    {
        await bytes.ReadAsync(Memory<byte>.Empty, cancel).ConfigureAwait(false);
        var count = await bytes.ReadAsync(session.Input.Room(), cancel).ConfigureAwait(false);
        session.Input.Filled(count);
        return count;
    }

    private HandshakeStep ShakeHands()
    {
        try
        {
            return session.ShakeHands();
        }
        catch (AuthenticationException)
        {
            TellWhy();
            throw;
        }
    }

    private ValueTask SendAsync(ArraySegment<byte> sealedBytes, CancellationToken cancel)
    {
        if (sealedBytes.Count == 0)
        {
            Volatile.Write(ref _isWriting, 0);
            return ValueTask.CompletedTask;
        }

        var sending = bytes.WriteAsync(sealedBytes, cancel);
        if (!sending.IsCompletedSuccessfully)
        {
            return WaitAsync(sending, sealedBytes.Array!);
        }

        sending.GetAwaiter().GetResult();
        Sent(sealedBytes.Array!);
        return ValueTask.CompletedTask;
    }

    [AsyncMethodBuilder(typeof(LoopMethodBuilder))]
    private async ValueTask WaitAsync(ValueTask sending, byte[] array)
    {
        // Where it fails the array may still be read from: the pool does without.
        await sending.ConfigureAwait(false);
        Sent(array);
    }

    private void Sent(byte[] array)
    {
        Volatile.Write(ref _isWriting, 0);
        ArrayPool<byte>.Shared.Return(array);
    }

    // The alert (RFC 8446 section 6.2), if nobody writes: then it waits for nobody, as there is nothing before it. Only a session that is
    // broken takes no more to write, so that nobody begins to meanwhile.
    private void TellWhy()
    {
        if (session.IsBroken && Interlocked.Exchange(ref _isWriting, 1) == 0 && session.TakeOutput() is { Count: > 0 } alert)
        {
            _ = bytes.WriteAsync(alert, CancellationToken.None).AsTask().ContinueWith(static sent => _ = sent.Exception, TaskScheduler.Default);
        }
    }
}
