using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Edge.Tests.Gateway.Straight;

/// <summary>A destination that answers each request with bytes as they are, and remembers what it was asked.</summary>
internal sealed class ScriptedDestination : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentQueue<string> _asked = new();
    private readonly CancellationTokenSource _end = new();
    private readonly Func<int, ScriptedAnswer> _script;
    private readonly Task _running;
    private int _requests;
    private int _connections;
    private int _closed;

    /// <param name="script">The answer to the request of that number, from 0.</param>
    public ScriptedDestination(Func<int, ScriptedAnswer> script)
    {
        _script = script;
        _listener.Start();
        _running = AcceptAsync();
    }

    public string Uri => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/";

    /// <summary>The heads of the requests.</summary>
    public IReadOnlyList<string> Asked => [.. _asked];

    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Connections that the other side has ended.</summary>
    public int Closed => Volatile.Read(ref _closed);

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Dispose();
        await _running;
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        var serving = new List<Task>();
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_end.Token);
                Interlocked.Increment(ref _connections);
                serving.Add(ServeAsync(client));
            }
        }
        catch (Exception over) when (over is OperationCanceledException or SocketException or InvalidOperationException)
        {
            await Task.WhenAll(serving);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            client.NoDelay = true;
            try
            {
                while (await ReadHeadAsync(client.GetStream()) is { } head)
                {
                    _asked.Enqueue(head);
                    if (!await AnswerAsync(client, _script(Interlocked.Increment(ref _requests) - 1)))
                    {
                        return;
                    }
                }

                Interlocked.Increment(ref _closed);
            }
            catch (IOException)
            {
                Interlocked.Increment(ref _closed);
            }
            catch (OperationCanceledException)
            {
                // Disposed.
            }
        }
    }

    private async Task<bool> AnswerAsync(TcpClient client, ScriptedAnswer answer)
    {
        foreach (var piece in answer.Pieces)
        {
            await client.GetStream().WriteAsync(piece, _end.Token);
            if (answer.Next is { } next)
            {
                await next.WaitAsync(_end.Token);
            }
        }

        if (answer.Resets)
        {
            // Not by the client, which says farewell first.
            client.Client.LingerState = new LingerOption(true, 0);
            client.Client.Dispose();
        }

        return answer is { Closes: false, Resets: false };
    }

    private async Task<string?> ReadHeadAsync(NetworkStream stream)
    {
        var (head, one) = (new StringBuilder(), new byte[1]);
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await stream.ReadAsync(one, _end.Token) == 0)
            {
                return null;
            }

            head.Append((char)one[0]);
        }

        return head.ToString();
    }
}
