using System.Collections.Concurrent;

namespace Edge.Connections.Tls;

/// <summary>How long handshakes may take: tokens that are cancelled then. A timer for each handshake would cost more than to set one anew.</summary>
internal static class HandshakePatience
{
    private const int MostKept = 64;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);
    private static readonly ConcurrentQueue<CancellationTokenSource> Kept = new();

    /// <summary>The time of a handshake begins. The caller hands it back.</summary>
    public static CancellationTokenSource Begin()
    {
        if (!Kept.TryDequeue(out var patience))
        {
            patience = new CancellationTokenSource();
        }

        patience.CancelAfter(Limit);
        return patience;
    }

    /// <summary>The handshake is over.</summary>
    public static void End(CancellationTokenSource patience)
    {
        if (Kept.Count < MostKept && patience.TryReset())
        {
            Kept.Enqueue(patience);
        }
        else
        {
            patience.Dispose();
        }
    }
}
