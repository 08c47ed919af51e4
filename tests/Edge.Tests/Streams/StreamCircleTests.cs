using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Edge.Tests.Whole;

namespace Edge.Tests.Streams;

/// <summary>A stream that leads back to Edge is told when it is declared, and ends with its first connection, whatever name it goes by.</summary>
public sealed class StreamCircleTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("epoll", "tls://127.0.0.1:{https}", "is Edge itself (127.0.0.1:{https})")]
    [InlineData("sockets", "tls://localhost:{https}", "is Edge itself (127.0.0.1:{https})")]
    public async Task TLS_that_leads_to_the_gateway(string transport, string to, string told)
    {
        await using var edge = EdgeProcess.InExampleFolder();
        edge.WriteSettings(text => text.Replace("gateway:\n", $"gateway:\n  transport: {transport}\n", StringComparison.Ordinal));
        await SayAsync(edge, $"services:\n  vault: {{ to: \"{Ports(edge, to)}\" }}\n");
        Assert.Contains($"proxy-routes/circle.yaml:2: services.vault.to[0]: {Ports(edge, to)} {Ports(edge, told)}, so connections would go in a circle", (await edge.CommandAsync("check")).Output, StringComparison.Ordinal);

        await edge.StartAsync();
        for (var time = 0; time < 5; time++)
        {
            await Assert.ThrowsAnyAsync<IOException>(() => ShakeHandsAsync(edge.Https, "vault.nas.example.com"));
        }

        await Eventually.TrueAsync(() => Task.FromResult(edge.Output.Contains($"is Edge itself (127.0.0.1:{edge.Https}), so a connection was closed", StringComparison.Ordinal)), () => edge.Output);
    }

    [Theory]
    [InlineData("tcp://127.0.0.1:{https}")]
    [InlineData("tcp://localhost:{http}")]
    [InlineData("tcp://0.0.0.0:{admin}")]
    public async Task TCP_that_leads_to_the_gateway_or_the_API(string to)
    {
        await using var edge = EdgeProcess.InExampleFolder();
        var port = EdgeProcess.FreePort();
        await SayAsync(edge, $"services:\n  ssh: {{ to: \"{Ports(edge, to)}\", listen: {port} }}\n");
        Assert.Contains("is Edge itself (127.0.0.1:", (await edge.CommandAsync("check")).Output, StringComparison.Ordinal);
        await edge.StartAsync();

        // A client of SSH waits for the server to begin.
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port, Cancel);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        deadline.CancelAfter(TimeSpan.FromSeconds(30));
        await Assert.ThrowsAnyAsync<IOException>(async () => await client.GetStream().ReadExactlyAsync(new byte[1], deadline.Token));
        await Eventually.TrueAsync(() => Task.FromResult(edge.Output.Contains("ssh: ", StringComparison.Ordinal) && edge.Output.Contains("), so a connection was closed", StringComparison.Ordinal)), () => edge.Output);
    }

    [Fact]
    public async Task A_living_destination_takes_what_would_go_in_a_circle()
    {
        await using var edge = EdgeProcess.InExampleFolder();
        using var echo = new EchoServer("ssh");
        var port = EdgeProcess.FreePort();
        await SayAsync(edge, $"services:\n  ssh: {{ to: [\"tcp://127.0.0.1:{edge.Https}\", \"tcp://127.0.0.1:{echo.Port}\"], listen: {port} }}\n");
        await edge.StartAsync();
        Assert.Equal("ssh got 2: hi", await StreamClient.AskAsync("127.0.0.1", port, "hi"));
        Assert.Equal("ssh got 2: hi", await StreamClient.AskAsync("127.0.0.1", port, "hi"));
    }

    [Theory]
    [InlineData("one: { to: 'udp://127.0.0.1:{a}', listen: {a} }")]
    [InlineData("one: { to: 'udp://localhost:{b}', listen: {a} }\n  two: { to: 'udp://127.0.0.1:{a}', listen: {b} }")]
    public async Task Datagrams_that_come_back_are_dropped_after_few_rounds(string services)
    {
        await using var edge = EdgeProcess.InExampleFolder();
        var (a, b) = (EdgeProcess.FreePort(), EdgeProcess.FreePort());
        await SayAsync(edge, "services:\n  " + services.Replace("{a}", $"{a}", StringComparison.Ordinal).Replace("{b}", $"{b}", StringComparison.Ordinal) + "\n");
        Assert.Contains("is the port of the service ", (await edge.CommandAsync("check")).Output, StringComparison.Ordinal);
        await edge.StartAsync();
        using var client = new UdpClient();
        await client.SendAsync("hi"u8.ToArray(), new IPEndPoint(IPAddress.Loopback, a), Cancel);
        await Eventually.TrueAsync(() => Task.FromResult(edge.Output.Contains("(UDP), which is Edge itself; dropped", StringComparison.Ordinal)), () => edge.Output);

        // Sessions that the first datagram had made would all have a port by now: two for each.
        await client.SendAsync("hi"u8.ToArray(), new IPEndPoint(IPAddress.Loopback, a), Cancel);
        await edge.CommandAsync("health");
        Assert.DoesNotContain("4096 clients", edge.Output, StringComparison.Ordinal);
        Assert.InRange(Directory.GetFiles($"/proc/{edge.Id}/fd").Length, 1, 1000);
    }

    [Theory]
    [InlineData("epoll")]
    [InlineData("sockets")]
    public async Task The_end_of_a_service_ends_its_client_at_the_gateways_port(string transport)
    {
        await using var edge = EdgeProcess.InExampleFolder();
        edge.WriteSettings(text => text.Replace("gateway:\n", $"gateway:\n  transport: {transport}\n", StringComparison.Ordinal));
        using var service = new TcpListener(IPAddress.Loopback, 0);
        service.Start();
        await SayAsync(edge, $"services:\n  vault: {{ to: \"tls://{service.LocalEndpoint}\" }}\n");
        await edge.StartAsync();
        var handshake = ShakeHandsAsync(edge.Https, "vault.nas.example.com");
        using (var taken = await service.AcceptSocketAsync(Cancel))
        {
            await taken.ReceiveAsync(new byte[8192], Cancel);
            await taken.SendAsync(Encoding.ASCII.GetBytes("bye"), Cancel);
            taken.Shutdown(SocketShutdown.Send);
            await Assert.ThrowsAnyAsync<IOException>(() => handshake);
        }
    }

    private static async Task ShakeHandsAsync(int port, string name)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        deadline.CancelAfter(TimeSpan.FromSeconds(30));
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(IPAddress.Loopback, port, deadline.Token);
        await using var tls = new SslStream(tcp.GetStream(), false, (_, _, _, _) => true);
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = name }, deadline.Token);
    }

    private static string Ports(EdgeProcess edge, string text) => text
        .Replace("{https}", $"{edge.Https}", StringComparison.Ordinal).Replace("{http}", $"{edge.Http}", StringComparison.Ordinal).Replace("{admin}", $"{edge.Admin}", StringComparison.Ordinal);

    private static Task SayAsync(EdgeProcess edge, string yaml) => File.WriteAllTextAsync(Path.Combine(edge.Folder, "proxy-routes", "circle.yaml"), yaml, Cancel);
}
