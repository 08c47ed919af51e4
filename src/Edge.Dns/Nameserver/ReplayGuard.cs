using Edge.Dns.Tsig;

namespace Edge.Dns.Nameserver;

/// <summary>
/// Remembers the signatures of changes for as long as they would be accepted: the same change sent again by somebody
/// who listened must not be made again (RFC 8945 §10.2). Only owners of a key can fill it.
/// </summary>
internal sealed class ReplayGuard
{
    private const int Most = 100_000;

    private readonly Lock _gate = new();
    private readonly HashSet<string> _seen = [];
    private readonly Queue<(ulong Time, string Mac)> _order = [];
    private ulong _began;

    /// <summary>Begins to remember; of what came before nothing is known.</summary>
    public ReplayGuard(TimeProvider time) => _began = (ulong)time.GetUtcNow().ToUnixTimeSeconds();

    /// <summary>Whether this request is seen for the first time.</summary>
    public bool IsNew(TsigRequest request, TimeProvider time)
    {
        var mac = Convert.ToBase64String(request.Mac);
        var now = (ulong)time.GetUtcNow().ToUnixTimeSeconds();
        lock (_gate)
        {
            // Signed before this process began, it may have been made by the one before it. A clock that was set back since
            // then says nothing of what came first.
            _began = Math.Min(_began, now);
            if (request.Time < _began)
            {
                return false;
            }

            // Twice the fudge: a request may have been signed by a clock that is ahead by it.
            while (_order.TryPeek(out var oldest) && (oldest.Time + (2UL * request.Fudge) < now || _order.Count >= Most))
            {
                _seen.Remove(oldest.Mac);
                _order.Dequeue();
            }

            if (!_seen.Add(mac))
            {
                return false;
            }

            _order.Enqueue((now, mac));
            return true;
        }
    }
}
