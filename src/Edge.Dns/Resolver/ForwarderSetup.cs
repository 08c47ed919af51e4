using System.Collections.Immutable;
using System.Net;
using Microsoft.Extensions.Logging;

namespace Edge.Dns.Resolver;

/// <summary>What one configuration of the forwarder comes to: replaced as a whole, taken once per query.</summary>
internal sealed class ForwarderSetup(ForwarderOptions options, UpstreamSet upstreams, AnswerCache cache, AnswerSearch search)
{
    public ForwarderOptions Options { get; } = options;

    public UpstreamSet Upstreams { get; } = upstreams;

    public AnswerCache Cache { get; } = cache;

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
        var search = new AnswerSearch(new UpstreamOrigin(set, options), validator: null, new AnswerScrubber(options), options);
        return new ForwarderSetup(options, set, cache, search);
    }
}
