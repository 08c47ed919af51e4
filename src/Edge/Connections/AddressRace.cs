using System.Net;
using System.Net.Sockets;

namespace Edge.Connections;

/// <summary>
/// Connects to a host that has several addresses. One that says nothing, as where packets get lost, keeps nobody from the next: that
/// one is tried beside it after a while, and who is there first is taken (RFC 8305 section 5).
/// </summary>
internal static class AddressRace
{
    // What the section recommends.
    private static readonly TimeSpan Head = TimeSpan.FromMilliseconds(250);

    /// <summary>The first that can be reached.</summary>
    /// <param name="addresses">In the order in which the system would try them.</param>
    /// <param name="port">The port at each.</param>
    /// <param name="connect">Connects to one.</param>
    /// <param name="cancel">Ends all of it.</param>
    /// <exception cref="SocketException">None of them could be reached; says why one of them could not.</exception>
    public static ValueTask<T> ConnectAsync<T>(IPAddress[] addresses, int port, Func<IPEndPoint, CancellationToken, ValueTask<T>> connect, CancellationToken cancel)
        where T : IDisposable =>
        addresses.Length == 1 ? connect(new IPEndPoint(addresses[0], port), cancel) : RaceAsync(addresses, port, connect, cancel);

    private static async ValueTask<T> RaceAsync<T>(IPAddress[] addresses, int port, Func<IPEndPoint, CancellationToken, ValueTask<T>> connect, CancellationToken cancel)
        where T : IDisposable
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var running = new List<Task<T>>();
        var failure = new SocketException((int)SocketError.HostNotFound);
        try
        {
            for (var next = 0; next < addresses.Length || running.Count > 0;)
            {
                cancel.ThrowIfCancellationRequested();
                if (next < addresses.Length)
                {
                    running.Add(connect(new IPEndPoint(addresses[next++], port), over.Token).AsTask());
                }

                if (await FirstAsync(running, next < addresses.Length, over.Token).ConfigureAwait(false) is not { } ended)
                {
                    continue;
                }

                running.Remove(ended);
                try
                {
                    return await ended.ConfigureAwait(false);
                }
                catch (SocketException failed)
                {
                    failure = failed;
                }
            }

            throw failure;
        }
        finally
        {
            await over.CancelAsync().ConfigureAwait(false);
            foreach (var late in running)
            {
                _ = DiscardAsync(late);
            }
        }
    }

    // The first that has ended, well or not; null when it is time for the next address.
    private static async ValueTask<Task<T>?> FirstAsync<T>(List<Task<T>> running, bool hasNext, CancellationToken cancel)
    {
        if (!hasNext)
        {
            return await Task.WhenAny(running).ConfigureAwait(false);
        }

        return await Task.WhenAny([.. running, Task.Delay(Head, cancel)]).ConfigureAwait(false) as Task<T>;
    }

    private static async Task DiscardAsync<T>(Task<T> late)
        where T : IDisposable
    {
        try
        {
            (await late.ConfigureAwait(false)).Dispose();
        }
        catch (Exception ended) when (ended is SocketException or OperationCanceledException or IOException)
        {
            // It was not first, and is wanted no more.
        }
    }
}
