using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Edge.Tests.Whole;

/// <summary>Records changed while the program runs: by nsupdate, through kill -9, and back to the file.</summary>
public sealed class UpdateTests
{
    internal const string Secret = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

    private const string Keys = $"""
          keys:
            laptop.dyn.example.com: {"{"}secret: "{Secret}", update: [self A AAAA]{"}"}
            everything: {"{"}secret: "{Secret}", update: "* ANY"{"}"}
            inside: {"{"}secret: "{Secret}", update: "* ANY", view: lan{"}"}

        """;

    [Fact]
    public async Task A_laptop_says_where_it_is_and_nothing_else()
    {
        Shell.Need("dig", "bind9-dnsutils");
        await using var edge = WithKeys();
        await edge.StartAsync();
        Assert.Equal("", await NsupdateAsync(edge, "laptop.dyn.example.com", "update add laptop.dyn.example.com 60 A 203.0.113.77"));
        Assert.Equal("203.0.113.77", await edge.DigAsync("laptop.dyn.example.com", "A", "+short"));
        Assert.Contains("REFUSED", await NsupdateAsync(edge, "laptop.dyn.example.com", "update add nas.example.com 60 A 203.0.113.77"), StringComparison.Ordinal);
        Assert.Equal("203.0.113.10", await edge.DigAsync("nas.example.com", "A", "+short", "-b", "127.0.0.2"));
        await Eventually.TrueAsync(() => Task.FromResult(edge.Output.Contains("key laptop.dyn.example.com may not change nas.example.com. A", StringComparison.Ordinal)), () => edge.Output);
    }

    [Fact]
    public async Task Changes_are_listed_explained_and_forgotten()
    {
        Shell.Need("nsupdate", "bind9-dnsutils");
        await using var edge = WithKeys();
        await edge.StartAsync();
        Assert.Equal("", await NsupdateAsync(edge, "everything", "update add shop.example.com 60 A 203.0.113.99", "update delete shop.example.com HTTPS"));
        Assert.Equal("", await NsupdateAsync(edge, "inside", "update add kiosk.example.com 60 A 192.168.1.50"));
        Assert.Equal("192.168.1.50", await edge.DigAsync("kiosk.example.com", "A", "+short"));
        Assert.Equal("", await edge.DigAsync("kiosk.example.com", "A", "+short", "-b", "127.0.0.2"));

        var listed = (await edge.CommandAsync("zone", "changes", "example.com")).Output;
        Assert.Matches(@"kiosk\.example\.com +A +lan +60 +192\.168\.1\.50 +update by key inside, \d{4}-", listed);
        Assert.Matches(@"shop\.example\.com +HTTPS +- +- +\(removed\) +update by key everything", listed);
        var explained = (await edge.CommandAsync("explain", "shop.example.com", "--from", "127.0.0.1")).Output;
        Assert.Matches(@"203\.0\.113\.99\s+.*update by key everything, ", explained);
        Assert.Contains("shop.example.com. HTTPS was taken away: update by key everything", explained, StringComparison.Ordinal);

        Assert.Contains("name what is to be forgotten", (await edge.CommandAsync("zone", "forget", "example.com")).Output, StringComparison.Ordinal);
        Assert.Contains("there is no zone", (await edge.CommandAsync("zone", "changes", "example.org")).Output, StringComparison.Ordinal);
        Assert.Equal("1 RRset follows the zone's file again", (await edge.CommandAsync("zone", "forget", "example.com", "shop", "https")).Output.Trim());
        Assert.Equal("1 . alpn=\"h2,h3\"", await edge.DigAsync("shop.example.com", "HTTPS", "+short"));
        Assert.Equal("2 RRsets follow the zone's file again", (await edge.CommandAsync("zone", "forget", "example.com", "--all")).Output.Trim());
        Assert.Equal("203.0.113.10", await edge.DigAsync("shop.example.com", "A", "+short"));
        Assert.Equal("no update has changed that", (await edge.CommandAsync("zone", "forget", "example.com", "shop.example.com")).Output.Trim());
    }

    [Fact]
    public async Task Rules_can_change_while_it_runs_and_a_mistake_in_them_is_told_with_its_line()
    {
        Shell.Need("nsupdate", "bind9-dnsutils");
        await using var edge = WithKeys();
        await edge.StartAsync();
        edge.WriteSettings(text => text.Replace("\ndns:\n", $"\ndns:\n{Keys.Replace("self A AAAA", "www.example.com TTX", StringComparison.Ordinal)}", StringComparison.Ordinal));
        await Eventually.TrueAsync(() => Task.FromResult(edge.Output.Contains("\"TTX\" is not a record type", StringComparison.Ordinal)), () => edge.Output);
        Assert.Equal("", await NsupdateAsync(edge, "laptop.dyn.example.com", "update add laptop.dyn.example.com 60 A 203.0.113.77"));

        edge.WriteSettings(text => text.Replace("\ndns:\n", $"\ndns:\n{Keys.Replace("self A AAAA", "shop.example.com A", StringComparison.Ordinal)}", StringComparison.Ordinal));
        await Eventually.TrueAsync(() => Task.FromResult(edge.Output.Contains("was read anew", StringComparison.Ordinal)), () => edge.Output);
        Assert.Contains("REFUSED", await NsupdateAsync(edge, "laptop.dyn.example.com", "update add laptop.dyn.example.com 60 A 203.0.113.78"), StringComparison.Ordinal);
        Assert.Equal("", await NsupdateAsync(edge, "laptop.dyn.example.com", "update delete shop.example.com A 203.0.113.10"));
    }

    [Fact]
    public async Task What_was_answered_survives_kill_9_at_once()
    {
        Shell.Need("nsupdate", "bind9-dnsutils");
        await using var edge = WithKeys();
        var answered = new HashSet<int>();
        var sent = 0;
        for (var round = 1; round <= 3; round++)
        {
            await edge.StartAsync();
            await SeesAsync(edge, answered, sent);
            sent = await UpdateUntilKilledAsync(edge, sent, wanted: 25, answered);
        }

        await edge.StartAsync();
        await SeesAsync(edge, answered, sent);
        Assert.InRange(answered.Count, 60, 75);
        Assert.Equal(0, await edge.StopAsync());
    }

    internal static EdgeProcess WithKeys()
    {
        var edge = EdgeProcess.InExampleFolder();
        GiveKeys(edge);
        return edge;
    }

    internal static void GiveKeys(EdgeProcess edge) => edge.WriteSettings(text => text.Replace("\ndns:\n", $"\ndns:\n{Keys}", StringComparison.Ordinal));

    internal static async Task<string> NsupdateAsync(EdgeProcess edge, string key, params string[] lines)
    {
        var script = Path.Combine(edge.Folder, "nsupdate.txt");
        await File.WriteAllLinesAsync(script, [$"server 127.0.0.1 {edge.Dns}", "zone example.com", .. lines, "send"]);
        return await Shell.OutputAsync("nsupdate", "-y", $"hmac-sha256:{key}:{Secret}", script);
    }

    // One update after the other, two records each; the kill comes the moment the last wanted answer is read.
    private static async Task<int> UpdateUntilKilledAsync(EdgeProcess edge, int next, int wanted, HashSet<int> answered)
    {
        var start = new ProcessStartInfo("nsupdate", ["-y", $"hmac-sha256:everything:{Secret}", "-t", "60", "-u", "20", "-r", "0"]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        using var client = Process.Start(start)!;
        client.ErrorDataReceived += (_, _) => { };
        client.BeginErrorReadLine();
        await client.StandardInput.WriteLineAsync($"server 127.0.0.1 {edge.Dns}\nzone example.com");

        // One more than wanted, whose answer nobody waits for.
        for (var i = next; i <= next + wanted; i++)
        {
            await client.StandardInput.WriteLineAsync($"update add n{i}.example.com 60 A 192.0.2.1\nupdate add n{i}.example.com 60 TXT \"{i}\"\nshow\nsend\nanswer");
        }

        await client.StandardInput.FlushAsync();
        for (var shown = -1; shown < next + wanted - 1 || !answered.Contains(shown);)
        {
            var line = await client.StandardOutput.ReadLineAsync();
            Assert.NotNull(line);
            if (Regex.Match(line, @"^n(\d+)\.example\.com\.\s+60\s+IN\s+A\s") is { Success: true } show)
            {
                shown = int.Parse(show.Groups[1].Value);
            }
            else if (line.Contains("opcode: UPDATE, status: NOERROR", StringComparison.Ordinal) && !line.Contains("id:      0", StringComparison.Ordinal))
            {
                answered.Add(shown);
            }
        }

        await edge.KillAsync();
        client.Kill();
        await client.WaitForExitAsync();
        return next + wanted + 1;
    }

    // All that was answered is there; of the rest, each as a whole or not at all.
    private static async Task SeesAsync(EdgeProcess edge, HashSet<int> answered, int sent)
    {
        using var api = edge.Api();
        using var changes = JsonDocument.Parse(await api.GetStringAsync("/v1/zones/example.com/changes"));
        var seen = changes.RootElement.EnumerateArray().Select(change => $"{change.GetProperty("name").GetString()} {change.GetProperty("type").GetString()}").ToHashSet();
        for (var i = 0; i < sent; i++)
        {
            var (a, txt) = (seen.Contains($"n{i}.example.com A"), seen.Contains($"n{i}.example.com TXT"));
            Assert.True(a == txt, $"half of update {i} is there");
            Assert.True(a || !answered.Contains(i), $"update {i} is lost:\n{File.ReadAllText(edge.DataFile("updates.journal"))}");
        }

        foreach (var last in answered.OrderDescending().Take(1))
        {
            Assert.Equal($"\"{last}\"", await edge.DigAsync($"n{last}.example.com", "TXT", "+short"));
        }
    }
}
