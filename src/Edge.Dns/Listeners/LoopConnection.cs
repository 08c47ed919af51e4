using System.Buffers;
using Edge.Dns.Nameserver;

namespace Edge.Dns.Listeners;

/// <summary>One connection of a <see cref="StreamLoop"/>. Small while it rests: buffers are held only by who left something in them.</summary>
internal sealed class LoopConnection(int handle, QueryContext context)
{
    private const int SmallBuffer = 512;

    private byte[]? _received;
    private int _receivedLength;
    private byte[]? _unsent;
    private int _unsentStart;
    private int _unsentLength;

    /// <summary>The socket's descriptor.</summary>
    public int Handle => handle;

    /// <summary>Who asks.</summary>
    public QueryContext Context => context;

    /// <summary>The number by which the poll tells it apart from the one that had its place before.</summary>
    public ulong Token { get; set; }

    /// <summary>When the last complete query came, or the last answer was taken.</summary>
    public long LastActivity { get; set; }

    /// <summary>The neighbour in the list that rests longer.</summary>
    public LoopConnection? Earlier { get; set; }

    /// <summary>The neighbour in the list that rests less long.</summary>
    public LoopConnection? Later { get; set; }

    /// <summary>The encryption; null for plain TCP.</summary>
    public TlsSession? Tls { get; set; }

    /// <summary>Whether it was closed or handed over.</summary>
    public bool IsGone { get; set; }

    /// <summary>Received bytes that make no complete query yet, or must wait until answers are sent.</summary>
    public ReadOnlySpan<byte> Received => _received.AsSpan(0, _receivedLength);

    /// <summary>Answers that the client has not taken yet.</summary>
    public ReadOnlySpan<byte> Unsent => _unsent.AsSpan(_unsentStart, _unsentLength);

    /// <summary>Bytes of the buffers it holds.</summary>
    public int HeldBytes => (_received?.Length ?? 0) + (_unsent?.Length ?? 0);

    /// <summary>Room behind <see cref="Received"/>, for a connection that has some.</summary>
    public Span<byte> ReceiveRoom()
    {
        if (_receivedLength == _received!.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(2 * _received.Length);
            Received.CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_received);
            _received = larger;
        }

        return _received.AsSpan(_receivedLength);
    }

    /// <summary>Counts bytes written to <see cref="ReceiveRoom"/>.</summary>
    public void AddReceived(int count) => _receivedLength += count;

    /// <summary>Keeps bytes for later: the end of what was received, which may lie in <see cref="Received"/> itself.</summary>
    public void KeepReceived(ReadOnlySpan<byte> rest)
    {
        if (rest.IsEmpty)
        {
            Return(ref _received);
            _receivedLength = 0;
            return;
        }

        _received ??= ArrayPool<byte>.Shared.Rent(Math.Max(rest.Length, SmallBuffer));
        rest.CopyTo(_received);
        _receivedLength = rest.Length;
    }

    /// <summary>Keeps answers for later.</summary>
    public void KeepUnsent(ReadOnlySpan<byte> rest)
    {
        _unsent = ArrayPool<byte>.Shared.Rent(rest.Length);
        rest.CopyTo(_unsent);
        (_unsentStart, _unsentLength) = (0, rest.Length);
    }

    /// <summary>Counts bytes of <see cref="Unsent"/> that were sent.</summary>
    public void Sent(int count)
    {
        _unsentStart += count;
        _unsentLength -= count;
        if (_unsentLength == 0)
        {
            _unsentStart = 0;
            Return(ref _unsent);
        }
    }

    /// <summary>Gives all buffers back.</summary>
    public void Release()
    {
        Return(ref _received);
        Return(ref _unsent);
        (_receivedLength, _unsentStart, _unsentLength) = (0, 0, 0);
    }

    private static void Return(ref byte[]? buffer)
    {
        if (buffer is not null)
        {
            ArrayPool<byte>.Shared.Return(buffer);
            buffer = null;
        }
    }
}
