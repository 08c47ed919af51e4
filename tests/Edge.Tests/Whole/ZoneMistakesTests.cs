namespace Edge.Tests.Whole;

/// <summary>Twenty mistakes in one zone file: all are told with file and line, at the start, at a reload, and by edge check.</summary>
public sealed class ZoneMistakesTests
{
    private static readonly string[] Mistakes =
    [
        "a1      A       1.2.3",
        "a2      A       1.2.3.256",
        "a3      A",
        "a4      A       1.2.3.4 5.6.7.8",
        "a5      AAAA    fe80::g",
        "a6      AAAA    1.2.3.4",
        "a7      MX      mail",
        "a8      MX      70000 mail",
        "a9      SRV     0 1 mail",
        "a10     SRV     0 1 99999 mail",
        "a11     TYPO    x",
        "a12     CNAME",
        "a13     CAA     300 issue \"x\"",
        "a14     TXT     \"no end",
        "a..15   A       1.2.3.4",
        "a16     99999999999 A 1.2.3.4",
        "a17     CH      A 1.2.3.4",
        "a18     TYPE65280 \\# 4 0A0B",
        "$NONSENSE x",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa A 1.2.3.4",
    ];

    [Fact]
    public async Task At_the_start_every_mistake_is_told_and_the_rest_of_the_house_serves()
    {
        Shell.Need("dig", "bind9-dnsutils");
        await using var edge = EdgeProcess.InExampleFolder();
        const string Head = "$TTL 60\n@ SOA ns1 hostmaster 1 1h 15m 2w 5m\n@ NS ns1\nns1 A 192.0.2.1\n";
        await File.WriteAllTextAsync(Path.Combine(edge.Folder, "zones", "broken.test.zone"), Head + string.Join('\n', Mistakes) + "\n");
        await edge.StartAsync();
        AllTold(edge.Output, "zones/broken.test.zone", 5);
        Assert.Equal("192.168.1.10", await edge.DigAsync("nas.example.com", "A", "+short"));
        await ChecksAsync(edge, "zones/broken.test.zone", 5);
    }

    [Fact]
    public async Task At_a_reload_every_mistake_is_told_and_the_zone_stays_as_it_was()
    {
        Shell.Need("dig", "bind9-dnsutils");
        await using var edge = EdgeProcess.InExampleFolder();
        await edge.StartAsync();
        edge.Forget();
        var file = Path.Combine(edge.Folder, "zones", "lan", "example.com.zone");
        var text = (await File.ReadAllTextAsync(file)).TrimEnd() + "\n";
        await File.WriteAllTextAsync(file, text.Replace("192.168.1.10", "192.168.1.99", StringComparison.Ordinal) + string.Join('\n', Mistakes) + "\n");
        var first = text.Count(c => c == '\n') + 1;
        await Eventually.TrueAsync(() => Task.FromResult(edge.Output.Contains($"zones/lan/example.com.zone:{first + Mistakes.Length - 1}:", StringComparison.Ordinal)), () => edge.Output);
        AllTold(edge.Output, "zones/lan/example.com.zone", first);
        Assert.Equal("192.168.1.10", await edge.DigAsync("nas.example.com", "A", "+short"));
        await ChecksAsync(edge, "zones/lan/example.com.zone", first);
    }

    private static async Task ChecksAsync(EdgeProcess edge, string file, int first)
    {
        var check = await edge.CommandAsync("check");
        Assert.Equal(1, check.ExitCode);
        AllTold(check.Output, file, first);
    }

    private static void AllTold(string output, string file, int first)
    {
        var silent = Mistakes.Where((_, index) => !output.Contains($"{file}:{first + index}:", StringComparison.Ordinal)).ToList();
        Assert.True(silent.Count == 0, $"not told:\n{string.Join('\n', silent)}\nin\n{output}");
    }
}
