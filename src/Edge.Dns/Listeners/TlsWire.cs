using System.Buffers;
using System.Net.Sockets;
using System.Threading.Tasks.Sources;

namespace Edge.Dns.Listeners;

/// <summary>
/// The encrypted side of a TLS session that a <see cref="StreamLoop"/> serves: what the socket received is put in, what
/// is to be sent is taken out. A read that finds nothing goes on, on the loop's own thread, when something is put in.
/// After <see cref="Attach"/> it is the socket's own stream. Not for several threads.
/// </summary>
internal sealed class TlsWire : Stream, IValueTaskSource<int>
{
    private ManualResetValueTaskSourceCore<int> _arrival;
    private Memory<byte> _wanted;
    private bool _isReading;
    private byte[] _in = [];
    private int _inStart;
    private int _inLength;
    private byte[] _out = [];
    private int _outLength;
    private bool _hasEnded;
    private NetworkStream? _network;

    /// <summary>What is to be sent.</summary>
    public ReadOnlySpan<byte> Output => _out.AsSpan(0, _outLength);

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary><see cref="Output"/> was sent, or kept by who sends.</summary>
    public void ClearOutput()
    {
        _outLength = 0;
        Return(ref _out);
    }

    /// <summary>Puts in what was received.</summary>
    public void Feed(ReadOnlySpan<byte> bytes)
    {
        if (!_isReading)
        {
            Keep(bytes);
            return;
        }

        var taken = Math.Min(bytes.Length, _wanted.Length);
        bytes[..taken].CopyTo(_wanted.Span);
        Keep(bytes[taken..]);
        Arrive(taken);
    }

    /// <summary>Nothing more is received: reads end.</summary>
    public void End()
    {
        _hasEnded = true;
        if (_isReading)
        {
            Arrive(0);
        }
    }

    /// <summary>From here on, reads and writes go to the socket.</summary>
    public void Attach(NetworkStream network) => _network = network;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_inLength > 0)
        {
            var taken = Math.Min(_inLength, buffer.Length);
            _in.AsSpan(_inStart, taken).CopyTo(buffer.Span);
            _inStart += taken;
            _inLength -= taken;
            if (_inLength == 0)
            {
                _inStart = 0;
                Return(ref _in);
            }

            return ValueTask.FromResult(taken);
        }

        if (_network is not null)
        {
            return _network.ReadAsync(buffer, cancellationToken);
        }

        if (_hasEnded)
        {
            return ValueTask.FromResult(0);
        }

        _wanted = buffer;
        _isReading = true;
        _arrival.Reset();
        return new ValueTask<int>(this, _arrival.Version);
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_network is not null)
        {
            return _network.WriteAsync(buffer, cancellationToken);
        }

        Grow(ref _out, 0, _outLength, _outLength + buffer.Length);
        buffer.Span.CopyTo(_out.AsSpan(_outLength));
        _outLength += buffer.Length;
        return ValueTask.CompletedTask;
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    int IValueTaskSource<int>.GetResult(short token) => _arrival.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<int>.GetStatus(short token) => _arrival.GetStatus(token);

    void IValueTaskSource<int>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _arrival.OnCompleted(continuation, state, token, flags);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _network?.Dispose();
            Return(ref _in);
            Return(ref _out);
            (_inLength, _outLength) = (0, 0);
        }

        base.Dispose(disposing);
    }

    private void Arrive(int count)
    {
        _isReading = false;
        _wanted = default;
        _arrival.SetResult(count);
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return;
        }

        Grow(ref _in, _inStart, _inLength, _inLength + bytes.Length);
        _inStart = 0;
        bytes.CopyTo(_in.AsSpan(_inLength));
        _inLength += bytes.Length;
    }

    private static void Grow(ref byte[] buffer, int start, int length, int needed)
    {
        if (start > 0 && needed <= buffer.Length)
        {
            buffer.AsSpan(start, length).CopyTo(buffer);
            return;
        }

        if (needed > buffer.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(needed);
            buffer.AsSpan(start, length).CopyTo(larger);
            Return(ref buffer);
            buffer = larger;
        }
    }

    private static void Return(ref byte[] buffer)
    {
        if (buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(buffer);
            buffer = [];
        }
    }
}
