namespace Edge.Tests.Whole;

/// <summary>Two Edges as their users start them: one has a zone, the other has it from there, whatever is killed in between.</summary>
public sealed class TransferTests
{
    private const string Secret = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
    private const string Zone = """
        $TTL 300
        @    SOA ns hostmaster 7 3600 900 1209600 300
        @    NS  ns
        ns   A   192.0.2.53
        www  A   192.0.2.80
        """;

    [Fact]
    public async Task A_secondary_follows_and_serves_at_once_after_kill_9()
    {
        Shell.Need("dig", "bind9-dnsutils");
        await using var primary = EdgeProcess.InExampleFolder();
        await using var secondary = EdgeProcess.InExampleFolder();
        var file = Path.Combine(primary.Folder, "zones", "other.test.zone");
        await File.WriteAllTextAsync(file, Zone);
        Directory.CreateDirectory(Path.Combine(primary.Folder, "zones", "lan"));
        await File.WriteAllTextAsync(Path.Combine(primary.Folder, "zones", "lan", "other.test.zone"), "$TTL 300\nwww A 192.168.1.80\n");
        secondary.WriteSettings(text => WithDns(text, $"zones: {{other.test: {{primaries: {{address: \"127.0.0.1:{primary.Dns}\", key: both}}}}}}"));
        await primary.StartAsync();
        await secondary.StartAsync();
        Assert.Contains("SERVFAIL", await secondary.DigAsync("www.other.test", "A"), StringComparison.Ordinal);
        var explained = (await secondary.CommandAsync("explain", "www.other.test")).Output;
        Assert.Contains("SERVFAIL: other.test. is a secondary zone that was never fetched", explained, StringComparison.Ordinal);
        Assert.DoesNotContain("none of ours", explained, StringComparison.Ordinal);
        Assert.DoesNotContain("special name", explained, StringComparison.Ordinal);
        Assert.Contains("Transfer failed", await primary.DigAsync("other.test", "AXFR", "-y", $"hmac-sha256:both:{Secret}"), StringComparison.Ordinal);

        // The primary learns of its secondary while it runs, and tells it at once. The key's view is public, so that is what is held.
        primary.WriteSettings(text => WithDns(text, $"zones: {{other.test: {{secondaries: {{address: \"127.0.0.1:{secondary.Dns}\", key: both}}}}}}"));
        await AnswersAsync(secondary, "www.other.test", "192.0.2.80");
        Assert.Equal("192.168.1.80", await primary.DigAsync("www.other.test", "A", "+short"));

        await File.WriteAllTextAsync(file, Zone.Replace("192.0.2.80", "192.0.2.81", StringComparison.Ordinal));
        await AnswersAsync(secondary, "www.other.test", "192.0.2.81");

        await secondary.KillAsync();
        await primary.KillAsync();
        await secondary.StartAsync();
        Assert.Equal("192.0.2.81", await secondary.DigAsync("www.other.test", "A", "+short"));
    }

    private static string WithDns(string settings, string zones) => settings.Replace(
        "\ndns:\n", $"\ndns:\n  keys: {{both: {{secret: \"{Secret}\", view: public}}}}\n  {zones}\n", StringComparison.Ordinal);

    private static Task AnswersAsync(EdgeProcess edge, string name, string address) => Eventually.TrueAsync(
        async () => await edge.DigAsync(name, "A", "+short") == address, () => edge.Output, patience: TimeSpan.FromSeconds(60));
}
