using System.Collections.Concurrent;

namespace Edge.Acme;

/// <summary>
/// Nonces the CA has given and that nobody used yet (RFC 8555 §6.5), the freshest first: several orders run at once.
/// </summary>
internal sealed class NoncePool
{
    private const int Most = 32;

    private readonly ConcurrentStack<string> _nonces = new();

    public void Add(string nonce)
    {
        // Old nonces go stale at the CA; a pool that grows without end would hand those out one day.
        if (_nonces.Count >= Most)
        {
            _nonces.Clear();
        }

        _nonces.Push(nonce);
    }

    public string? Take() => _nonces.TryPop(out var nonce) ? nonce : null;

    /// <summary>The CA refused one as unknown: it has probably been restarted, and the others are as dead.</summary>
    public void Clear() => _nonces.Clear();
}
