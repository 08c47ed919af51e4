namespace Edge.Dns.Multicast;

/// <summary>
/// What was sent a moment ago: it comes back, on the same link by the loop of the socket and on another where a bridge
/// joins the two. Taken for a neighbour's, it would look like a conflict, and names would be changed without end.
/// </summary>
internal sealed class SentPackets
{
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(2);

    private readonly Queue<(ulong Print, TimeSpan At)> _order = [];
    private readonly Dictionary<ulong, int> _prints = [];

    public void Add(ReadOnlySpan<byte> packet, TimeSpan now)
    {
        Forget(now);
        var print = Print(packet);
        _order.Enqueue((print, now));
        _prints[print] = _prints.GetValueOrDefault(print) + 1;
    }

    public bool Contains(ReadOnlySpan<byte> packet, TimeSpan now)
    {
        Forget(now);
        return _prints.Count > 0 && _prints.ContainsKey(Print(packet));
    }

    private void Forget(TimeSpan now)
    {
        while (_order.TryPeek(out var first) && now - first.At > Moment)
        {
            _order.Dequeue();
            if (--_prints[first.Print] == 0)
            {
                _prints.Remove(first.Print);
            }
        }
    }

    // FNV-1a of 64 bits; nobody gains by finding another packet with the same print, since it must come from our own address.
    private static ulong Print(ReadOnlySpan<byte> packet)
    {
        var hash = 14695981039346656037UL;
        foreach (var b in packet)
        {
            hash = (hash ^ b) * 1099511628211UL;
        }

        return hash;
    }
}
