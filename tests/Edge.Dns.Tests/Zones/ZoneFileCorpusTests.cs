using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Xunit;

namespace Edge.Dns.Tests.Zones;

/// <summary>
/// Fuzzing that learns: files of the corpus are changed at random, and what meets a new kind of record or problem is
/// changed further. EDGE_FUZZ_SECONDS makes it go on for so long, and EDGE_FUZZ_KEEP names a folder for what it found.
/// </summary>
public sealed class ZoneFileCorpusTests
{
    private const int Rounds = 3000;

    [Fact]
    public void Every_file_of_the_corpus_keeps_the_rules()
    {
        var files = Directory.GetFiles(TestFolder.Of("Corpus"));
        Assert.NotEmpty(files);
        Assert.All(files, file => Assert.NotNull(ZoneFileProperties.Hold(File.ReadAllBytes(file)).ToList()));
    }

    [Fact]
    public void Changed_files_of_the_corpus_keep_the_rules()
    {
        var seconds = int.TryParse(Environment.GetEnvironmentVariable("EDGE_FUZZ_SECONDS"), NumberStyles.None, CultureInfo.InvariantCulture, out var given) ? given : 0;
        var random = seconds > 0 ? new Random() : new Random(20260120);
        var mutator = new ZoneFileMutator(random);
        var pool = Directory.GetFiles(TestFolder.Of("Corpus")).Order(StringComparer.Ordinal).Select(File.ReadAllBytes).Append(Encoding.UTF8.GetBytes(EveryTypeZone.Text)).ToList();
        var known = pool.SelectMany(ZoneFileProperties.Hold).ToHashSet(StringComparer.Ordinal);
        var end = Environment.TickCount64 + seconds * 1000L;
        for (var round = 0; seconds > 0 ? Environment.TickCount64 < end : round < Rounds; round++)
        {
            var file = mutator.Mutate(pool[random.Next(pool.Count)], pool[random.Next(pool.Count)]);
            if (Kinds(file).Count(known.Add) > 0)
            {
                pool.Add(file);
                Keep(file);
            }
        }
    }

    private static List<string> Kinds(byte[] file)
    {
        try
        {
            return [.. ZoneFileProperties.Hold(file)];
        }
        catch (Exception error)
        {
            throw new InvalidOperationException($"a file that breaks a rule, in base64: {Convert.ToBase64String(file)}", error);
        }
    }

    private static void Keep(byte[] file)
    {
        if (Environment.GetEnvironmentVariable("EDGE_FUZZ_KEEP") is { Length: > 0 } folder)
        {
            Directory.CreateDirectory(folder);
            File.WriteAllBytes(Path.Combine(folder, Convert.ToHexStringLower(SHA256.HashData(file))[..16] + ".zone"), file);
        }
    }
}
