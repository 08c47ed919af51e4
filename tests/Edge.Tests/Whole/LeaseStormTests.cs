using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;

namespace Edge.Tests.Whole;

/// <summary>
/// Edge restarts, and all who have registered with it come at once: nobody loses his lease, whoever has nothing to lose
/// included, and it takes neither for ever (each request is given up after 100 seconds) nor all the memory. EDGE_STORM_CLIENTS=1000 has fewer come.
/// </summary>
public sealed class LeaseStormTests(ITestOutputHelper output)
{
    private const int AtOnce = 64;

    // Far above what it takes, so that only a fault exceeds it.
    private const long MostMemory = 1 << 30;

    private static readonly int Clients = int.TryParse(Environment.GetEnvironmentVariable("EDGE_STORM_CLIENTS"), NumberStyles.None, CultureInfo.InvariantCulture, out var clients) ? clients : 10_000;

    [Fact]
    public async Task Ten_thousand_renew_and_register_again_at_once_after_a_restart_and_nobody_loses_its_lease()
    {
        Shell.Need("dig", "bind9-dnsutils");
        await using var edge = EdgeProcess.InExampleFolder();
        await edge.StartAsync();
        using (var api = edge.Api())
        {
            var watch = Stopwatch.StartNew();
            await AllAsync(number => PutAsync(api, number), [HttpStatusCode.Created]);
            output.WriteLine($"{Clients} registered in {watch.Elapsed.TotalSeconds:0.0} s");
        }

        await edge.KillAsync();
        await edge.StartAsync();
        using var again = edge.Api();
        var storm = Stopwatch.StartNew();

        // Two of three renew, as clients do that heard nothing of the restart; the third registers as if it were new.
        await AllAsync(number => number % 3 == 0 ? PutAsync(again, number) : again.PostAsync($"/v1/services/s{number}/renew", null), [HttpStatusCode.OK]);
        var memory = await MemoryAsync(edge);
        output.WriteLine($"{Clients} came again in {storm.Elapsed.TotalSeconds:0.0} s; {memory >> 20} MiB");
        Assert.True(memory < MostMemory, $"{memory} bytes");

        var list = Stopwatch.StartNew();
        var there = (await again.GetStringAsync("/v1/services")).Split("\"owner\"").Length - 1;
        output.WriteLine($"listed in {list.Elapsed.TotalSeconds:0.0} s");
        Assert.Equal(Clients, there);
        await OneMoreAsync(edge, again);
        Assert.DoesNotContain("ended with its lease", edge.Output, StringComparison.Ordinal);
    }

    // Among so many a change is there for DNS and the gateway when it has been answered, and not later.
    private async Task OneMoreAsync(EdgeProcess edge, HttpClient api)
    {
        using var browser = edge.Browser();
        var (answered, asked) = (new List<double>(), new List<double>());
        for (var number = Clients; number < Clients + 20; number++)
        {
            var watch = Stopwatch.StartNew();
            using var put = await PutAsync(api, number);
            answered.Add(watch.Elapsed.TotalMilliseconds);
            Assert.Equal("192.168.1.10", await edge.DigAsync($"s{number}.nas.example.com", "A", "+short"));
            using var page = await browser.GetAsync($"https://s{number}.nas.example.com/");
            Assert.Equal(HttpStatusCode.BadGateway, page.StatusCode);
            asked.Add(watch.Elapsed.TotalMilliseconds);
        }

        output.WriteLine($"a change is answered, and served, after {answered.Order().ElementAt(10):0} ms; asked for by dig and over HTTPS after {asked.Order().ElementAt(10):0} ms");
    }

    private static async Task<HttpResponseMessage> PutAsync(HttpClient api, int number)
    {
        using var body = new StringContent("""{"to":"http://127.0.0.1:9","ttl":"5m"}""", Encoding.UTF8, "application/json");
        return await api.PutAsync($"/v1/services/s{number}", body);
    }

    private static async Task<long> MemoryAsync(EdgeProcess edge) =>
        long.Parse((await File.ReadAllLinesAsync($"/proc/{edge.Id}/status")).First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) << 10;

    private static async Task AllAsync(Func<int, Task<HttpResponseMessage>> ask, HttpStatusCode[] expected)
    {
        var wrong = new ConcurrentQueue<string>();
        await Parallel.ForEachAsync(Enumerable.Range(0, Clients), new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (number, _) =>
        {
            using var answer = await ask(number);
            if (!expected.Contains(answer.StatusCode))
            {
                wrong.Enqueue($"{number}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(CancellationToken.None)}");
            }
        });
        Assert.True(wrong.IsEmpty, $"{wrong.Count}: {wrong.FirstOrDefault()}");
    }
}
