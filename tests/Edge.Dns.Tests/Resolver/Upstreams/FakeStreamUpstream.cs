using System.Buffers.Binary;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Edge.Dns.Wire;

namespace Edge.Dns.Tests.Resolver.Upstreams;

/// <summary>An upstream over TCP or TLS that keeps its connections, and does with each query what the test says.</summary>
internal sealed class FakeStreamUpstream : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _ended = new();
    private readonly SslServerAuthenticationOptions? _tls;
    private int _connections;
    private int _queries;

    public FakeStreamUpstream(SslServerAuthenticationOptions? tls = null)
    {
        _tls = tls;
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public int Connections => Volatile.Read(ref _connections);

    public int Queries => Volatile.Read(ref _queries);

    public List<byte[]> Received { get; } = [];

    /// <summary>Sent to whoever connects; then the connection is closed.</summary>
    public byte[]? Greeting { get; set; }

    /// <summary>Gets the query and the connection.</summary>
    public Func<byte[], Stream, Task> OnQuery { get; set; } = (query, stream) => SendAsync(stream, Good(FakeUpstream.Parse(query)));

    public static Message Good(Message query) => FakeUpstream.Reply(query, [$"{query.Questions[0].Name} 300 A 192.0.2.1"]);

    public static async Task SendAsync(Stream stream, Message reply)
    {
        var bytes = reply.ToArray();
        await stream.WriteAsync((byte[])[(byte)(bytes.Length >> 8), (byte)bytes.Length, .. bytes]);
        await stream.FlushAsync();
    }

    public void Dispose()
    {
        _ended.Cancel();
        _listener.Stop();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_ended.Token);
                Interlocked.Increment(ref _connections);
                _ = ServeAsync(client);
            }
        }
        catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        try
        {
            using var _ = client;
            client.NoDelay = true;
            Stream stream = client.GetStream();
            if (Greeting is not null)
            {
                await stream.WriteAsync(Greeting, _ended.Token);
                return;
            }

            if (_tls is not null)
            {
                var encrypted = new SslStream(stream);
                await encrypted.AuthenticateAsServerAsync(_tls, _ended.Token);
                stream = encrypted;
            }

            var prefix = new byte[2];
            while (true)
            {
                await stream.ReadExactlyAsync(prefix, _ended.Token);
                var query = new byte[BinaryPrimitives.ReadUInt16BigEndian(prefix)];
                await stream.ReadExactlyAsync(query, _ended.Token);
                lock (Received)
                {
                    Received.Add(query);
                }

                Interlocked.Increment(ref _queries);
                await OnQuery(query, stream);
            }
        }
        catch (Exception error) when (error is IOException or OperationCanceledException or ObjectDisposedException or System.Security.Authentication.AuthenticationException)
        {
            // The client or the test has ended it.
        }
    }
}
