using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Edge.AcmeServer;

/// <summary>Nonces that were given out and not used yet (RFC 8555 §6.5). The oldest go when there are many: their owners ask for another one.</summary>
internal sealed class ServerNonces
{
    private const int Most = 10_000;

    private readonly ConcurrentDictionary<string, bool> _open = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _order = new();

    public string Make()
    {
        var nonce = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16));
        _open[nonce] = true;
        _order.Enqueue(nonce);
        while (_order.Count > Most && _order.TryDequeue(out var oldest))
        {
            _open.TryRemove(oldest, out _);
        }

        return nonce;
    }

    /// <summary>Whether it is one of ours that nobody has used; it is used from then on.</summary>
    public bool Use(string nonce) => _open.TryRemove(nonce, out _);
}
