using System.Net;

namespace Edge.Dns.Resolver.Recursion;

/// <summary>Plain DNS: a UDP socket with a port of its own for each query, a TCP connection where UDP does not do.</summary>
internal sealed class ServerLink : IServerLink
{
    private readonly UdpTransport _udp = new();
    private readonly TcpTransport _tcp = new();

    public Task<UpstreamReply> AskAsync(IPEndPoint server, UpstreamQuery query, bool overTcp, CancellationToken deadline) =>
        overTcp ? _tcp.AskAsync(server, query, deadline) : _udp.AskAsync(server, query, deadline);
}
