namespace Edge.Dns.Queries;

/// <summary>
/// Where all those leave their queries that have no thread of their own: what waited for an upstream, HTTPS, QUIC. They
/// take places by counting, so nobody waits; who meets another one in a place, a whole turn later, leaves it.
/// </summary>
internal sealed unsafe class SharedQueryRing(QuerySources sources, TimeProvider time)
{
    private volatile QuerySlots? _slots;

    /// <summary>The memory; null while queries are not recorded. Set from any thread.</summary>
    public QuerySlots? Slots
    {
        get => _slots;
        set => _slots = value;
    }

    /// <summary>The time for <see cref="Write"/>, in ticks of UTC; 0 while queries are not recorded.</summary>
    public long Begin() => _slots is null ? 0 : time.GetUtcNow().UtcTicks;

    /// <summary>A query is answered.</summary>
    /// <param name="started">When it came, as <see cref="Begin"/> said.</param>
    /// <param name="query">The query.</param>
    /// <param name="answer">The answer; empty for none.</param>
    /// <param name="client">Who asked.</param>
    /// <param name="transport">How it came.</param>
    /// <param name="notes">Who answered.</param>
    public void Write(long started, ReadOnlySpan<byte> query, ReadOnlySpan<byte> answer, UInt128 client, byte transport, QueryNotes notes)
    {
        if (started == 0 || _slots is not { } slots)
        {
            return;
        }

        var entry = Interlocked.Increment(ref slots.Next) - 1;
        var slot = slots[entry];
        var before = Volatile.Read(ref slot->Sequence);
        if (before == QuerySlots.Writing || before > entry || Interlocked.CompareExchange(ref slot->Sequence, QuerySlots.Writing, before) != before)
        {
            return;
        }

        QuerySlots.Fill(slot, query, answer, client, transport, notes, notes.Source is { } source ? sources.NumberOf(source) : (ushort)0, started);
        slot->Latency = (uint)Math.Clamp((time.GetUtcNow().UtcTicks - started) / TimeSpan.TicksPerMicrosecond, 0, uint.MaxValue);
        Volatile.Write(ref slot->Sequence, entry + 1);
    }
}
