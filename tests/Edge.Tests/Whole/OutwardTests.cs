using System.Text.RegularExpressions;
using Edge.Tests.HouseRules;

namespace Edge.Tests.Whole;

/// <summary>One Edge tells another, as its provider, where it is: by dyndns2 and by updates of DNS, with settings that change while it runs.</summary>
public sealed class OutwardTests
{
    [Fact]
    public async Task An_address_reaches_the_provider_and_follows_the_settings()
    {
        Shell.Need("dig", "bind9-dnsutils");
        await using var provider = EdgeProcess.InExampleFolder();
        await using var edge = EdgeProcess.InExampleFolder();
        await provider.StartAsync();
        var made = (await provider.CommandAsync("token", "create", "cabin", "--host", "cabin.example.com", "--host", "*.hut.example.com", "--tsig")).Output;
        var (token, key) = (Regex.Match(made, "token: (edge_\\S+)").Groups[1].Value, Regex.Match(made, "secret \"(.*)\"").Groups[1].Value);
        await File.WriteAllTextAsync(Path.Combine(edge.Folder, "password"), "edge_wrong\n");
        string Settings(string address) => $$"""

            outward:
              cabin.example.com: {by: dyndns2, url: "http://127.0.0.1:{{provider.Admin}}/nic/update", user: cabin, password-file: password, addresses: [{{address}}]}

            """;
        edge.WriteSettings(text => text + Settings("198.51.100.7"));
        await edge.StartAsync();

        // A wrong password is shown once, and the right one is tried as soon as it is there.
        await Eventually.TrueAsync(async () => (await ListAsync(edge)).Contains("refused: badauth", StringComparison.Ordinal), () => edge.Output);
        await File.WriteAllTextAsync(Path.Combine(edge.Folder, "password"), token + "\n");
        await AnswersAsync(provider, "cabin.example.com", "198.51.100.7", edge);
        Assert.Single(Regex.Matches(provider.Output, "its password is no token"));

        // Settings are taken over while it runs, and what was sent is not sent again after a restart.
        edge.WriteSettings(text => text + Settings("198.51.100.8"));
        await AnswersAsync(provider, "cabin.example.com", "198.51.100.8", edge);
        Assert.Matches(@"cabin\.example\.com +dyndns2 +198\.51\.100\.8 +198\.51\.100\.8 +\S+ \S+ +\S+ \S+ +(sent|unchanged)", await ListAsync(edge));
        using (var api = edge.Api((await File.ReadAllTextAsync(Path.Combine(edge.Folder, "data", "admin.token"))).Trim()))
        {
            Assert.Contains("edge_outward_up_to_date{name=\"cabin.example.com\"} 1", await api.GetStringAsync("/metrics"), StringComparison.Ordinal);
        }

        await edge.StopAsync();
        await edge.StartAsync();
        await Eventually.TrueAsync(async () => (await ListAsync(edge)).Contains("198.51.100.8", StringComparison.Ordinal), () => edge.Output);
        Assert.Equal(2, Regex.Matches(provider.Output, @"cabin\.example\.com is 198").Count);
        var pushed = await edge.CommandAsync("outward", "push", "cabin.example.com");
        Assert.True(pushed.ExitCode == 0 && pushed.Output.Contains("unchanged", StringComparison.Ordinal), pushed.Output);
        Assert.NotEqual(0, (await edge.CommandAsync("outward", "push", "other.example.com")).ExitCode);
        Assert.DoesNotContain(token, edge.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("edge_wrong", edge.Output, StringComparison.Ordinal);
        Assert.Equal(32, Convert.FromBase64String(key).Length);
    }

    [Fact]
    public async Task The_check_tells_of_a_secret_that_is_missing_and_of_one_that_everybody_can_read()
    {
        await using var edge = EdgeProcess.InExampleFolder();
        edge.WriteSettings(text => text + "\noutward:\n  a.example.net: {by: desec, token-file: open}\n  b.example.net: {by: desec, token-file: missing}\n");
        var open = Path.Combine(edge.Folder, "open");
        await File.WriteAllTextAsync(open, "x");
        File.SetUnixFileMode(open, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        var said = (await edge.CommandAsync("check")).Output;
        Assert.Contains("outward.a.example.net: everybody on this machine can read", said, StringComparison.Ordinal);
        Assert.Contains("missing is not there, and nothing can be sent without it", said, StringComparison.Ordinal);
    }

    [Fact]
    public void The_examples_of_the_document_are_there() =>
        Assert.Equal(4, Regex.Matches(Repository.Text("docs/outward.md"), "by: (dyndns2|rfc2136|desec|cloudflare),").Select(match => match.Value).Distinct().Count());

    private static async Task<string> ListAsync(EdgeProcess edge) => (await edge.CommandAsync("outward", "list")).Output;

    private static Task AnswersAsync(EdgeProcess provider, string host, string address, EdgeProcess edge) =>
        Eventually.TrueAsync(async () => await provider.DigAsync(host, "+short") == address, () => edge.Output + provider.Output);
}
