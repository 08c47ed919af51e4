using System.Collections.Immutable;

namespace Edge.Dns.Resolver;

/// <summary>The upstreams of one configuration.</summary>
internal sealed class UpstreamSet(ImmutableArray<Upstream> upstreams)
{
    public ImmutableArray<Upstream> All { get; } = upstreams;

    /// <summary>Those that are not down, the quickest first.</summary>
    public Upstream[] InOrder()
    {
        var alive = All.Where(u => !u.IsDown).OrderBy(u => u.Rank).ToArray();
        foreach (var other in alive.Skip(1))
        {
            other.Fade();
        }

        return alive;
    }
}
