using System.Collections.Immutable;
using Edge.Dns.Resolver.Recursion;
using Edge.Dns.Resolver.Upstreams;
using Edge.Dns.Resolver.Validation;
using Edge.Dns.Wire;

namespace Edge.Dns.Resolver;

/// <summary>What one configuration of the forwarder comes to: replaced as a whole, taken once per query.</summary>
internal sealed class ForwarderSetup(
    ForwarderOptions options,
    UpstreamSet upstreams,
    ForwardRules rules,
    ImmutableArray<Upstream> all,
    AnswerCache cache,
    RecursiveOrigin? recursion,
    ValidationState? validation,
    Willingness? willingness,
    DelegatedOrigin delegated,
    AnswerSearch search)
{
    public ForwarderOptions Options { get; } = options;

    /// <summary>The upstreams for all names that no rule is about.</summary>
    public UpstreamSet Upstreams { get; } = upstreams;

    /// <summary>Zones with upstreams of their own.</summary>
    public ForwardRules Rules { get; } = rules;

    /// <summary>Every upstream there is.</summary>
    public ImmutableArray<Upstream> All { get; } = all;

    public AnswerCache Cache { get; } = cache;

    /// <summary>Who resolves from the root; null when upstreams are asked.</summary>
    public RecursiveOrigin? Recursion { get; } = recursion;

    /// <summary>What validation has learned; null when nothing is validated.</summary>
    public ValidationState? Validation { get; } = validation;

    /// <summary>Whether answers can be validated; null when that need not be shown.</summary>
    public Willingness? Willingness { get; } = willingness;

    /// <summary>The way to those who have parts of our zones.</summary>
    public DelegatedOrigin Delegated { get; } = delegated;

    public AnswerSearch Search { get; } = search;

    /// <summary>The same under another identity, for those who keep answers by it.</summary>
    public ForwarderSetup Anew() => new(Options, Upstreams, Rules, All, Cache, Recursion, Validation, Willingness, Delegated, Search);

    /// <summary>Builds the next setup; what did not change keeps its state: the cache, and what is known of each upstream.</summary>
    /// <param name="options">The options.</param>
    /// <param name="servers">The upstreams for all names that no rule is about.</param>
    /// <param name="before">The setup until now.</param>
    /// <param name="parts">What upstreams share.</param>
    /// <param name="validationBegun">Called when it was shown that answers can be validated.</param>
    public static ForwarderSetup Create(ForwarderOptions options, ImmutableArray<UpstreamServer> servers, ForwarderSetup? before, UpstreamParts parts, Action validationBegun)
    {
        var keepsUpstreams = before is not null && before.Options.AttemptTimeout == options.AttemptTimeout && before.Options.ExtraRoots == options.ExtraRoots
            && before.Options.Bootstrap.SequenceEqual(options.Bootstrap);
        var factory = new UpstreamFactory(options, parts, keepsUpstreams ? before!.All : []);
        factory.UseBootstrap(options.Bootstrap.IsEmpty ? [.. servers.Where(server => server.Protocol == UpstreamProtocol.Plain)] : [.. options.Bootstrap]);
        var set = factory.Set(servers, Name.Root);
        var rules = new ForwardRules(options.Forward.ToImmutableDictionary(rule => rule.Zone, rule => factory.Set(rule.Servers, rule.Zone)));
        // Answers that were judged by other rules, or not at all, are not kept.
        var keepsCache = before is not null && before.Options.Validation == options.Validation && before.Options.CacheBytes == options.CacheBytes && before.Options.MaxCachedAnswer == options.MaxCachedAnswer;
        var cache = keepsCache ? before!.Cache : new AnswerCache(options.CacheBytes, options.MaxCachedAnswer);
        foreach (var changed in before?.Options.Forward.Except(options.Forward).Concat(options.Forward.Except(before.Options.Forward)) ?? [])
        {
            cache.RemoveBelow(changed.Zone);
        }

        var recursion = options.Recursion is null ? null
            : options.Recursion == before?.Options.Recursion ? before.Recursion
            : new RecursiveOrigin(options.Recursion, parts.Time, parts.Log);
        var forwarded = new UpstreamOrigin(set, rules, parts, options);
        var origin = new DelegatedOrigin(recursion is null ? forwarded : new RuledOrigin(forwarded, rules, recursion), options, cache, parts);
        var validation = options.Validation is null ? null
            : before?.Validation is { } learned && learned.Options == options.Validation ? learned
            : new ValidationState(options.Validation, parts.Time, parts.Log);
        var willingness = validation is null || !options.ValidationIfAble ? null
            : before?.Validation == validation && AsksTheSame(options, servers, before) && before.Willingness is { } shown ? shown
            : new Willingness(validationBegun, parts.Time);
        var validator = validation is null ? null : Validator(origin, validation, willingness, parts);
        var search = new AnswerSearch(origin, validator, new AnswerScrubber(options, rules), options);
        cache.RequireJudgement(search.Validates == true);
        return new ForwarderSetup(options, set, rules, [.. set.All.Union(factory.All)], cache, recursion, validation, willingness, origin, search);
    }

    // Whether the root's keys come from where they came from before.
    private static bool AsksTheSame(ForwarderOptions options, ImmutableArray<UpstreamServer> servers, ForwarderSetup before) =>
        options.Recursion == before.Options.Recursion
        && (options.Recursion is not null || servers.SequenceEqual(before.Upstreams.All.Select(upstream => upstream.Server)))
        && options.Forward.Where(rule => rule.Zone.IsRoot).SequenceEqual(before.Options.Forward.Where(rule => rule.Zone.IsRoot));

    private static IAnswerValidator Validator(IAnswerOrigin origin, ValidationState state, Willingness? willingness, UpstreamParts parts)
    {
        var validator = new AnswerValidator(origin, state, parts.Time);
        return willingness is null ? validator : new WillingValidator(origin, validator, willingness, parts.Time, parts.Log);
    }
}
