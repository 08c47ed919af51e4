using System.Buffers;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace Edge.Streams;

/// <summary>Carries bytes both ways between two ends until both have ended, each for itself (half-closed connections are kept).</summary>
internal static class StreamRelay
{
    // As much as goes through a pipe at once; a connection in which nothing moves holds none.
    private const int BufferSize = 64 << 10;

    /// <param name="client">The one who connected.</param>
    /// <param name="destination">The one we connected to.</param>
    /// <param name="idle">Ends both when nothing has moved for so long; null: never.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancel">Ends both at once.</param>
    /// <returns>Why it ended before both ends had; null when they ended by themselves.</returns>
    public static async Task<string?> RunAsync(IStreamEnd client, IStreamEnd destination, TimeSpan? idle, TimeProvider time, CancellationToken cancel)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        using var watch = idle is { } span ? new IdleWatch(span, time, ending) : null;
        var ways = new[] { CarryAsync(client, destination, watch, ending), CarryAsync(destination, client, watch, ending) };
        var reasons = await Task.WhenAll(ways).ConfigureAwait(false);
        return watch?.HasEnded == true ? $"nothing moved for {idle}" : reasons.FirstOrDefault(reason => reason is not null);
    }

    private static async Task<string?> CarryAsync(IStreamEnd from, IStreamEnd to, IdleWatch? watch, CancellationTokenSource ending)
    {
        await Task.Yield();
        try
        {
            while (await CarrySomeAsync(from, to, watch, ending.Token).ConfigureAwait(false))
            {
            }

            to.EndSending();
            return null;
        }
        catch (Exception broken) when (broken is SocketException or IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            // A side that broke off ends the other one too: what it would still say leads nowhere.
            await ending.CancelAsync().ConfigureAwait(false);
            return broken is OperationCanceledException ? null : broken.Message;
        }
    }

    private static async ValueTask<bool> CarrySomeAsync(IStreamEnd from, IStreamEnd to, IdleWatch? watch, CancellationToken cancel)
    {
        await from.WaitAsync(cancel).ConfigureAwait(false);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            // As long as the buffer is filled there is more: no need to ask first.
            for (var received = buffer.Length; received == buffer.Length;)
            {
                received = await from.ReceiveAsync(buffer, cancel).ConfigureAwait(false);
                if (received == 0)
                {
                    return false;
                }

                watch?.Moved();
                await to.SendAsync(buffer.AsMemory(0, received), cancel).ConfigureAwait(false);
                watch?.Moved();
            }

            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
