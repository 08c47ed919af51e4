using System.Globalization;
using System.Net;
using Edge.Dns.Tests.Fuzz;

namespace Edge.Tests.Whole;

/// <summary>
/// The whole program under packets that nobody should send, on every listener at once and from its upstream. In the gate
/// for a few seconds; EDGE_FUZZ_SECONDS=600 goes on for ten minutes, with the published binary when EDGE_BINARY names it.
/// </summary>
public sealed class HostilePacketsTests(ITestOutputHelper output)
{
    private const int Seed = 20261126;
    private const long MostGrowth = 96L << 20;

    [Fact]
    public async Task Edge_answers_every_good_question_between_them_and_does_not_grow()
    {
        await using var upstream = new HostileUpstream(LongRun.Seed(Seed));
        await using var edge = EdgeProcess.InExampleFolder(EdgeProcess.PublishedBinary);
        var tls = EdgeProcess.FreePort();
        edge.WriteSettings(text => text.Replace("dns:\n", $"dns:\n  tls-listen: [127.0.0.1:{tls}]\n", StringComparison.Ordinal)
            .Replace("9.9.9.9, 1.1.1.1", $"127.0.0.1:{upstream.Port}", StringComparison.Ordinal));
        await edge.StartAsync();
        using var http = edge.Browser();
        http.BaseAddress = new Uri($"https://nas.example.com:{edge.Https}");

        // The first round fills caches and pools; what grows after it would grow for ever.
        var first = await AttackAsync(edge, tls, http, Seed, turns: 40, share: 0.1);
        var before = ResidentBytes(edge);
        var second = await AttackAsync(edge, tls, http, Seed + 100, turns: 160, share: 0.9);
        var after = ResidentBytes(edge);
        output.WriteLine($"{first + second}; resident {before >> 20} MiB, then {after >> 20} MiB");
        Assert.False(edge.HasEnded, edge.Output);
        Assert.False(edge.Output.Contains("Exception", StringComparison.Ordinal), edge.Output);
        Assert.True(after - before < MostGrowth, $"{before >> 20} MiB grew to {after >> 20} MiB");
    }

    private static async Task<Attack> AttackAsync(EdgeProcess edge, int tls, HttpClient http, int seed, int turns, double share)
    {
        HostileSender[] senders = [.. Enumerable.Range(0, 5).Select(i => new HostileSender(i == 3 ? tls : edge.Dns, LongRun.Seed(seed + i), share, "nas.example.com."))];
        // 127.0.0.1 is in the LAN and may have names resolved, 127.0.0.2 may not.
        await Task.WhenAll(
            senders[0].OverUdpAsync(IPAddress.Loopback, turns),
            senders[1].OverUdpAsync(IPAddress.Parse("127.0.0.2"), turns),
            senders[2].OverStreamAsync(tls: false, turns),
            senders[3].OverStreamAsync(tls: true, turns / 4),
            senders[4].OverHttpsAsync(http, turns / 2));
        return new Attack(senders.Sum(one => one.Packets), senders.Sum(one => one.Answered), senders.Sum(one => one.Repeated), senders.Sum(one => one.Ended));
    }

    private static long ResidentBytes(EdgeProcess edge)
    {
        var line = File.ReadLines($"/proc/{edge.Id}/status").Single(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) << 10;
    }

    private sealed record Attack(int Packets, int Answered, int Repeated, int Ended)
    {
        public static Attack operator +(Attack a, Attack b) => new(a.Packets + b.Packets, a.Answered + b.Answered, a.Repeated + b.Repeated, a.Ended + b.Ended);
    }
}
