using System.Text.RegularExpressions;
using Edge.Tests.HouseRules;

namespace Edge.Tests.Whole;

/// <summary>Updates of DNS (RFC 2136) with the key of a token: nsupdate and knsupdate as they are, for the names of the token and no other.</summary>
public sealed class TokenUpdateTests
{
    [Theory]
    [InlineData("nsupdate", "bind9-dnsutils")]
    [InlineData("knsupdate", "knot-dnsutils")]
    public async Task A_client_changes_its_names_and_no_other(string program, string package)
    {
        Shell.Need(program, package);
        await using var edge = EdgeProcess.InExampleFolder();
        await edge.StartAsync();
        await KeyAsync(edge, "cabin", "--host", "cabin.example.com", "--host", "*.hut.example.com");
        // The log has five refusals a minute.
        (string Update, string? Why)[] steps =
        [
            ("update add cabin.example.com 300 A 198.51.100.7", null),
            ("update add cabin.example.com 300 AAAA 2001:db8::7\nupdate add _acme-challenge.cabin.example.com 60 TXT token-of-a-ca", null),
            ("update add a.hut.example.com 60 A 198.51.100.8\nupdate add b.hut.example.com 60 A 198.51.100.8", null),
            ("update delete cabin.example.com A\nupdate add cabin.example.com 60 A 198.51.100.9", null),
            ("update add cabin.example.com 60 A 198.51.100.10", "cabin.example.com: it would have 2 A records"),
            ("update add other.example.com 60 A 198.51.100.7", "key cabin may not change other.example.com. A"),
            ("update add cabin.example.com 60 TXT text", "key cabin may not change cabin.example.com. TXT"),
            ("update add c.hut.example.com 60 A 198.51.100.8\nupdate add other.example.com 60 A 198.51.100.8", "key cabin may not change other.example.com. A"),
            ("update add c.hut.example.com 60 A 127.0.0.1", "127.0.0.1 is no address of a host"),
            ("update add _acme-challenge.c.hut.example.com 60 A 198.51.100.8", ""),
        ];
        // nsupdate sends no address of a name with an underscore.
        foreach (var (update, why) in steps.Where(step => program == "knsupdate" || !step.Update.Contains("_acme-challenge.c.", StringComparison.Ordinal)))
        {
            var said = await UpdateAsync(program, edge, "cabin", update);
            Assert.True(why is null ? said.Length == 0 : said.Contains("REFUSED", StringComparison.Ordinal), $"{update}: {said}\n{edge.Output}");
            Assert.True(why is null || edge.Output.Contains(why, StringComparison.Ordinal), $"{why}\n{edge.Output}");
        }

        // What is said in the log is what was changed.
        var addresses = Regex.Count(edge.Output, "dynamic address: cabin.example.com is ");
        Assert.Equal("", await UpdateAsync(program, edge, "cabin", "update add _acme-challenge.cabin.example.com 60 TXT another-one"));
        await Eventually.TrueAsync(() => Task.FromResult(edge.Output.Contains("dynamic address: _acme-challenge.cabin.example.com has 2 answers to challenges (token cabin)", StringComparison.Ordinal)), () => edge.Output);
        Assert.Equal(addresses, Regex.Count(edge.Output, "dynamic address: cabin.example.com is "));
        Assert.Equal("", await UpdateAsync(program, edge, "cabin", "update delete _acme-challenge.cabin.example.com TXT another-one"));
        await SeesAsync(edge);
        await edge.KillAsync();
        await edge.StartAsync();
        await SeesAsync(edge);
        Assert.Equal("", await UpdateAsync(program, edge, "cabin", "update delete cabin.example.com\nupdate delete _acme-challenge.cabin.example.com TXT\nupdate delete a.hut.example.com A 198.51.100.8"));
        Assert.Equal("", await edge.DigAsync("cabin.example.com", "+short"));
        Assert.Equal("", await edge.DigAsync("_acme-challenge.cabin.example.com", "TXT", "+short"));
        Assert.Equal("", await edge.DigAsync("a.hut.example.com", "+short"));
        Assert.Equal("198.51.100.8", await edge.DigAsync("b.hut.example.com", "+short"));
    }

    [Fact]
    public async Task Both_protocols_have_the_same_names_by_the_same_rules()
    {
        Shell.Need("nsupdate", "bind9-dnsutils");
        await using var edge = EdgeProcess.InExampleFolder();
        await edge.StartAsync();
        var cabin = await KeyAsync(edge, "cabin", "--host", "*.example.com", "--host", "example.com");
        await KeyAsync(edge, "garage", "--host", "*.example.com", "--lease", "1h");
        using var api = edge.Api(cabin);
        Assert.Equal("good 198.51.100.7\n", await api.GetStringAsync("/nic/update?hostname=cabin.example.com&myip=198.51.100.7"));
        Assert.Equal("", await UpdateAsync("nsupdate", edge, "cabin", "prereq yxrrset cabin.example.com A\nupdate add cabin.example.com 60 AAAA 2001:db8::7"));
        Assert.Equal("nochg 2001:db8::7\n", await api.GetStringAsync("/nic/update?hostname=cabin.example.com&myip=2001:db8::7"));
        Assert.Equal("198.51.100.7", await edge.DigAsync("cabin.example.com", "+short"));

        (string Key, string Update, string Why)[] refused =
        [
            ("garage", "update add cabin.example.com 60 A 198.51.100.9", "it belongs to the token cabin"),
            ("garage", "update delete cabin.example.com A", "it belongs to the token cabin"),
            ("cabin", "update add ns1.example.com 60 A 198.51.100.9", "ns1.example.com. is declared by the zone's file or by other updates"),
        ];
        foreach (var (key, update, why) in refused)
        {
            Assert.Contains("REFUSED", await UpdateAsync("nsupdate", edge, key, update), StringComparison.Ordinal);
            Assert.Contains(why, edge.Output, StringComparison.Ordinal);
        }

        Assert.Equal("", await UpdateAsync("nsupdate", edge, "garage", "update add garage.example.com 60 A 198.51.100.9"));
        var listed = (await edge.CommandAsync("dynamic", "list")).Output;
        Assert.Matches(@"cabin\.example\.com +198\.51\.100\.7 +2001:db8::7 +cabin +everywhere +\S+ \S+ +- +answered", listed);
        Assert.Matches(@"garage\.example\.com +198\.51\.100\.9 +- +garage +everywhere +\S+ \S+ +\d{4}-\S+ \S+ +answered", listed);

        Assert.Equal(0, (await edge.CommandAsync("token", "revoke", "cabin")).ExitCode);
        Assert.Contains("REFUSED", await UpdateAsync("nsupdate", edge, "cabin", "update add cabin.example.com 60 A 198.51.100.9"), StringComparison.Ordinal);
        Assert.Contains("the token cabin has been revoked", edge.Output, StringComparison.Ordinal);

        // The client hears why (RFC 8914), also one without a key.
        var bare = Regex.Match(await File.ReadAllTextAsync(Path.Combine(edge.Folder, "cabin.key")), "secret \"(.*)\"").Groups[1].Value;
        Assert.Matches("status: REFUSED(?s:.*)EDE: 18 \\(Prohibited\\): \\(.*token cabin has been revoked", await edge.DigAsync("-y", $"hmac-sha256:cabin:{bare}", "+tcp", "+opcode=update", "+edns", "example.com", "SOA"));
        Assert.Matches("status: REFUSED(?s:.*)EDE: 18 \\(Prohibited\\)", await edge.DigAsync("+tcp", "+opcode=update", "+edns", "example.com", "SOA"));
        Assert.Contains("REFUSED", await UpdateAsync("nsupdate", edge, "garage", "update delete ns1.example.com A"), StringComparison.Ordinal);
        Assert.Contains("REFUSED", await UpdateAsync("nsupdate", edge, "garage", "update add nas.example.com 60 A 198.51.100.9"), StringComparison.Ordinal);
        Assert.Contains("NOTAUTH", await UpdateAsync("nsupdate", edge, "cabin", "update add cabin.example.com 60 A 198.51.100.9", key => key.Replace("secret \"", "secret \"AAAA", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Equal("198.51.100.7", await edge.DigAsync("cabin.example.com", "+short"));
    }

    [Fact]
    public async Task The_secret_is_shown_once_and_a_key_of_the_settings_is_not_taken()
    {
        await using var edge = UpdateTests.WithKeys();
        await edge.StartAsync();
        await KeyAsync(edge, "cabin", "--host", "cabin.example.com");
        var secret = Regex.Match(await File.ReadAllTextAsync(Path.Combine(edge.Folder, "cabin.key")), "secret \"(.*)\"").Groups[1].Value;
        Assert.Equal(32, Convert.FromBase64String(secret).Length);
        Assert.DoesNotContain(secret, edge.Output + (await edge.CommandAsync("token", "list", "--json")).Output, StringComparison.Ordinal);
        Assert.Contains("has a key \"inside\" already", (await edge.CommandAsync("token", "create", "inside", "--tsig", "--host", "x.example.com")).Output, StringComparison.Ordinal);
        Assert.Contains("name the token \"cabin\"", (await edge.CommandAsync("token", "create", "Cabin", "--tsig", "--host", "x.example.com")).Output, StringComparison.Ordinal);
        Assert.Contains("cannot be lent for more than ten years", (await edge.CommandAsync("token", "create", "long", "--lease", "2900000d", "--host", "x.example.com")).Output, StringComparison.Ordinal);
        Assert.Contains("cannot be lent for less than a minute", (await edge.CommandAsync("token", "create", "short", "--lease", "5s", "--host", "x.example.com")).Output, StringComparison.Ordinal);
        Assert.DoesNotContain("tsig", (await edge.CommandAsync("token", "create", "plain", "--host", "x.example.com")).Output, StringComparison.Ordinal);
        Assert.All(Directory.GetFiles(Path.Combine(edge.Folder, "data"), "*.db*"), file => Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(file) & (UnixFileMode.GroupRead | UnixFileMode.OtherRead)));
    }

    [Fact]
    public async Task The_example_of_the_document()
    {
        Shell.Need("nsupdate", "bind9-dnsutils");
        await using var edge = EdgeProcess.InExampleFolder();
        await edge.StartAsync();
        await KeyAsync(edge, "cabin", "--host", "cabin.example.com");
        var example = Regex.Match(Repository.Text("docs/dynamic-addresses.md"), "```nsupdate\n(.*?)```", RegexOptions.Singleline).Groups[1].Value;
        var script = Path.Combine(edge.Folder, "example.txt");
        await File.WriteAllTextAsync(script, example.Replace("server 127.0.0.1 53", $"server 127.0.0.1 {edge.Dns}", StringComparison.Ordinal));
        Assert.Equal("", await Shell.OutputAsync("nsupdate", "-k", Path.Combine(edge.Folder, "cabin.key"), script));
        Assert.Equal("198.51.100.7", await edge.DigAsync("cabin.example.com", "+short"));
    }

    // Makes the token and its key file; gives the token.
    private static async Task<string> KeyAsync(EdgeProcess edge, string name, params string[] arguments)
    {
        var made = await edge.CommandAsync(["token", "create", name, "--tsig", .. arguments]);
        Assert.True(made.ExitCode == 0, made.Output);
        await File.WriteAllTextAsync(Path.Combine(edge.Folder, name + ".key"), made.Output);
        return Regex.Match(made.Output, "token: (edge_\\S+)").Groups[1].Value;
    }

    private static async Task<string> UpdateAsync(string program, EdgeProcess edge, string key, string lines, Func<string, string>? change = null)
    {
        var (script, file) = (Path.Combine(edge.Folder, "script.txt"), Path.Combine(edge.Folder, key + ".key"));
        await File.WriteAllTextAsync(script, $"server 127.0.0.1 {edge.Dns}\nzone example.com\n{lines}\nsend\n");
        var text = await File.ReadAllTextAsync(file);
        if (program == "nsupdate")
        {
            var used = Path.Combine(edge.Folder, "used.key");
            await File.WriteAllTextAsync(used, change?.Invoke(text) ?? text);
            return await Shell.OutputAsync(program, "-k", used, script);
        }

        return await Shell.OutputAsync(program, "-y", Regex.Match(text, @"knsupdate -y (\S+)").Groups[1].Value, script);
    }

    private static async Task SeesAsync(EdgeProcess edge)
    {
        Assert.Equal("198.51.100.9", await edge.DigAsync("cabin.example.com", "+short"));
        Assert.Equal("2001:db8::7", await edge.DigAsync("cabin.example.com", "AAAA", "+short"));
        Assert.Equal("\"token-of-a-ca\"", await edge.DigAsync("_acme-challenge.cabin.example.com", "TXT", "+short", "-b", "127.0.0.2"));
        Assert.Equal("198.51.100.8", await edge.DigAsync("b.hut.example.com", "+short"));
        Assert.Equal("", await edge.DigAsync("c.hut.example.com", "+short"));
        Assert.Contains("dynamic address of token cabin", (await edge.CommandAsync("explain", "cabin.example.com")).Output, StringComparison.Ordinal);
    }
}
