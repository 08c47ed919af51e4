using Edge.Dns.Wire;

namespace Edge.Dns.Multicast;

/// <summary>A question that goes on for as long as somebody wants its answers (RFC 6762 §5.2).</summary>
internal sealed class Inquiry(Name name, RecordType type)
{
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    private TimeSpan _interval = TimeSpan.FromSeconds(1);

    public Name Name => name;

    public RecordType Type => type;

    /// <summary>What was heard, and is not over.</summary>
    public List<HeardRecord> Records { get; } = [];

    /// <summary>When it is asked next, whatever was heard.</summary>
    public TimeSpan Next { get; private set; }

    public bool WasAsked { get; private set; }

    /// <summary>When something is to be done.</summary>
    public TimeSpan Due => Records.Select(record => record.Due).Append(Next).Min();

    /// <summary>Begins anew: at once, then after 1, 2, 4 seconds and so on.</summary>
    public void Begin(TimeSpan from) => (Next, _interval, WasAsked) = (from, TimeSpan.FromSeconds(1), false);

    /// <summary>It was asked, by us or by another in our hearing.</summary>
    public void Asked(TimeSpan now)
    {
        (Next, WasAsked) = (now + _interval, true);
        _interval = _interval + _interval > Longest ? Longest : _interval + _interval;
    }
}
