namespace Edge.Dns.Resolver.Upstreams;

/// <summary>Who has asked an upstream and waits for how it ends.</summary>
internal interface IAttemptOwner
{
    /// <summary>The attempt is over. Called once, on the thread that received the reply; must not wait.</summary>
    void OnReply(UpstreamAttempt attempt, in UpstreamReply reply);
}
