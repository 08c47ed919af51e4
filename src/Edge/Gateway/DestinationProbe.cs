using System.Net.Sockets;

namespace Edge.Gateway;

/// <summary>Asks a destination now, for explanations: what is known from requests may be old, or nothing.</summary>
internal static class DestinationProbe
{
    /// <summary>Why no connection to the destination comes about; null when one does.</summary>
    public static async Task<string?> ConnectAsync(Uri destination, TimeSpan patience, CancellationToken cancel)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        deadline.CancelAfter(patience);
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(destination.DnsSafeHost, destination.Port, deadline.Token);
            return null;
        }
        catch (SocketException wrong)
        {
            return wrong.Message;
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return $"no answer within {patience.TotalSeconds:0.#} s";
        }
    }
}
