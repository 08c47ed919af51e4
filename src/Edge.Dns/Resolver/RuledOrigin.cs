using Edge.Dns.Resolver.Upstreams;

namespace Edge.Dns.Resolver;

/// <summary>Forwarded zones from their own servers, all else from the root.</summary>
internal sealed class RuledOrigin(IAnswerOrigin forwarded, ForwardRules rules, IAnswerOrigin fromRoot) : IAnswerOrigin
{
    /// <inheritdoc/>
    public Task<OriginAnswer> AskAsync(QuestionKey key, CancellationToken deadline) =>
        (rules.Find(key.Name.Wire) is null ? fromRoot : forwarded).AskAsync(key, deadline);
}
