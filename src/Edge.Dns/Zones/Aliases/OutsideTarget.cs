using System.Collections.Immutable;
using Edge.Dns.Wire;

namespace Edge.Dns.Zones.Aliases;

/// <summary>What is known of the addresses of one name outside of our zones, and when it is asked for again.</summary>
internal sealed class OutsideTarget
{
    /// <summary>What was learned last is believed for so long when nothing new can be learned (RFC 8767 §5: one to three days).</summary>
    public static readonly TimeSpan StaleTime = TimeSpan.FromDays(1);

    /// <summary>Seconds to live of addresses that could not be confirmed (RFC 8767 §5.2).</summary>
    public const uint StaleTtl = 30;

    // However short a target's TTL is, it is not asked for more often than this.
    private static readonly TimeSpan ShortestRest = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestRest = TimeSpan.FromHours(1);
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LastRetry = TimeSpan.FromMinutes(1);

    private TargetAddresses? _known;
    private DateTimeOffset _fresh;
    private int _failures;

    /// <summary>When it is to be asked for; at once for a new one.</summary>
    public DateTimeOffset Due { get; private set; } = DateTimeOffset.MinValue;

    /// <summary>The last time it was asked for, nothing could be learned.</summary>
    public bool IsFailing => _failures > 0;

    /// <summary>Somebody is asking now.</summary>
    public bool IsAsked { get; set; }

    /// <summary>What is known; null when nothing is, or nothing that could still be believed.</summary>
    public TargetAddresses? At(DateTimeOffset now) => _known switch
    {
        null => null,
        _ when _failures == 0 => _known,
        _ when now - _fresh >= StaleTime => null,
        _ => _known with { Ttl = Math.Min(_known.Ttl, StaleTtl) },
    };

    /// <summary>Takes an answer; null for a failure.</summary>
    public void Learn(TargetAddresses? answer, DateTimeOffset now)
    {
        IsAsked = false;
        if (answer is null)
        {
            _failures++;
            Due = now + Shorter(LastRetry, FirstRetry * Math.Pow(2, Math.Min(_failures - 1, 10)));
            return;
        }

        var rest = TimeSpan.FromSeconds(answer.Ttl);
        (_failures, _fresh, Due) = (0, now, now + Shorter(LongestRest, rest < ShortestRest ? ShortestRest : rest));

        // Caches on the way hand out what is left of a TTL. A few seconds less are no news: each change of the zone is a
        // new serial, and a transfer to every secondary.
        if (_known is null || !Same(_known.Data, answer.Data) || answer.Ttl > _known.Ttl || answer.Ttl < _known.Ttl - _known.Ttl / 10)
        {
            _known = answer;
        }
    }

    private static bool Same(ImmutableArray<RData> a, ImmutableArray<RData> b) => a.Length == b.Length && a.ToHashSet().SetEquals(b);

    private static TimeSpan Shorter(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
