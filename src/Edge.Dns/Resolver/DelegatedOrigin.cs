using System.Collections.Concurrent;
using Edge.Dns.Resolver.Recursion;
using Edge.Dns.Resolver.Upstreams;
using Edge.Dns.Wire;

namespace Edge.Dns.Resolver;

/// <summary>
/// Names below a delegation in a zone of ours are asked of the servers that the delegation names: it was declared here, and
/// the world may know nothing of it. All else goes on to others.
/// </summary>
/// <param name="others">Who is asked for all other names.</param>
/// <param name="options">What is delegated, and how its servers are asked.</param>
/// <param name="cache">Forgets what other servers said of a part that was theirs.</param>
/// <param name="parts">The clock and the log.</param>
/// <param name="link">The way to servers; null for the network.</param>
internal sealed class DelegatedOrigin(IAnswerOrigin others, ForwarderOptions options, AnswerCache cache, UpstreamParts parts, IServerLink? link = null) : IAnswerOrigin
{
    // What is known of servers may be learned again.
    private const int MostKept = 64;

    private readonly ConcurrentDictionary<Name, (OwnDelegation Declared, RecursiveOrigin Servers)> _kept = new();

    /// <inheritdoc/>
    public bool KeepsTime => others.KeepsTime;

    /// <summary>The delegation by which a name is asked; null when it is asked of others. A zone with servers of its own in the settings goes before.</summary>
    public OwnDelegation? Find(ReadOnlySpan<byte> wire)
    {
        if (options.Delegations.Find(wire) is not { } found)
        {
            return null;
        }

        var name = Name.FromWire(wire);
        return options.Forward.Any(rule => name.IsAtOrBelow(rule.Zone) && rule.Zone.IsAtOrBelow(found.Zone)) ? null : found;
    }

    /// <inheritdoc/>
    public bool IsTakenAsItIs(QuestionKey key) =>
        Find(key) is { } cut && !(options.Validation?.Anchors.Any(anchor => key.Name.IsAtOrBelow(anchor.Owner) && anchor.Owner.IsAtOrBelow(cut.Cut)) ?? false);

    /// <inheritdoc/>
    public Task<OriginAnswer> AskAsync(QuestionKey key, CancellationToken deadline) =>
        Find(key) is { } cut ? AskServersAsync(cut, key, deadline) : others.AskAsync(key, deadline);

    // RFC 4035 §3.1.4.1: the DS at the cut is the parent's.
    private OwnDelegation? Find(QuestionKey key) => Find(key.Name.Wire) is { } cut && !(key.Type == RecordType.DS && key.Name == cut.Cut) ? cut : null;

    private async Task<OriginAnswer> AskServersAsync(OwnDelegation cut, QuestionKey key, CancellationToken deadline)
    {
        using var timer = new CancellationTokenSource(options.TotalTimeout, parts.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, deadline);
        return await ServersOf(cut).AskAsync(key, target => target.IsAtOrBelow(cut.Cut) ? null : options.IsOurs(target) ? EndOfChain.Instance : others, either.Token).ConfigureAwait(false);
    }

    private RecursiveOrigin ServersOf(OwnDelegation cut)
    {
        if (_kept.TryGetValue(cut.Cut, out var kept) && kept.Declared == cut)
        {
            return kept.Servers;
        }

        if (kept.Declared is not null)
        {
            cache.RemoveBelow(cut.Cut);
        }

        if (_kept.Count >= MostKept)
        {
            _kept.Clear();
        }

        // A server inside was declared by the owner of the zone. What a server of the world says must not lead inside.
        var servers = new RecursiveOrigin(
            options.Delegated with { AllowPrivate = options.Delegated.AllowPrivate || cut.Servers.Any(server => server.Addresses.Any(AddressPolicy.IsInside)) },
            parts.Time,
            parts.Log,
            link,
            new Delegation(cut.Cut, [.. cut.Servers.Select(server => new NameServer(server.Name, server.Addresses))], long.MaxValue),
            others);
        _kept[cut.Cut] = (cut, servers);
        return servers;
    }

    /// <summary>An alias leads to a name of ours: who asked is answered from there by our zones.</summary>
    private sealed class EndOfChain : IAnswerOrigin
    {
        public static readonly EndOfChain Instance = new();

        public Task<OriginAnswer> AskAsync(QuestionKey key, CancellationToken deadline)
        {
            var nothing = new Message { Flags = MessageFlags.Response };
            nothing.Questions.Add(new Question(key.Name, key.Type));
            return Task.FromResult(OriginAnswer.Of(nothing, ""));
        }
    }
}
