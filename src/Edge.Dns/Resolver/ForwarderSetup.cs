using System.Collections.Immutable;
using System.Net;
using Edge.Dns.Resolver.Validation;
using Microsoft.Extensions.Logging;

namespace Edge.Dns.Resolver;

/// <summary>What one configuration of the forwarder comes to: replaced as a whole, taken once per query.</summary>
internal sealed class ForwarderSetup(ForwarderOptions options, UpstreamSet upstreams, AnswerCache cache, ValidationState? validation, AnswerSearch search)
{
    public ForwarderOptions Options { get; } = options;

    public UpstreamSet Upstreams { get; } = upstreams;

    public AnswerCache Cache { get; } = cache;

    /// <summary>What validation has learned; null when nothing is validated.</summary>
    public ValidationState? Validation { get; } = validation;

    public AnswerSearch Search { get; } = search;

    /// <summary>Builds the next setup; what did not change keeps its state: the cache, and what is known of each upstream.</summary>
    public static ForwarderSetup Create(ForwarderOptions options, ImmutableArray<IPEndPoint> endPoints, ForwarderSetup? before, TimeProvider time, ILogger log)
    {
        var keepsUpstreams = before is not null && before.Options.AttemptTimeout == options.AttemptTimeout;
        var known = keepsUpstreams ? before!.Upstreams.All : [];
        ImmutableArray<Upstream> upstreams =
        [
            .. endPoints.Distinct().Select(e => known.FirstOrDefault(u => u.EndPoint.Equals(e)) ?? new Upstream(e, options.AttemptTimeout, time, log)),
        ];
        var keepsCache = before is not null && before.Options.CacheBytes == options.CacheBytes && before.Options.MaxCachedAnswer == options.MaxCachedAnswer;
        var cache = keepsCache ? before!.Cache : new AnswerCache(options.CacheBytes, options.MaxCachedAnswer);
        var set = new UpstreamSet(upstreams);
        var origin = new UpstreamOrigin(set, options);
        var validation = options.Validation is null ? null : options.Validation == before?.Options.Validation ? before.Validation : new ValidationState(options.Validation, time);
        var validator = validation is null ? null : new AnswerValidator(origin, validation, time);
        return new ForwarderSetup(options, set, cache, validation, new AnswerSearch(origin, validator, new AnswerScrubber(options), options));
    }
}
