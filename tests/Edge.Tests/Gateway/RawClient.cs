using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace Edge.Tests.Gateway;

/// <summary>A TLS connection to the gateway on which anything can be said.</summary>
internal sealed class RawClient : IAsyncDisposable
{
    private readonly TcpClient _tcp;
    private readonly SslStream _tls;

    private RawClient(TcpClient tcp, SslStream tls) => (_tcp, _tls) = (tcp, tls);

    public static async Task<RawClient> ConnectAsync(int port, string name = "raw.example.com", bool http2 = false)
    {
        var tcp = new TcpClient();
        await tcp.ConnectAsync(IPAddress.Loopback, port, RunningGateway.Cancel);
        var tls = new SslStream(tcp.GetStream(), false, (_, _, _, _) => true);
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = name, ApplicationProtocols = [http2 ? SslApplicationProtocol.Http2 : SslApplicationProtocol.Http11] }, RunningGateway.Cancel);
        return new RawClient(tcp, tls);
    }

    public SslApplicationProtocol Protocol => _tls.NegotiatedApplicationProtocol;

    public Task SendAsync(string text) => SendAsync(Encoding.Latin1.GetBytes(text));

    /// <summary>False when the gateway has closed the connection.</summary>
    public async Task<bool> TrySendAsync(byte[] bytes)
    {
        try
        {
            await SendAsync(bytes);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    public async Task SendAsync(byte[] bytes)
    {
        await _tls.WriteAsync(bytes, RunningGateway.Cancel);
        await _tls.FlushAsync(RunningGateway.Cancel);
    }

    /// <summary>All that comes until the gateway closes the connection, or until a text has come.</summary>
    public async Task<string> ReadAsync(string? until = null)
    {
        var (said, buffer) = (new StringBuilder(), new byte[16384]);
        try
        {
            while (until is null || !said.ToString().Contains(until, StringComparison.Ordinal))
            {
                var length = await _tls.ReadAsync(buffer, RunningGateway.Cancel);
                if (length == 0)
                {
                    break;
                }

                said.Append(Encoding.Latin1.GetString(buffer, 0, length));
            }
        }
        catch (IOException)
        {
            // Closed without a farewell.
        }

        return said.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        await _tls.DisposeAsync();
        _tcp.Dispose();
    }
}
