using System.Net;
using System.Net.Sockets;
using Edge.Dns.Wire;

namespace Edge.Tests.Whole;

/// <summary>A records asked over UDP without a pause; a query without an answer in two seconds is lost.</summary>
internal sealed class QueryLoad : IAsyncDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly Task _running;
    private int _answered;
    private int _lost;

    private QueryLoad(int port, string name) => _running = Task.Run(() => AskAsync(port, name));

    /// <summary>The address in the newest answer.</summary>
    public string LastAddress { get; private set; } = "";

    public static QueryLoad Start(int port, string name) => new(port, name);

    public async Task<(int Answered, int Lost)> EndAsync()
    {
        await _end.CancelAsync();
        await _running;
        return (_answered, _lost);
    }

    public async ValueTask DisposeAsync() => await EndAsync();

    private async Task AskAsync(int port, string name)
    {
        using var socket = new UdpClient();
        socket.Connect(IPAddress.Loopback, port);
        byte[] question = [0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, .. Name.Parse(name).Wire, 0, 1, 0, 1];
        for (ushort id = 1; !_end.IsCancellationRequested; id++)
        {
            question[0] = (byte)(id >> 8);
            question[1] = (byte)id;
            await socket.SendAsync(question);
            await ReceiveAsync(socket, id);
        }
    }

    private async Task ReceiveAsync(UdpClient socket, ushort id)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        try
        {
            while (true)
            {
                var answer = (await socket.ReceiveAsync(patience.Token)).Buffer;
                if (answer[0] << 8 == (id & 0xFF00) && answer[1] == (byte)id)
                {
                    // The one A record is the end of the answer: no OPT was asked for.
                    LastAddress = new IPAddress(answer.AsSpan(answer.Length - 4)).ToString();
                    _answered++;
                    return;
                }
            }
        }
        catch (OperationCanceledException)
        {
            _lost++;
        }
    }
}
