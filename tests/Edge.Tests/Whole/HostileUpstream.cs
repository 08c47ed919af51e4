using System.Net;
using System.Net.Sockets;
using Edge.Dns.Tests.Fuzz;

namespace Edge.Tests.Whole;

/// <summary>An upstream that answers every question with something that is no answer to it.</summary>
internal sealed class HostileUpstream : IAsyncDisposable
{
    private readonly UdpClient _socket = new(new IPEndPoint(IPAddress.Loopback, 0));
    private readonly CancellationTokenSource _end = new();
    private readonly Task _running;

    public HostileUpstream(int seed) => _running = Task.Run(() => AnswerAsync(new QueryMutator(new Random(seed))));

    public int Port => ((IPEndPoint)_socket.Client.LocalEndPoint!).Port;

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _running;
        _socket.Dispose();
        _end.Dispose();
    }

    private async Task AnswerAsync(QueryMutator mutator)
    {
        try
        {
            while (true)
            {
                var query = await _socket.ReceiveAsync(_end.Token);
                var answer = query.Buffer;
                answer[2] |= 0x80;
                await _socket.SendAsync(mutator.Mutate(answer, answer), query.RemoteEndPoint, _end.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }
    }
}
