using System.Net;

namespace Edge.Dns.Resolver.Recursion;

/// <summary>How a query gets to a name server and its reply back: all that recursion knows of sockets.</summary>
internal interface IServerLink
{
    /// <summary>Asks once. Network trouble is a result; cancellation through <paramref name="deadline"/> is a timeout.</summary>
    Task<UpstreamReply> AskAsync(IPEndPoint server, UpstreamQuery query, bool overTcp, CancellationToken deadline);
}
