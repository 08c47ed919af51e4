namespace Edge.Dns.Resolver.Upstreams;

/// <summary>Answers from upstream resolvers: those of the zone that is forwarded, or else those for everything.</summary>
internal sealed class UpstreamOrigin(UpstreamSet upstreams, ForwardRules rules, UpstreamParts parts, ForwarderOptions options) : IAnswerOrigin
{
    /// <inheritdoc/>
    public bool KeepsTime => true;

    /// <inheritdoc/>
    public Task<OriginAnswer> AskAsync(QuestionKey key, CancellationToken deadline) =>
        new Inquiry(rules.Find(key.Name.Wire) ?? upstreams, parts, options, key).RunAsync(deadline);
}
