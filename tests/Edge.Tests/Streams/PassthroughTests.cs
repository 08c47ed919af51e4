using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using Edge.Tests.Whole;

namespace Edge.Tests.Streams;

/// <summary>How a connection ends that passes through the gateway's HTTPS port.</summary>
public sealed class PassthroughTests
{
    private const string Name = "vault.nas.example.com";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("epoll", 8 << 20)]
    [InlineData("epoll", 64 << 10)]
    [InlineData("sockets", 64 << 10)]
    public async Task What_a_client_has_said_before_its_end_arrives_and_so_does_the_answer(string transport, int length)
    {
        using var vault = new TcpListener(IPAddress.Loopback, 0);
        vault.Start();
        await using var edge = await StartAsync(transport, ((IPEndPoint)vault.LocalEndpoint).Port);
        using var client = await ConnectAsync(edge);
        byte[] all = [.. await HelloAsync(), .. RandomNumberGenerator.GetBytes(length)];
        var sent = 0;
        var sending = Task.Run(async () =>
        {
            while (sent < all.Length)
            {
                sent += await client.SendAsync(all.AsMemory(sent), SocketFlags.None, Cancel);
            }

            client.Shutdown(SocketShutdown.Send);
        });
        using var taken = await vault.AcceptSocketAsync(Cancel);

        // It reads nothing until nothing more fits in between.
        var (before, still) = (-1, 0);
        await Eventually.TrueAsync(
            () =>
            {
                (before, still) = (sent, sent == before ? still + 1 : 0);
                return Task.FromResult(still > 25);
            },
            () => "the client goes on and on");
        var received = await ReadAsync(taken);
        Assert.Equal(SHA256.HashData(all), SHA256.HashData(received));
        await sending;
        await taken.SendAsync("all of it"u8.ToArray(), Cancel);
        taken.Shutdown(SocketShutdown.Both);
        Assert.Equal("all of it"u8.ToArray(), await ReadAsync(client));
    }

    [Theory]
    [InlineData("epoll")]
    [InlineData("sockets")]
    public async Task A_client_that_breaks_off_ends_the_other_connection_too(string transport)
    {
        using var vault = new TcpListener(IPAddress.Loopback, 0);
        vault.Start();
        await using var edge = await StartAsync(transport, ((IPEndPoint)vault.LocalEndpoint).Port);
        var client = await ConnectAsync(edge);
        await client.SendAsync(await HelloAsync(), Cancel);
        using var taken = await vault.AcceptSocketAsync(Cancel);
        Reset(client);
        await ReadAsync(taken);
        Assert.Equal(0, await edge.StopAsync());
        Assert.DoesNotContain("   at ", edge.Output, StringComparison.Ordinal);
    }

    // Its end alone ends nothing: it may be waiting for an answer.
    [Fact]
    public async Task A_client_that_breaks_off_behind_its_end_ends_the_other_connection_too()
    {
        using var vault = new TcpListener(IPAddress.Loopback, 0);
        vault.Start();
        await using var edge = await StartAsync("epoll", ((IPEndPoint)vault.LocalEndpoint).Port);
        var client = await ConnectAsync(edge);
        await client.SendAsync(await HelloAsync(), Cancel);
        using var taken = await vault.AcceptSocketAsync(Cancel);
        client.Shutdown(SocketShutdown.Send);
        await ReadAsync(taken);
        await taken.SendAsync("an answer"u8.ToArray(), Cancel);
        await client.ReceiveAsync(new byte[100], Cancel);

        Assert.Equal(1, Held(((IPEndPoint)vault.LocalEndpoint).Port));
        Reset(client);
        await Eventually.TrueAsync(() => Task.FromResult(Held(((IPEndPoint)vault.LocalEndpoint).Port) == 0), () => "it stands");
    }

    [Fact]
    public async Task A_client_that_leaves_before_its_service_is_reached_is_nothing_to_tell_of()
    {
        // A queue of connections that is full answers nobody.
        using var full = new Socket(SocketType.Stream, ProtocolType.Tcp);
        full.Bind(new IPEndPoint(IPAddress.IPv6Loopback, 0));
        full.Listen(0);
        var port = ((IPEndPoint)full.LocalEndPoint!).Port;
        using var first = new Socket(SocketType.Stream, ProtocolType.Tcp);
        using var second = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await first.ConnectAsync(IPAddress.IPv6Loopback, port, Cancel);
        _ = second.ConnectAsync(IPAddress.IPv6Loopback, port, CancellationToken.None).AsTask();

        await using var edge = await StartAsync("epoll", port, "[::1]");
        var known = Asking(port);
        var client = await ConnectAsync(edge);
        await client.SendAsync(await HelloAsync(), Cancel);
        await Eventually.TrueAsync(() => Task.FromResult(Asking(port) > known), () => $"Edge does not connect:\n{edge.Output}");
        Reset(client);
        await Eventually.TrueAsync(() => Task.FromResult(Asking(port) == known), () => $"Edge goes on connecting:\n{edge.Output}");
        Assert.Equal(0, await edge.StopAsync());
        Assert.DoesNotContain("   at ", edge.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("ERR", edge.Output, StringComparison.Ordinal);
    }

    private static async Task<EdgeProcess> StartAsync(string transport, int port, string host = "127.0.0.1")
    {
        var edge = EdgeProcess.InExampleFolder();
        edge.WriteSettings(text => text.Replace("gateway:\n", $"gateway:\n  transport: {transport}\n", StringComparison.Ordinal));
        await File.WriteAllTextAsync(Path.Combine(edge.Folder, "proxy-routes", "vault.yaml"), $"services:\n  vault: {{ to: \"tls://{host}:{port}\" }}\n", Cancel);
        await edge.StartAsync();
        return edge;
    }

    private static async Task<Socket> ConnectAsync(EdgeProcess edge)
    {
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(IPAddress.Loopback, edge.Https, Cancel);
        return client;
    }

    private static void Reset(Socket client)
    {
        client.LingerState = new LingerOption(true, 0);
        client.Dispose();
    }

    // The first message of a client: one record (RFC 8446 section 5.1).
    private static async Task<byte[]> HelloAsync()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var client = new TcpClient();
        await client.ConnectAsync((IPEndPoint)listener.LocalEndpoint, Cancel);
        using var server = await listener.AcceptTcpClientAsync(Cancel);
        await using var tls = new SslStream(client.GetStream());
        var shaking = tls.AuthenticateAsClientAsync(Name);
        var header = new byte[5];
        await server.GetStream().ReadExactlyAsync(header, Cancel);
        var record = new byte[(header[3] << 8) + header[4]];
        await server.GetStream().ReadExactlyAsync(record, Cancel);
        server.Close();
        await Assert.ThrowsAnyAsync<Exception>(() => shaking);
        return [.. header, .. record];
    }

    private static async Task<byte[]> ReadAsync(Socket socket)
    {
        using var received = new MemoryStream();
        var buffer = new byte[16384];
        try
        {
            while (await socket.ReceiveAsync(buffer, Cancel) is var count and > 0)
            {
                received.Write(buffer, 0, count);
            }
        }
        catch (SocketException)
        {
            // A reset is an end as well.
        }

        return received.ToArray();
    }

    // Connections to a port that have no answer yet (SYN_SENT).
    // Connections to a port that a program holds: what the kernel ends by itself is nobody's any more.
    private static int Held(int port) => ((string[])["/proc/net/tcp", "/proc/net/tcp6"]).SelectMany(File.ReadLines)
        .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Count(fields => fields[2].EndsWith($":{port:X4}", StringComparison.Ordinal) && fields[9] != "0");

    private static int Asking(int port) => ((string[])["/proc/net/tcp", "/proc/net/tcp6"]).SelectMany(File.ReadLines)
        .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Count(words => words.Length > 3 && words[3] == "02" && words[2].EndsWith(string.Create(CultureInfo.InvariantCulture, $":{port:X4}"), StringComparison.Ordinal));
}
