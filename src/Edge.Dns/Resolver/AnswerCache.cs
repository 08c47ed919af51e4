using System.Numerics;
using Edge.Dns.Wire;

namespace Edge.Dns.Resolver;

/// <summary>
/// Answers by name, type and the DO and CD bits, up to a number of bytes. They lie in blocks that are written one after the
/// other; readers take no lock: they follow a chain of positions, and one that meets a chain in change misses, no worse.
/// There are two logs of blocks (after S3-FIFO, Yang et al., SOSP 2023): newcomers have a tenth of the room, and who was not
/// asked for again goes with his block; the others are copied on. A flood of names nobody asks twice passes through without
/// pushing out the ones in use. See docs/decisions/0019-answer-log.md.
/// </summary>
internal sealed class AnswerCache
{
    private const int SmallestBlock = 2 << 10;
    private const int LargestBlock = 64 << 10;
    private const int FewestBlocks = 3;

    // So that a block of a small cache is a small part of it.
    private const int BlocksOfSmall = 16;
    private const int NewcomersPart = 10;
    private const int IndexPart = 10;

    // How many blocks are at most copied on for one new answer. What is in use beyond that is dropped all the same.
    private const int MostSpared = 4;

    // A part of the budget; below a few megabytes it is not worth a collection.
    private const int DroppedPart = 8;
    private const long LeastDropped = 4 << 20;

    private readonly Lock _gate = new();
    private readonly AnswerIndex _index;
    private readonly AnswerBlocks _blocks;
    private readonly AnswerChains _chains;
    private readonly AnswerLog _newcomers = new();
    private readonly AnswerLog _inUse = new();
    private readonly int _maxAnswer;
    private int _changes;
    private bool _requiresJudgement;

    public AnswerCache(long maxBytes, int maxAnswer)
    {
        MaxBytes = Math.Min(maxBytes, (long)AnswerBlocks.Most * LargestBlock);
        var size = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Clamp((MaxBytes / BlocksOfSmall / 2) + 1, SmallestBlock, LargestBlock));
        _index = new AnswerIndex(MaxBytes / IndexPart);
        _blocks = new AnswerBlocks(size, (int)(MaxBytes / size), new DroppedMemory(Math.Max(MaxBytes / DroppedPart, LeastDropped)));
        _chains = new AnswerChains(_blocks, _index);
        _maxAnswer = maxAnswer;
    }

    public long MaxBytes { get; }

    /// <summary>What all of it takes, blocks as wholes.</summary>
    public long Bytes
    {
        get
        {
            lock (_gate)
            {
                return _index.Bytes + ((long)_blocks.Count * _blocks.Cost);
            }
        }
    }

    public int Count => _chains.Count;

    /// <summary>Grows with every answer that is put in, and with those that must not be there any more.</summary>
    public int Changes => Volatile.Read(ref _changes);

    private IEnumerable<AnswerBlock> AllBlocks => _inUse.Blocks.Concat(_newcomers.Blocks);

    private int MostBlocks => BlocksBeside(_index.Bytes);

    /// <summary>The answer kept under exactly this key, fresh or not; null when there is none. Allocates nothing.</summary>
    public CachedAnswer? Find(ReadOnlySpan<byte> name, RecordType type, byte flags)
    {
        var found = _chains.Find(name, type, flags);
        if (found is { } answer && answer.Head.Visited == 0)
        {
            answer.Head.Visited = 1;
        }

        return found;
    }

    /// <summary>Keeps an answer in place of one under the same key. What is too long or has no lifetime is not kept.</summary>
    public void Put(CachedAnswer answer, long now)
    {
        answer.Head.StoredAt = now;
        lock (_gate)
        {
            if (answer.Lifetime > 0)
            {
                Insert(answer, isKnown: _chains.Find(answer.Name, answer.KeyType, answer.KeyFlags) is not null);
            }
        }
    }

    /// <summary>Keeps an answer of an earlier run, with its times as they are, unless there is one already.</summary>
    public void Restore(CachedAnswer answer)
    {
        lock (_gate)
        {
            if (_chains.Find(answer.Name, answer.KeyType, answer.KeyFlags) is null)
            {
                Insert(answer, answer.IsInUse);
            }
        }
    }

    /// <summary>All answers, those in use first, each kind from old to new. What is put in meanwhile is missing.</summary>
    public IEnumerable<CachedAnswer> Entries()
    {
        List<LiveAnswers> blocks;
        lock (_gate)
        {
            blocks = [.. AllBlocks.Select(block => block.GetEnumerator())];
        }

        foreach (var block in blocks)
        {
            for (var answers = block; answers.MoveNext();)
            {
                yield return answers.Current;
            }
        }
    }

    /// <summary>Serves an answer beyond its end, until then, without asking again.</summary>
    public void ServeStale(CachedAnswer old, long until)
    {
        lock (_gate)
        {
            // It may have been copied on meanwhile, or another one may be there.
            if (_chains.Find(old.Name, old.KeyType, old.KeyFlags) is { } kept && kept.StoredAt == old.StoredAt)
            {
                Volatile.Write(ref kept.Head.StaleFor, (uint)Math.Clamp(until - kept.ExpiresAt, 0, uint.MaxValue));
            }
        }
    }

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

    private int BlocksBeside(long index) => (int)((MaxBytes - index) / _blocks.Cost);

    private void Insert(in CachedAnswer answer, bool isKnown)
    {
        if (answer.Wire.Length > _maxAnswer || answer.Length > _blocks.Size || MostBlocks < FewestBlocks || (_requiresJudgement && answer.IsUnjudged))
        {
            return;
        }

        if (_index.IsFull(_chains.Count))
        {
            GrowIndex();
        }

        // Who comes a second time is no newcomer.
        var hash = _index.HashOf(answer.Name, answer.KeyType, answer.KeyFlags);
        var log = isKnown || _index.Recalls(hash) ? _inUse : _newcomers;
        MakeRoom(log, answer.Length);
        _chains.Add(Append(log, answer), hash, out var replaced);
        Leave(replaced);
        _changes++;
    }

    private uint Append(AnswerLog log, in CachedAnswer answer)
    {
        var block = log.Newest!;
        var position = _blocks.PositionOf(block, block.Used);
        ref var head = ref block.Append(answer).Head;
        head.Bits = (byte)(log == _inUse ? head.Bits | AnswerHead.InUse : head.Bits & ~AnswerHead.InUse);
        return position;
    }

    // One block is always left for what is copied on.
    private void MakeRoom(AnswerLog log, int length)
    {
        var spared = MostSpared * _blocks.Size;
        while (!log.HasRoom(length))
        {
            if (_blocks.Count < MostBlocks - 1)
            {
                log.Add(_blocks.Begin());
            }
            else
            {
                DropOldest(ref spared);
            }
        }
    }

    private void GrowIndex()
    {
        var spared = MostSpared * _blocks.Size;
        while (_blocks.Count >= BlocksBeside(_index.NextBytes))
        {
            DropOldest(ref spared);
        }

        _chains.Spread(AllBlocks);
    }

    private void DropOldest(ref int spared)
    {
        var log = _inUse.Count == 0 || _newcomers.Count > Math.Max(1, MostBlocks / NewcomersPart) ? _newcomers : _inUse;
        var block = log.Oldest!;
        log.Remove(block);
        foreach (var answer in block)
        {
            var position = _blocks.PositionOf(block, answer.Offset);
            if (answer.Head.Visited != 0 && spared >= answer.Length)
            {
                spared -= answer.Length;
                _chains.Replace(position, CopyOn(answer));
                continue;
            }

            _chains.Remove(position);
            if (log == _newcomers)
            {
                _index.Remember(answer.Head.Hash);
            }
        }

        _blocks.Drop(block);
    }

    private uint CopyOn(in CachedAnswer answer)
    {
        if (!_inUse.HasRoom(answer.Length))
        {
            _inUse.Add(_blocks.Begin());
        }

        var position = Append(_inUse, answer);
        _blocks.At(position).Head.Visited = 0;
        return position;
    }

    private void Remove(Predicate<CachedAnswer> goes)
    {
        foreach (var block in AllBlocks.ToList())
        {
            foreach (var answer in block)
            {
                if (goes(answer))
                {
                    var position = _blocks.PositionOf(block, answer.Offset);
                    _chains.Remove(position);
                    _changes++;
                    Leave(position);
                }
            }
        }
    }

    // An answer is in no chain any more. A block of nothing else goes at once.
    private void Leave(uint position)
    {
        if (position != 0 && _blocks.BlockOf(position) is { } block && --block.Live == 0 && block.Log is { } log && log.Newest != block)
        {
            log.Remove(block);
            _blocks.Drop(block);
        }
    }
}
