namespace Edge.Dns.Resolver.Upstreams;

/// <summary>One way to carry queries to one upstream and its replies back.</summary>
internal interface IUpstreamChannel : IDisposable
{
    /// <summary>Sends the attempt's query and later delivers one reply to it. Network trouble is a reply; nothing is thrown.</summary>
    void Ask(UpstreamAttempt attempt);

    /// <summary>Nobody waits for this attempt any more.</summary>
    void Forget(UpstreamAttempt attempt);

    /// <summary>What is open may lead nowhere, since the upstream does not answer or the network has changed: the next query opens anew.</summary>
    void Renew();
}
