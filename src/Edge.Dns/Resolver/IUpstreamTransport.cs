using System.Net;

namespace Edge.Dns.Resolver;

/// <summary>One way to carry a query to an upstream and its reply back.</summary>
internal interface IUpstreamTransport
{
    /// <summary>Asks once. Network trouble is a result; cancellation through <paramref name="deadline"/> is a timeout.</summary>
    Task<UpstreamReply> AskAsync(IPEndPoint upstream, UpstreamQuery query, CancellationToken deadline);
}
