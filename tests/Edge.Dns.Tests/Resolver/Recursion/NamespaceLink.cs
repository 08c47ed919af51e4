using System.Net;
using Edge.Dns.Resolver;
using Edge.Dns.Resolver.Recursion;
using Edge.Dns.Tests.Views;

namespace Edge.Dns.Tests.Resolver.Recursion;

/// <summary>The real sockets, opened inside a network namespace; they stay in it whoever goes on with them.</summary>
internal sealed class NamespaceLink(NetworkNamespace place) : IServerLink
{
    private readonly ServerLink _link = new();

    public Task<UpstreamReply> AskAsync(IPEndPoint server, UpstreamQuery query, bool overTcp, CancellationToken deadline) =>
        place.Inside(() => _link.AskAsync(server, query, overTcp, deadline));
}
