using System.Collections.Immutable;

namespace Edge.Dns.Resolver.Upstreams;

/// <summary>The upstreams that can answer the same questions: those of the configuration, or those of one forwarded zone.</summary>
internal sealed class UpstreamSet(ImmutableArray<Upstream> upstreams)
{
    // How often a question goes to a second one as well, so that what is known of it stays true.
    private const int CompareEvery = 64;

    private int _inquiries;

    public ImmutableArray<Upstream> All { get; } = upstreams.Length > UpstreamServer.MaxCount ? upstreams[..UpstreamServer.MaxCount] : upstreams;

    /// <summary>Whether this inquiry should ask a second upstream only to learn how quick it is. No client waits for that.</summary>
    public bool IsForComparison() => All.Length > 1 && Interlocked.Increment(ref _inquiries) % CompareEvery == 0;

    /// <summary>Somebody needs them and all are down: the next look whether they are back happens now.</summary>
    public void Hurry()
    {
        foreach (var upstream in All)
        {
            upstream.Hurry();
        }
    }
}
