using System.Net;
using Edge.Dns.Wire;

namespace Edge.Dns.Multicast;

/// <summary>A question that goes on for as long as somebody wants its answers (RFC 6762 §5.2).</summary>
internal sealed class Inquiry(Name name, RecordType type)
{
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    private readonly List<HeardRecord> _records = [];
    private readonly Dictionary<(int Link, RData Data), HeardRecord> _byData = [];
    private readonly Dictionary<IPAddress, int> _bySource = [];
    private TimeSpan _interval = TimeSpan.FromSeconds(1);

    public Name Name => name;

    public RecordType Type => type;

    public bool IsForAddress => type is RecordType.A or RecordType.AAAA;

    /// <summary>What was heard, and is not over.</summary>
    public IReadOnlyList<HeardRecord> Records => _records;

    /// <summary>When it is asked next, whatever was heard.</summary>
    public TimeSpan Next { get; private set; }

    public bool WasAsked { get; private set; }

    /// <summary>When something is to be done.</summary>
    public TimeSpan Due => Records.Select(record => record.Due).Append(Next).Min();

    public HeardRecord? Find(int link, RData data) => _byData.GetValueOrDefault((link, data));

    /// <summary>How much a neighbour was the first to say.</summary>
    public int CountOf(IPAddress source) => _bySource.GetValueOrDefault(source);

    /// <summary>Takes what was heard, in the place of what says the same.</summary>
    public void Add(HeardRecord record)
    {
        RemoveAll(one => one.InterfaceIndex == record.InterfaceIndex && one.Data == record.Data);
        _records.Add(record);
        _byData[(record.InterfaceIndex, record.Data)] = record;
        _bySource[record.Source] = CountOf(record.Source) + 1;
    }

    public int RemoveAll(Predicate<HeardRecord> isOver)
    {
        foreach (var record in _records.FindAll(isOver))
        {
            _byData.Remove((record.InterfaceIndex, record.Data));
            if (--_bySource[record.Source] == 0)
            {
                _bySource.Remove(record.Source);
            }
        }

        return _records.RemoveAll(isOver);
    }

    /// <summary>Begins anew: at once, then after 1, 2, 4 seconds and so on.</summary>
    public void Begin(TimeSpan from) => (Next, _interval, WasAsked) = (from, TimeSpan.FromSeconds(1), false);

    /// <summary>It was asked, by us or by another in our hearing.</summary>
    public void Asked(TimeSpan now)
    {
        (Next, WasAsked) = (now + _interval, true);
        _interval = _interval + _interval > Longest ? Longest : _interval + _interval;
    }
}
