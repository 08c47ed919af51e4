using Edge.Dns.Resolver;
using Edge.Dns.Wire;
using Xunit;

namespace Edge.Dns.Tests.Resolver;

/// <summary>What the cache says it takes is what it takes.</summary>
[Collection(nameof(CacheMemoryTests))]
[CollectionDefinition(nameof(CacheMemoryTests), DisableParallelization = true)]
public sealed class CacheMemoryTests(ITestOutputHelper output)
{
    private const long Budget = 48L << 20;

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void The_budget_is_the_memory_in_use(int addresses)
    {
        // What other tests have left may go while this one counts, and is not the cache's to take: then it counts again.
        var (counted, taken) = (0L, 0L);
        for (var attempt = 0; attempt < 3 && taken < Budget * 0.85; attempt++)
        {
            (counted, taken) = Fill(addresses);
        }

        Assert.InRange(counted, Budget * 0.99, Budget);
        Assert.InRange(taken, Budget * 0.85, Budget * 1.15);
    }

    private (long Counted, long Taken) Fill(int addresses)
    {
        for (var i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        var before = GC.GetTotalMemory(forceFullCollection: true);
        var cache = new AnswerCache(Budget, 16 << 10);
        for (var i = 0; i < 600_000; i++)
        {
            var key = new QuestionKey(Name.Parse($"host{i}.some-domain{i % 977}.example"), RecordType.A, 0);
            List<ResourceRecord> records = [.. Enumerable.Range(0, addresses).Select(a => new ResourceRecord(key.Name, RecordType.A, 300, new RData([192, 0, 2, (byte)a])))];
            cache.Put(AnswerBuilder.Build(key, Rcode.NoError, records, [], key.Type, TimeSpan.FromSeconds(300))!.Value, 0);
        }

        var taken = GC.GetTotalMemory(forceFullCollection: true) - before;
        output.WriteLine($"{cache.Count} answers, {cache.Bytes} bytes by their own account, {taken} bytes taken, {(double)taken / cache.Count:0} each");
        GC.KeepAlive(cache);
        return (cache.Bytes, taken);
    }
}
