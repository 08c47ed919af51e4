using Edge.Acme;
using System.Buffers;

namespace Edge.Streams;

/// <summary>The first bytes of a connection to a port of our own: the PROXY header and, where a port is shared by name, the ClientHello.</summary>
/// <param name="end">The client.</param>
/// <param name="options">Whose header is believed.</param>
internal sealed class StreamBeginning(SocketEnd end, StreamOptions options)
{
    // A ClientHello in one record (RFC 8446 §5.1) behind the longest header.
    private const int MostBytes = ProxyHeaderReader.MostBytes + 5 + (1 << 14);

    private byte[] _bytes = new byte[2048];
    private int _count;

    /// <summary>Reads the header of a proxy that is trusted, and takes the addresses it tells.</summary>
    /// <returns>False when it sent none.</returns>
    public async Task<bool> ReadProxyHeaderAsync(CancellationToken cancel)
    {
        if (!options.IsProxy(end.Remote))
        {
            return true;
        }

        while (true)
        {
            switch (ProxyHeaderReader.Read(_bytes.AsSpan(0, _count), out var header, out var length))
            {
                case ProxyHeaderStatus.Complete:
                    (end.Remote, end.Local) = (header.Source ?? end.Remote, header.Destination ?? end.Local);
                    _bytes.AsSpan(length, _count - length).CopyTo(_bytes);
                    _count -= length;
                    end.PutBack(_bytes.AsMemory(0, _count));
                    return true;
                case ProxyHeaderStatus.Wrong:
                    return false;
            }

            if (!await ReadMoreAsync(cancel).ConfigureAwait(false))
            {
                return false;
            }
        }
    }

    /// <summary>Reads the server name the client asks for; null when it does not speak TLS or names none.</summary>
    public async Task<string?> ReadServerNameAsync(CancellationToken cancel)
    {
        while (true)
        {
            if (ClientHello.TryRead(new ReadOnlySequence<byte>(_bytes, 0, _count), out var hello))
            {
                end.PutBack(_bytes.AsMemory(0, _count));
                return hello is { ServerName.Length: > 0 } ? hello.ServerName : null;
            }

            if (!await ReadMoreAsync(cancel).ConfigureAwait(false))
            {
                return null;
            }
        }
    }

    private async Task<bool> ReadMoreAsync(CancellationToken cancel)
    {
        if (_count == _bytes.Length)
        {
            if (_count >= MostBytes)
            {
                return false;
            }

            Array.Resize(ref _bytes, Math.Min(_bytes.Length * 4, MostBytes));
        }

        end.PutBack(default);
        var received = await end.ReceiveAsync(_bytes.AsMemory(_count), cancel).ConfigureAwait(false);
        _count += received;
        return received > 0;
    }
}
