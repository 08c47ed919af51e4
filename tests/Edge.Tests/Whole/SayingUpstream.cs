using System.Net;
using System.Net.Sockets;
using Edge.Dns.Wire;

namespace Edge.Tests.Whole;

/// <summary>An upstream over UDP that answers what the test says.</summary>
internal sealed class SayingUpstream : IAsyncDisposable
{
    private readonly UdpClient _socket = new(new IPEndPoint(IPAddress.Loopback, 0));
    private readonly CancellationTokenSource _end = new();
    private readonly Task _running;

    public SayingUpstream(Func<Question, IEnumerable<ResourceRecord>> said) => _running = Task.Run(() => AnswerAsync(said));

    public int Port => ((IPEndPoint)_socket.Client.LocalEndPoint!).Port;

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _running;
        _socket.Dispose();
        _end.Dispose();
    }

    private async Task AnswerAsync(Func<Question, IEnumerable<ResourceRecord>> said)
    {
        try
        {
            while (true)
            {
                var query = await _socket.ReceiveAsync(_end.Token);
                if (Message.TryParse(query.Buffer, out var message, out _))
                {
                    message.Flags |= MessageFlags.Response | MessageFlags.RecursionAvailable;
                    message.Answer.AddRange(said(message.Questions[0]));
                    await _socket.SendAsync(message.ToArray(), query.RemoteEndPoint, _end.Token);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }
    }
}
