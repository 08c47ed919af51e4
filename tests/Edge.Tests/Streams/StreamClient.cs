using System.Net.Sockets;
using System.Text;

namespace Edge.Tests.Streams;

/// <summary>Says something, ends its half, and reads what comes until the end.</summary>
internal static class StreamClient
{
    public static async Task<string> AskAsync(string address, int port, string text)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(address, port, TestContext.Current.CancellationToken);
        return await AskAsync(client, text);
    }

    public static async Task<string> AskAsync(TcpClient client, string text)
    {
        try
        {
            var stream = client.GetStream();
            await stream.WriteAsync(Encoding.ASCII.GetBytes(text), TestContext.Current.CancellationToken);
            client.Client.Shutdown(SocketShutdown.Send);
            using var reader = new StreamReader(stream, Encoding.ASCII);
            return await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
        }
        catch (IOException broken)
        {
            return broken.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionReset or SocketError.Shutdown } ? "reset" : broken.Message;
        }
    }
}
