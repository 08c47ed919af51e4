using Edge.Dns.Resolver.Recursion;
using Edge.Dns.Resolver.Upstreams;
using Edge.Dns.Wire;

namespace Edge.Dns.Resolver;

/// <summary>Forwarded zones from their own servers, all else from the root.</summary>
internal sealed class RuledOrigin(IAnswerOrigin forwarded, ForwardRules rules, RecursiveOrigin fromRoot) : IAnswerOrigin
{
    /// <inheritdoc/>
    public Task<OriginAnswer> AskAsync(QuestionKey key, CancellationToken deadline) =>
        Forwarded(key.Name) is { } rule ? rule.AskAsync(key, deadline) : fromRoot.AskAsync(key, Forwarded, deadline);

    // An alias in the public tree may lead into a zone that only its own servers know.
    private IAnswerOrigin? Forwarded(Name name) => rules.Find(name.Wire) is null ? null : forwarded;
}
