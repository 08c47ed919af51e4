namespace Edge.Dns.Resolver;

/// <summary>Answers from upstream resolvers.</summary>
internal sealed class UpstreamOrigin(UpstreamSet upstreams, ForwarderOptions options) : IAnswerOrigin
{
    /// <inheritdoc/>
    public Task<OriginAnswer> AskAsync(QuestionKey key, CancellationToken deadline) => new Inquiry(upstreams, options.Rounds, key).RunAsync(deadline);
}
