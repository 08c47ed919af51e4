using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Edge.Tests.Gateway;

/// <summary>A connection without TLS on which anything can be said.</summary>
internal static class PlainClient
{
    /// <summary>Says something, and gives all that is said until the gateway ends the connection.</summary>
    public static async Task<string> AskAsync(int port, string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port, RunningGateway.Cancel);
        await client.GetStream().WriteAsync(Encoding.Latin1.GetBytes(request), RunningGateway.Cancel);
        var said = new MemoryStream();
        try
        {
            await client.GetStream().CopyToAsync(said, RunningGateway.Cancel);
        }
        catch (IOException)
        {
            // Reset.
        }

        return Encoding.Latin1.GetString(said.ToArray());
    }
}
