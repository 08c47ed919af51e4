using System.Runtime.CompilerServices;

namespace Edge.Dns.Queries;

/// <summary>
/// Where one thread leaves the queries it answered, without a lock and without allocating. The clock is looked at once
/// before and once after the queries that came together; they become readable then.
/// </summary>
internal sealed unsafe class QueryRing(QuerySources sources, TimeProvider time)
{
    // A stream may bring thousands at once: those that read are not to find all of them written over.
    private const int MostPending = 64;

    private volatile QuerySlots? _slots;
    private QuerySlots? _used;
    private long _pending;
    private long _started;
    private string? _lastSource;
    private ushort _lastNumber;

    /// <summary>The memory; null while queries are not recorded. Set from any thread.</summary>
    public QuerySlots? Slots
    {
        get => _slots;
        set => _slots = value;
    }

    /// <summary>Some queries have come.</summary>
    public void Begin()
    {
        _used = _slots;
        if (_used is not null)
        {
            _started = Now();
        }
    }

    /// <summary>The same where somebody has looked at the clock already.</summary>
    /// <param name="now">The time in ticks of UTC.</param>
    public void Begin(long now) => (_used, _started) = (_slots, now);

    /// <summary>When they came, in ticks of UTC; 0 while queries are not recorded.</summary>
    public long Started => _used is null ? 0 : _started;

    /// <summary>One of them is answered.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write(ReadOnlySpan<byte> query, ReadOnlySpan<byte> answer, UInt128 client, byte transport, QueryNotes notes)
    {
        if (_used is { } slots)
        {
            Write(slots, query, answer, client, transport, notes);
        }
    }

    /// <summary>All of them are answered.</summary>
    public void End()
    {
        if (_used is not null && _pending > 0)
        {
            Publish(_used);
        }
    }

    private void Write(QuerySlots slots, ReadOnlySpan<byte> query, ReadOnlySpan<byte> answer, UInt128 client, byte transport, QueryNotes notes)
    {
        if (_pending == MostPending)
        {
            Publish(slots);
        }

        var slot = slots[slots.Next + _pending];
        slot->Sequence = QuerySlots.Writing;
        Volatile.WriteBarrier();
        QuerySlots.Fill(slot, query, answer, client, transport, notes, notes.Source is { } source ? Number(source) : (ushort)0, _started);
        _pending++;
    }

    private void Publish(QuerySlots slots)
    {
        var latency = (uint)Math.Clamp((Now() - _started) / TimeSpan.TicksPerMicrosecond, 0, uint.MaxValue);
        var next = slots.Next;
        for (var end = next + _pending; next < end;)
        {
            var slot = slots[next++];
            slot->Latency = latency;
            Volatile.Write(ref slot->Sequence, next);
        }

        Volatile.Write(ref slots.Next, next);
        _pending = 0;
    }

    private ushort Number(string source)
    {
        if (!ReferenceEquals(source, _lastSource))
        {
            _lastNumber = sources.NumberOf(source);
            _lastSource = source;
        }

        return _lastNumber;
    }

    private long Now() => time.GetUtcNow().UtcTicks;
}
