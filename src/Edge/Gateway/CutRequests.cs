using Edge.Observability.Requests;
using Microsoft.AspNetCore.Http;

namespace Edge.Gateway;

/// <summary>Counts what is cut off when Edge ends and the time for requests under way is over.</summary>
internal sealed class CutRequests
{
    private volatile bool _begun;
    private int _requests;
    private int _webSockets;

    public int Requests => Volatile.Read(ref _requests);

    public int WebSockets => Volatile.Read(ref _webSockets);

    /// <summary>The requests that are under way now are cut off.</summary>
    public void Begin() => _begun = true;

    /// <summary>Takes note of a request that is over.</summary>
    public void Note(RequestRecord record)
    {
        if (_begun)
        {
            // Over HTTP/2 a WebSocket is a CONNECT (RFC 8441).
            Interlocked.Increment(ref record.Status == StatusCodes.Status101SwitchingProtocols || HttpMethods.IsConnect(record.Method) ? ref _webSockets : ref _requests);
        }
    }
}
