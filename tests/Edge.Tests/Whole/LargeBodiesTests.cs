using System.Globalization;

namespace Edge.Tests.Whole;

/// <summary>Bodies larger than any memory pass through, in both directions at once, and nothing of them stays.</summary>
public sealed class LargeBodiesTests
{
    private const long Most = 64L << 20;

    // Without the published binary all of it is compiled on the way and checks more: an eighth shows the same there.
    private static readonly long Length = EdgeProcess.PublishedBinary is null ? 256L << 20 : 2L << 30;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("sockets", "1.1")]
    [InlineData("sockets", "2.0")]
    [InlineData("epoll", "1.1")]
    [InlineData("epoll", "2.0")]
    public async Task Gigabytes_go_up_and_come_down_and_memory_does_not_grow(string transport, string version)
    {
        await using var backend = await DropBackend.StartAsync("large", Length);
        await using var edge = EdgeProcess.InExampleFolder(EdgeProcess.PublishedBinary);
        edge.WriteSettings(text => text.Replace("gateway:\n", $"gateway:\n  transport: {transport}\n", StringComparison.Ordinal));
        await File.WriteAllTextAsync(Path.Combine(edge.Folder, "proxy-routes", "large.yaml"), $"services:\n  large: {{ to: \"{backend.Uri}\" }}\n", Cancel);
        await edge.StartAsync();
        using var client = new HttpClient(GatewayClient.Trusting(edge.Https)) { DefaultRequestVersion = Version.Parse(version), DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact, Timeout = TimeSpan.FromMinutes(5) };
        Assert.EndsWith(DropBackend.Ending, await client.GetStringAsync("https://large.nas.example.com/", Cancel), StringComparison.Ordinal);
        var before = Memory(edge);
        using var watching = new CancellationTokenSource();
        var highest = HighestAsync(edge, watching.Token);
        await Task.WhenAll(UpAsync(client), DownAsync(client));
        await watching.CancelAsync();
        Assert.True(await highest - before < Most, $"it grew from {before >> 20} to {await highest >> 20} MiB");
    }

    private static async Task UpAsync(HttpClient client)
    {
        using var content = new ByteStream(Length);
        using var answer = await client.PutAsync("https://large.nas.example.com/up", content, Cancel);
        Assert.Equal($"{Length} bytes, all right", await answer.Content.ReadAsStringAsync(Cancel));
    }

    private static async Task DownAsync(HttpClient client)
    {
        using var answer = await client.GetAsync("https://large.nas.example.com/down", HttpCompletionOption.ResponseHeadersRead, Cancel);
        await using var body = await answer.Content.ReadAsStreamAsync(Cancel);
        Assert.Equal($"{Length} bytes, all right", await ByteStream.JudgeAsync(body, Cancel));
    }

    private static async Task<long> HighestAsync(EdgeProcess edge, CancellationToken end)
    {
        var highest = 0L;
        while (!end.IsCancellationRequested)
        {
            highest = Math.Max(highest, Memory(edge));
            await Task.Delay(20, CancellationToken.None);
        }

        return highest;
    }

    // What of it is in memory and no file's.
    private static long Memory(EdgeProcess edge)
    {
        var line = File.ReadLines($"/proc/{edge.Id}/status").First(line => line.StartsWith("RssAnon:", StringComparison.Ordinal));
        return long.Parse(line["RssAnon:".Length..].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture) << 10;
    }
}
