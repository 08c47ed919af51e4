using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Edge.Tests.Whole;

/// <summary>What clients see of a start.</summary>
public sealed class StartTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("sockets")]
    [InlineData("epoll")]
    public async Task Who_comes_while_Edge_starts_waits_and_is_answered(string transport)
    {
        await using var backend = await Backend.StartAsync("alive");
        await using var edge = EdgeProcess.InExampleFolder(EdgeProcess.PublishedBinary);
        edge.WriteSettings(text => text.Replace("gateway:\n", $"gateway:\n  transport: {transport}\n", StringComparison.Ordinal));
        // So many that a start takes its time.
        await File.WriteAllTextAsync(Path.Combine(edge.Folder, "proxy-routes", "many.yaml"), $"services:\n{string.Concat(Enumerable.Range(0, 20_000).Select(number => $"  s{number}: {{ to: \"{backend.Url}\" }}\n"))}", Cancel);
        edge.StartOnly();
        using var client = new TcpClient();
        await Eventually.TrueAsync(() => ConnectAsync(client, edge.Http), () => edge.Output, () => edge.HasEnded);
        Assert.DoesNotContain("Edge serves", edge.Output, StringComparison.Ordinal);

        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: s19999.nas.example.com\r\nConnection: close\r\n\r\n"), Cancel);
        using var reader = new StreamReader(client.GetStream(), Encoding.ASCII);
        Assert.Equal("HTTP/1.1 308 Permanent Redirect", await reader.ReadLineAsync(Cancel));
    }

    private static async Task<bool> ConnectAsync(TcpClient client, int port)
    {
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, port, Cancel);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
