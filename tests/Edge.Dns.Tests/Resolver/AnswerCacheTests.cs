using Edge.Dns.Resolver;
using Edge.Dns.Wire;
using Xunit;

namespace Edge.Dns.Tests.Resolver;

/// <summary>The cache beside a plain dictionary, and what it owes to those who read while it changes.</summary>
public sealed class AnswerCacheTests
{
    private const int Names = 3000;
    private static readonly QuestionKey[] Keys = [.. Enumerable.Range(0, Names).Select(i => Key($"n{i}.d{i % 17}.example.org"))];

    [Theory]
    [InlineData(4 << 20, true)]
    [InlineData(200_000, false)]
    [InlineData(40_000, false)]
    [InlineData(12_000, false)]
    public async Task It_says_what_was_put_in_last_and_never_what_was_removed(int bytes, bool holdsAll)
    {
        var cache = new AnswerCache(bytes, 4096);
        var model = new Dictionary<int, int>();
        var random = new Random(bytes);
        using var ended = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 3).Select(seed => Task.Run(() => ReadUntil(cache, seed, ended.Token))).ToArray();
        for (var step = 0; step < 60_000; step++)
        {
            var i = random.Next(random.Next(1, Names));
            switch (random.Next(2000))
            {
                case 0:
                    var zone = random.Next(17);
                    cache.RemoveBelow(Name.Parse($"d{zone}.example.org"));
                    model = model.Where(known => known.Key % 17 != zone).ToDictionary();
                    Assert.All(cache.Entries(), answer => Assert.NotEqual(zone, Number(answer) % 17));
                    break;
                case < 1200:
                    cache.Put(Answer(i, step), step);
                    model[i] = step;
                    break;
                default:
                    var found = Find(cache, i);
                    Assert.True(!holdsAll || found.HasValue == model.ContainsKey(i), $"{i} at step {step}");
                    Assert.True(found is not { } answer || (Step(answer) == model[i] && answer.StoredAt == model[i]), $"{i} at step {step}");
                    break;
            }

            Assert.InRange(cache.Bytes, 0, bytes);
        }

        await ended.CancelAsync();
        Assert.Equal(0, (await Task.WhenAll(readers)).Sum());
        var there = Enumerable.Range(0, Names).Where(i => Find(cache, i) is not null).ToArray();
        Assert.Equal(cache.Count, there.Length);
        Assert.Equal(there, cache.Entries().Select(Number).Order());

        // Which ones were asked for lately, and so copied on, depends on the readers: the least is far below the usual.
        Assert.True(there.Length > bytes / 1200 || holdsAll, $"{there.Length} answers");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5000)]
    [InlineData(9000)]
    [InlineData(33_333)]
    [InlineData(1 << 20)]
    [InlineData(3_000_000)]
    public void No_budget_is_exceeded(int bytes)
    {
        var cache = new AnswerCache(bytes, 16 << 10);
        var random = new Random(1);
        for (var i = 0; i < 30_000; i++)
        {
            cache.Put(Answer(i % Names, i, records: random.Next(40) == 0 ? random.Next(1, 700) : 1), i);
            _ = Find(cache, random.Next(Names));
            Assert.True(cache.Bytes <= bytes || cache.Count == 0, $"{cache.Bytes} after {i}");
        }

        Assert.True(cache.Count > 0 || bytes < 9000);
    }

    [Fact]
    public void Who_holds_an_answer_reads_the_same_when_it_has_left_the_cache()
    {
        var cache = new AnswerCache(100_000, 4096);
        cache.Put(Answer(0, 7), 7);
        var held = Find(cache, 0)!.Value;
        var before = held.Wire.ToArray();
        for (var i = 1; i < Names; i++)
        {
            // All the others are in use.
            cache.Put(Answer(i, i), i);
            cache.Put(Answer(i, i), i);
        }

        GC.Collect();
        Assert.Null(Find(cache, 0));
        Assert.Equal(before, held.Wire);
        Assert.Equal((7, 0), (held.StoredAt, Number(held)));
    }

    [Fact]
    public void Names_that_nobody_asks_twice_push_out_nothing_that_is_in_use()
    {
        var cache = new AnswerCache(1 << 20, 4096);
        var used = Enumerable.Range(0, 1000).ToArray();
        Array.ForEach(used, i => cache.Put(Answer(i, i), i));
        for (var i = 0; i < 100_000; i++)
        {
            Assert.NotNull(Find(cache, used[i % used.Length]));
            var key = Key($"flood{i}.example.net");
            cache.Put(AnswerBuilder.Build(key, Rcode.NoError, [], [], key.Type, TimeSpan.FromHours(1))!.Value, i);
        }
    }

    [Fact]
    public void What_was_pushed_out_and_comes_back_outlives_what_came_once()
    {
        var cache = new AnswerCache(400_000, 4096);
        var next = 0;
        void Flood(int count)
        {
            for (var end = next + count; next < end; next++)
            {
                var key = Key($"flood{next}.example.net");
                cache.Put(AnswerBuilder.Build(key, Rcode.NoError, [], [], key.Type, TimeSpan.FromHours(1))!.Value, next);
            }
        }

        // Those in use have all the room that newcomers do not have.
        for (var i = 0; i < Names; i++)
        {
            cache.Put(Answer(i, i), i);
            cache.Put(Answer(i, i), i);
        }

        // Many of each: the names that were pushed out are remembered by a part of a hash with a secret start.
        Put("first");
        Flood(2000);
        Assert.Equal(0, Kept("first"));
        Put("first");
        Put("second");
        Flood(2000);
        Assert.InRange(Kept("second"), 0, 2);
        Assert.InRange(Kept("first"), 25, 50);

        void Put(string name)
        {
            foreach (var key in Fifty(name))
            {
                cache.Put(AnswerBuilder.Build(key, Rcode.NoError, [], [], key.Type, TimeSpan.FromHours(1))!.Value, next);
            }
        }

        int Kept(string name) => Fifty(name).Count(key => cache.Find(key.Name.Wire, key.Type, 0) is not null);
        IEnumerable<QuestionKey> Fifty(string name) => Enumerable.Range(0, 50).Select(i => Key($"{name}{i}.example.net"));
    }

    [Fact]
    public void An_answer_that_was_copied_on_is_served_stale_as_long_as_it_was_told()
    {
        var cache = new AnswerCache(100_000, 4096);
        cache.Put(Answer(0, 1), 1);
        var held = Find(cache, 0)!.Value;
        for (var i = 1; i < 5000; i++)
        {
            cache.Put(Answer(1 + (i % (Names - 1)), i), i);
            _ = Find(cache, 0);
        }

        var until = held.ExpiresAt + 30_000;
        cache.ServeStale(held, until);
        Assert.Equal((held.ExpiresAt, until), (held.StaleUntil, Find(cache, 0)!.Value.StaleUntil));
        cache.Put(Answer(0, 2), 2);
        cache.ServeStale(held, until);
        Assert.Equal(Find(cache, 0)!.Value.ExpiresAt, Find(cache, 0)!.Value.StaleUntil);
    }

    [Fact]
    public void The_position_of_a_block_that_is_gone_leads_nowhere()
    {
        var blocks = new AnswerBlocks(2048, 3, new DroppedMemory(long.MaxValue));
        var seen = new HashSet<uint>();
        for (var i = 0; i < 20_000; i++)
        {
            var block = blocks.Begin();
            var position = blocks.PositionOf(block, 64);
            Assert.True(block.Number != 0 && seen.Add(position));
            Assert.True(blocks.TryFind(position, out _));
            blocks.Drop(block);
            Assert.False(blocks.TryFind(position, out _));
            Assert.False(blocks.TryFind(0, out _));
        }
    }

    // Wrong answers, and none where one must be, are counted.
    private static int ReadUntil(AnswerCache cache, int seed, CancellationToken end)
    {
        var (random, wrong) = (new Random(seed), 0);
        while (!end.IsCancellationRequested)
        {
            var i = random.Next(Names);
            if (cache.Find(Keys[i].Name.Wire, RecordType.A, 0) is { } answer && (Number(answer) != i || Step(answer) != (int)answer.StoredAt))
            {
                wrong++;
            }
        }

        return wrong;
    }

    private static CachedAnswer? Find(AnswerCache cache, int i) => cache.Find(Keys[i].Name.Wire, RecordType.A, 0);

    private static QuestionKey Key(string name) => new(Name.Parse(name), RecordType.A, 0);

    private static CachedAnswer Answer(int i, int step, int records = 1)
    {
        List<ResourceRecord> addresses = [.. Enumerable.Range(0, records).Select(part => new ResourceRecord(Keys[i].Name, RecordType.A, 300, new RData(BitConverter.GetBytes(step + part))))];
        return AnswerBuilder.Build(Keys[i], Rcode.NoError, addresses, [], RecordType.A, TimeSpan.FromSeconds(300))!.Value;
    }

    private static int Step(CachedAnswer answer) => BitConverter.ToInt32(answer.Wire[(answer.TtlOffsets[0] + 6)..]);

    private static int Number(CachedAnswer answer)
    {
        var label = answer.Name.Slice(2, answer.Name[0] - 1);
        return int.Parse(label, System.Globalization.CultureInfo.InvariantCulture);
    }
}
