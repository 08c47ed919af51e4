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

    public AnswerSearch Search { get; } = search;

    /// <summary>Builds the next setup; what did not change keeps its state: the cache, and what is known of each upstream.</summary>
    public static ForwarderSetup Create(ForwarderOptions options, ImmutableArray<UpstreamServer> servers, ForwarderSetup? before, UpstreamParts parts)
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
        IAnswerOrigin origin = recursion is null ? forwarded : new RuledOrigin(forwarded, rules, recursion);
        var validation = options.Validation is null ? null
            : before?.Validation is { } learned && learned.Options == options.Validation ? learned
            : new ValidationState(options.Validation, parts.Time, parts.Log);
        var validator = validation is null ? null : Validator(options, origin, validation, parts);
        var search = new AnswerSearch(origin, validator, new AnswerScrubber(options, rules), options);
        return new ForwarderSetup(options, set, rules, [.. set.All.Union(factory.All)], cache, recursion, validation, search);
    }

    private static IAnswerValidator Validator(ForwarderOptions options, IAnswerOrigin origin, ValidationState state, UpstreamParts parts)
    {
        var validator = new AnswerValidator(origin, state, parts.Time);
        return options.ValidationIfAble ? new WillingValidator(origin, validator, parts.Time, parts.Log) : validator;
    }
}
