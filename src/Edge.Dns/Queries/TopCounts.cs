namespace Edge.Dns.Queries;

/// <summary>
/// Counts how often each of many things came, in room for a few: who is new takes the place of the one that came least,
/// and its count with it (Metwally, Agrawal, El Abbadi: "Efficient computation of frequent and top-k elements in data
/// streams", 2005). What came often is in it for certain; a count may be too high by at most <see cref="Doubt"/>.
/// </summary>
/// <param name="room">How many are counted at once.</param>
internal sealed class TopCounts(int room)
{
    // A heap by count: the first has the least.
    private readonly List<TopCount> _heap = [];
    private readonly Dictionary<UInt128, TopCount> _entries = [];

    /// <summary>By how much a count may be too high.</summary>
    public long Doubt { get; private set; }

    /// <summary>All that are counted now, in no order.</summary>
    public IReadOnlyList<TopCount> All => _heap;

    /// <summary>It came. Who is new has no name yet: that is for the caller to say.</summary>
    /// <param name="key">A number that nothing else has.</param>
    public TopCount Add(UInt128 key)
    {
        if (_entries.TryGetValue(key, out var entry))
        {
            entry.Count++;
            Sink(entry.Place);
            return entry;
        }

        if (_heap.Count < room)
        {
            entry = new TopCount { Key = key, Count = 1, Place = _heap.Count };
            _heap.Add(entry);
            _entries.Add(key, entry);
            Rise(entry.Place);
            return entry;
        }

        entry = _heap[0];
        Doubt = entry.Count;
        _entries.Remove(entry.Key);
        (entry.Key, entry.Name) = (key, null);
        entry.Count++;
        _entries.Add(key, entry);
        Sink(0);
        return entry;
    }

    private void Rise(int place)
    {
        while (place > 0 && _heap[(place - 1) / 2].Count > _heap[place].Count)
        {
            Swap(place, (place - 1) / 2);
            place = (place - 1) / 2;
        }
    }

    private void Sink(int place)
    {
        while (true)
        {
            var least = place;
            for (var child = (2 * place) + 1; child <= (2 * place) + 2 && child < _heap.Count; child++)
            {
                least = _heap[child].Count < _heap[least].Count ? child : least;
            }

            if (least == place)
            {
                return;
            }

            Swap(place, least);
            place = least;
        }
    }

    private void Swap(int one, int other)
    {
        (_heap[one], _heap[other]) = (_heap[other], _heap[one]);
        _heap[one].Place = one;
        _heap[other].Place = other;
    }
}
