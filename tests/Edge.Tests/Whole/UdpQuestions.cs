using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Edge.Dns.Wire;

namespace Edge.Tests.Whole;

/// <summary>
/// A records asked over UDP all the time, each from a port of its own, so that every socket of the server gets its share.
/// As clients do, it asks again when nothing comes; a question that is not answered then either is lost.
/// </summary>
internal sealed class UdpQuestions : IAsyncDisposable
{
    private const int MostTries = 20;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly int _port;
    private readonly byte[] _question;
    private readonly CancellationTokenSource _finish = new();
    private readonly ConcurrentQueue<string> _lost = new();
    private readonly Task _running;
    private int _answered;

    private UdpQuestions(int port, string name)
    {
        _port = port;
        _question = [0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, .. Name.Parse(name).Wire, 0, 1, 0, 1];
        _running = Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(KeepAsync)));
    }

    public int Answered => Volatile.Read(ref _answered);

    /// <summary>What was not answered.</summary>
    public IReadOnlyCollection<string> Lost => _lost;

    public static UdpQuestions Start(int port, string name) => new(port, name);

    /// <summary>Asks nothing more and waits for what was asked.</summary>
    public async Task EndAsync()
    {
        await _finish.CancelAsync();
        await _running;
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        _finish.Dispose();
    }

    private async Task KeepAsync()
    {
        while (!_finish.IsCancellationRequested)
        {
            using var socket = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
            socket.Connect(IPAddress.Loopback, _port);
            var tries = 0;
            while (tries < MostTries && !await IsAnsweredAsync(socket))
            {
                tries++;
            }

            if (tries < MostTries)
            {
                Interlocked.Increment(ref _answered);
            }
            else
            {
                _lost.Enqueue($"{DateTime.UtcNow:mm:ss.fff} UDP: no answer to {MostTries} questions from {socket.Client.LocalEndPoint}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(5), CancellationToken.None);
        }
    }

    private async Task<bool> IsAnsweredAsync(UdpClient socket)
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            await socket.SendAsync(_question, patience.Token);
            var answer = (await socket.ReceiveAsync(patience.Token)).Buffer;
            return answer.Length > _question.Length && answer[1] == _question[1];
        }
        catch (Exception none) when (none is OperationCanceledException or SocketException)
        {
            return false;
        }
    }
}
