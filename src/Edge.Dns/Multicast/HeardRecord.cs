using System.Net;
using Edge.Dns.Wire;

namespace Edge.Dns.Multicast;

/// <summary>What a neighbour said.</summary>
internal sealed class HeardRecord(RData data, MulticastLink link, IPAddress source)
{
    // A neighbour that says a name for longer than a day is not believed (RFC 8767 §4 has the like of it).
    private const uint LongestTtl = 86_400;
    private const int Refreshes = 4;
    private const int ManyDoubts = 2;

    private static readonly TimeSpan LastChance = TimeSpan.FromSeconds(10);

    private int _refreshes;
    private int _doubts;

    public RData Data => data;

    public IPAddress Source => source;

    public string Interface => link.Interface;

    public int InterfaceIndex => link.Index;

    public uint Ttl { get; private set; }

    public TimeSpan Heard { get; private set; }

    /// <summary>When it stops to be true.</summary>
    public TimeSpan Ends { get; private set; }

    /// <summary>When to ask whether it still is (RFC 6762 §5.2): at 80, 85, 90 and 95 hundredths of its time.</summary>
    public TimeSpan NextRefresh { get; private set; }

    /// <summary>Whether its time has passed and nobody has taken it back: the neighbour is silent.</summary>
    public bool IsStale { get; private set; }

    public void Hear(uint ttl, TimeSpan now, double chance)
    {
        (Ttl, Heard, IsStale) = (Math.Min(ttl, LongestTtl), now, false);
        Ends = now + TimeSpan.FromSeconds(Ttl);
        (_refreshes, _doubts) = (0, 0);
        NextRefresh = RefreshAt(chance);
    }

    /// <summary>It was asked whether it is true: the next time that is due.</summary>
    public void Refreshed(double chance)
    {
        _refreshes++;
        NextRefresh = _refreshes >= Refreshes ? TimeSpan.MaxValue : RefreshAt(chance);
    }

    /// <summary>
    /// Another asks for it: its owner has to answer him before all. When that is not heard after two such questions, it has ten seconds
    /// left (RFC 6762 §10.5); true when that is so now.
    /// </summary>
    public bool Doubt(TimeSpan now)
    {
        if (++_doubts != ManyDoubts || IsStale || now + LastChance >= Ends)
        {
            return false;
        }

        (Ends, NextRefresh) = (now + LastChance, now);
        return true;
    }

    /// <summary>It ends soon: somebody said goodbye, or something else in its place (RFC 6762 §10.1, §10.2).</summary>
    public void EndBy(TimeSpan end) => (Ends, NextRefresh, IsDismissed) = (end < Ends ? end : Ends, TimeSpan.MaxValue, true);

    /// <summary>Whether it was taken back, so that it does not outlive its time.</summary>
    public bool IsDismissed { get; private set; }

    /// <summary>When something is to be done about it.</summary>
    public TimeSpan Due => IsStale ? (IsDismissed ? Ends : Heard + Querier.Memory) : NextRefresh < Ends ? NextRefresh : Ends;

    public void BeStale() => (IsStale, NextRefresh) = (true, TimeSpan.MaxValue);

    /// <summary>The time that is left of it, as a known answer tells it; 0 when less than half is.</summary>
    public uint KnownTtl(TimeSpan now) => IsStale || IsDismissed || Ends - now < TimeSpan.FromSeconds(Ttl / 2.0) ? 0 : (uint)(Ends - now).TotalSeconds;

    private TimeSpan RefreshAt(double chance) => Heard + TimeSpan.FromSeconds(Ttl * (0.80 + (0.05 * _refreshes) + (0.02 * chance)));
}
