using Xunit;

namespace Edge.Dns.Tests.Fuzz;

/// <summary>
/// Packets bred from corpus.txt: what goes a way that none went before is kept and bred from again. EDGE_FUZZ_SECONDS=600
/// searches for that long with another seed, and EDGE_FUZZ_KEEP names a file that gets what was kept, to be added to the corpus.
/// </summary>
public sealed class FuzzTests
{
    private const int Turns = 4_000;
    private const int Seed = 20261126;

    private static readonly string Corpus = Path.Combine(Interop.SharedZone.Folder, "..", "Fuzz", "corpus.txt");

    [Fact]
    public void Nothing_that_strangers_send_breaks_anything()
    {
        var random = new Random(LongRun.Seed(Seed));
        var mutator = new QueryMutator(random, FuzzedServer.Names);
        var server = new FuzzedServer();
        var seen = new HashSet<string>();
        var kept = new List<byte[]>();
        foreach (var packet in File.ReadLines(Corpus).Where(line => line.Length > 0 && line[0] != '#').Select(line => Convert.FromHexString(line.Split('#')[0].Replace(" ", "", StringComparison.Ordinal))))
        {
            Try(server, packet, seen);
            kept.Add(packet);
        }

        var known = kept.Count;
        for (var run = new LongRun(Turns); run.GoesOn();)
        {
            var packet = random.Next(5) == 0 ? mutator.Query() : mutator.Mutate(kept[random.Next(kept.Count)], kept[random.Next(kept.Count)]);
            if (Try(server, packet, seen))
            {
                kept.Add(packet);
            }
        }

        Assert.True(seen.Count > 50, $"only {seen.Count} ways");
        if (Environment.GetEnvironmentVariable("EDGE_FUZZ_KEEP") is { Length: > 0 } file)
        {
            File.WriteAllLines(file, kept.Skip(known).OrderBy(packet => packet.Length).Select(Convert.ToHexString));
        }
    }

    // True when it went a way that none went before.
    private static bool Try(FuzzedServer server, byte[] packet, HashSet<string> seen)
    {
        try
        {
            return server.Take(packet).Count(seen.Add) > 0;
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"{Convert.ToHexString(packet)}: {e.Message}", e);
        }
    }
}
