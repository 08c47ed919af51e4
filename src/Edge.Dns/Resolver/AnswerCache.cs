using System.Security.Cryptography;
using Edge.Dns.Wire;

namespace Edge.Dns.Resolver;

/// <summary>
/// Answers by name, type and the DO and CD bits, up to a number of bytes. Readers take no lock: they follow a
/// chain of immutable answers; a reader that meets a chain in change misses, no worse. Eviction is SIEVE (Zhang et
/// al., NSDI 2024): a hand walks from old to new, spares once what was asked for since, and takes the rest. A
/// flood of names nobody asks twice passes through without pushing out the ones in use.
/// </summary>
internal sealed class AnswerCache
{
    // What lives shorter than this many milliseconds is not worth asking for twice.
    private const long ShortestRefreshed = 10_000;

    private const int FewestSlots = 1024;

    private readonly Lock _gate = new();
    // It grows with the answers: a few of them in a large table would each cost a trip to memory.
    private CachedAnswer?[] _slots = new CachedAnswer?[FewestSlots];
    private readonly ulong _seed;
    private readonly int _maxAnswer;
    private CachedAnswer? _oldest;
    private CachedAnswer? _newest;
    private CachedAnswer? _hand;
    private long _bytes;
    private int _count;
    private int _changes;
    private bool _requiresJudgement;

    public AnswerCache(long maxBytes, int maxAnswer)
    {
        MaxBytes = maxBytes;
        _maxAnswer = maxAnswer;
        // A secret start keeps clients from choosing names that all fall into one slot.
        _seed = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8));
    }

    public long MaxBytes { get; }

    public long Bytes => Volatile.Read(ref _bytes);

    public int Count => Volatile.Read(ref _count);

    /// <summary>Grows with every answer that is put in, and with those that must not be there any more.</summary>
    public int Changes => Volatile.Read(ref _changes);

    /// <summary>The answer kept under exactly this key, fresh or not; null when there is none. Allocates nothing.</summary>
    public CachedAnswer? Find(ReadOnlySpan<byte> name, RecordType type, byte flags)
    {
        var hash = HashOf(name, type, flags);
        var slots = Volatile.Read(ref _slots);
        for (var entry = Volatile.Read(ref slots[hash & (slots.Length - 1)]); entry is not null; entry = entry.NextInSlot)
        {
            if (entry.Hash == hash && entry.IsFor(name, type, flags))
            {
                if (!entry.Visited)
                {
                    entry.Visited = true;
                }

                return entry;
            }
        }

        return null;
    }

    /// <summary>Keeps an answer in place of one under the same key. What is too long or has no lifetime is not kept.</summary>
    public void Put(CachedAnswer answer, long now)
    {
        answer.StoredAt = now;
        answer.ExpiresAt = now + answer.Lifetime;
        SetRefresh(answer);
        if (answer.Lifetime <= 0 || answer.Wire.Length > _maxAnswer || answer.Cost > MaxBytes)
        {
            return;
        }

        lock (_gate)
        {
            if (_requiresJudgement && answer.IsUnjudged)
            {
                return;
            }

            answer.Hash = HashOf(answer.Name, answer.KeyType, answer.KeyFlags);
            RemoveSameKey(answer);
            Insert(answer);
        }
    }

    /// <summary>Keeps an answer of an earlier run, with its times as they are, unless there is one already.</summary>
    public void Restore(CachedAnswer answer)
    {
        if (answer.Wire.Length > _maxAnswer || answer.Cost > MaxBytes)
        {
            return;
        }

        lock (_gate)
        {
            answer.Hash = HashOf(answer.Name, answer.KeyType, answer.KeyFlags);
            if (!(_requiresJudgement && answer.IsUnjudged) && Find(answer.Name, answer.KeyType, answer.KeyFlags) is null)
            {
                SetRefresh(answer);
                Insert(answer);
            }
        }
    }

    /// <summary>All answers, the oldest first.</summary>
    public CachedAnswer[] Entries()
    {
        lock (_gate)
        {
            var entries = new CachedAnswer[_count];
            var place = 0;
            for (var entry = _oldest; entry is not null; entry = entry.Newer)
            {
                entries[place++] = entry;
            }

            return entries;
        }
    }

    private void Insert(CachedAnswer answer)
    {
        while (_bytes + answer.Cost > MaxBytes)
        {
            Evict();
        }

        if (_count == _slots.Length)
        {
            Grow();
        }

        Link(_slots, answer);
        answer.Older = _newest;
        if (_newest is not null)
        {
            _newest.Newer = answer;
        }

        _newest = answer;
        _oldest ??= answer;
        _bytes += answer.Cost;
        _count++;
        _changes++;
    }

    private static void Link(CachedAnswer?[] slots, CachedAnswer answer)
    {
        ref var slot = ref slots[answer.Hash & (slots.Length - 1)];
        answer.NextInSlot = slot;
        Volatile.Write(ref slot, answer);
    }

    // A reader under way may find itself in a chain of the new table: it ends as well, and what it missed is asked again.
    private void Grow()
    {
        var larger = new CachedAnswer?[_slots.Length * 2];
        for (var entry = _oldest; entry is not null; entry = entry.Newer)
        {
            Link(larger, entry);
        }

        Volatile.Write(ref _slots, larger);
    }

    private static void SetRefresh(CachedAnswer answer) =>
        answer.RefreshAt = answer.Failures == 0 && answer.Lifetime >= ShortestRefreshed ? answer.ExpiresAt - (answer.Lifetime / 10) : long.MaxValue;

    /// <summary>Forgets a name and all below it: others are asked for them now.</summary>
    public void RemoveBelow(Name name)
    {
        lock (_gate)
        {
            Remove(entry => NameComparison.IsAtOrBelow(entry.Name, name.Wire));
        }
    }

    /// <summary>Says whether answers are kept that should have been judged and were not. When they are no longer, those that are there are forgotten.</summary>
    public void RequireJudgement(bool isRequired)
    {
        lock (_gate)
        {
            _requiresJudgement = isRequired;
            if (isRequired)
            {
                Remove(static entry => entry.IsUnjudged);
            }
        }
    }

    private void Remove(Predicate<CachedAnswer> goes)
    {
        for (var entry = _oldest; entry is not null;)
        {
            var next = entry.Newer;
            if (goes(entry))
            {
                Unlink(entry);
                _changes++;
            }

            entry = next;
        }
    }

    private void Evict()
    {
        var victim = _hand ?? _oldest!;
        while (victim.Visited)
        {
            victim.Visited = false;
            victim = victim.Newer ?? _oldest!;
        }

        // Unlink moves the hand on to the next newer one.
        _hand = victim;
        Unlink(victim);
    }

    private void RemoveSameKey(CachedAnswer answer)
    {
        for (var entry = _slots[answer.Hash & (_slots.Length - 1)]; entry is not null; entry = entry.NextInSlot)
        {
            if (entry.Hash == answer.Hash && entry.IsFor(answer.Name, answer.KeyType, answer.KeyFlags))
            {
                answer.Visited = entry.Visited;
                Unlink(entry);
                return;
            }
        }
    }

    private void Unlink(CachedAnswer entry)
    {
        ref var slot = ref _slots[entry.Hash & (_slots.Length - 1)];
        if (slot == entry)
        {
            Volatile.Write(ref slot, entry.NextInSlot);
        }
        else
        {
            var before = slot!;
            while (before.NextInSlot != entry)
            {
                before = before.NextInSlot!;
            }

            before.NextInSlot = entry.NextInSlot;
        }

        if (_hand == entry)
        {
            _hand = entry.Newer;
        }

        if (entry.Older is null)
        {
            _oldest = entry.Newer;
        }
        else
        {
            entry.Older.Newer = entry.Newer;
        }

        if (entry.Newer is null)
        {
            _newest = entry.Older;
        }
        else
        {
            entry.Newer.Older = entry.Older;
        }

        // What is gone does not keep its neighbours: an old one would hold back the young until all are looked at.
        (entry.Older, entry.Newer) = (null, null);
        _bytes -= entry.Cost;
        _count--;
    }

    private uint HashOf(ReadOnlySpan<byte> name, RecordType type, byte flags)
    {
        var hash = _seed ^ ((ulong)type << 8) ^ flags;
        foreach (var b in name)
        {
            hash = (hash ^ NameComparison.Lower(b)) * 0x9E3779B97F4A7C15;
            hash ^= hash >> 29;
        }

        return (uint)(hash ^ (hash >> 32));
    }
}
