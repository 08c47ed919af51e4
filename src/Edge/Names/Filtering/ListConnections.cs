using System.Net;
using System.Net.Sockets;

namespace Edge.Names.Filtering;

/// <summary>Connects to the servers of lists, with names resolved by Edge itself.</summary>
internal sealed class ListConnections(Func<string, CancellationToken, Task<IPAddress[]>> resolve)
{
    private static readonly TimeSpan PatiencePerAddress = TimeSpan.FromSeconds(5);

    /// <summary>Opens a connection to the first address that answers.</summary>
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancel)
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        var addresses = IPAddress.TryParse(host, out var literal) ? [literal] : await resolve(host, cancel).ConfigureAwait(false);
        Exception? last = null;
        foreach (var address in addresses)
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            patience.CancelAfter(PatiencePerAddress);
            try
            {
                await socket.ConnectAsync(new IPEndPoint(address, port), patience.Token).ConfigureAwait(false);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (Exception failed) when (failed is SocketException || (failed is OperationCanceledException && !cancel.IsCancellationRequested))
            {
                socket.Dispose();
                last = failed;
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }

        throw new HttpRequestException(addresses.Length == 0 ? $"{host} has no address that Edge can find" : $"no address of {host} answers: {last!.Message}");
    }
}
