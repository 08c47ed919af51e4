using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Edge.Tests.Streams;

/// <summary>A TCP server that says nothing until its client has ended, then what it got, who asked, and ends.</summary>
internal sealed class EchoServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly string _name;

    public EchoServer(string name)
    {
        _name = name;
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public int Accepted { get; private set; }

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        while (true)
        {
            try
            {
                var client = await _listener.AcceptTcpClientAsync();
                Accepted++;
                _ = AnswerAsync(client);
            }
            catch (Exception ended) when (ended is SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task AnswerAsync(TcpClient client)
    {
        using (client)
        {
            using var got = new MemoryStream();
            await client.GetStream().CopyToAsync(got);
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"{_name} got {got.Length}: {Encoding.ASCII.GetString(got.ToArray(), 0, (int)Math.Min(got.Length, 200))}"));
        }
    }
}
