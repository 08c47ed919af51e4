using System.Net;
using System.Text.RegularExpressions;
using Edge.Tests.HouseRules;

namespace Edge.Tests.Whole;

/// <summary>Clients of dyndns2 as Debian has them, with the settings of docs/dynamic-addresses.md, at a real Edge.</summary>
public sealed class DynamicDnsTests
{
    private const string Address = "198.51.100.7";

    [Theory]
    [InlineData("ddclient")]
    [InlineData("inadyn")]
    public async Task A_client_keeps_its_names_up_to_date(string program)
    {
        Shell.Need(program, program);
        await using var edge = EdgeProcess.InExampleFolder();
        await edge.StartAsync();
        var token = await TokenAsync(edge, "cabin", "--host", "cabin.example.com", "--host", "garage.example.com");
        foreach (var address in (string[])[Address, "198.51.100.8"])
        {
            var said = await RunAsync(program, edge, token, address);
            foreach (var host in (string[])["cabin.example.com", "garage.example.com"])
            {
                Assert.True(await edge.DigAsync(host, "+short") == address, said + edge.Output);
                Assert.Equal(address, await edge.DigAsync("-b", "127.0.0.2", host, "+short"));
            }
        }

        Assert.Contains("cabin.example.com. 60 IN A", Regex.Replace(await edge.DigAsync("cabin.example.com", "+noall", "+answer"), @"\s+", " "), StringComparison.Ordinal);
        Assert.Contains("dynamic address of token cabin", (await edge.CommandAsync("explain", "cabin.example.com")).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ddclient", "")]
    [InlineData("inadyn", "")]
    [InlineData("inadyn", "prefix")]
    public async Task A_client_sends_IPv6_and_names_with_an_end_follow_its_prefix(string program, string sent)
    {
        Shell.Need(program, program);
        await using var edge = EdgeProcess.InExampleFolder();
        await edge.StartAsync();
        var token = await TokenAsync(edge, "cabin", "--host", "cabin.example.com", "--host", "garage.example.com");
        using var api = edge.Api(token);
        foreach (var (host, suffix) in ((string, string)[])[("cabin.example.com", "::1234"), ("garage.example.com", "::a:b:c:d")])
        {
            Assert.StartsWith("good", await api.GetStringAsync($"/nic/update?hostname={host}&ip6lanprefix=2001:db8:9:9::/64&suffix={suffix}"), StringComparison.Ordinal);
        }

        foreach (var prefix in (string[])["2001:db8:5:5:", "2001:db8:6:6:"])
        {
            var said = await RunAsync(program, edge, token, $"{prefix}:77", text =>
                (program == "inadyn" ? "allow-ipv6 = true\n" : "") + (sent.Length == 0 ? text : text.Replace("&myip=%i", "&ip6lanprefix=%i/64", StringComparison.Ordinal)));
            string[] expected = sent.Length == 0 ? [$"{prefix}:77", $"{prefix}:77"] : [$"{prefix}:1234", $"{prefix}a:b:c:d"];
            Assert.True(await edge.DigAsync("cabin.example.com", "AAAA", "+short") == expected[0], said + edge.Output);
            Assert.Equal(expected[1], await edge.DigAsync("garage.example.com", "AAAA", "+short"));
            Assert.Equal("", await edge.DigAsync("cabin.example.com", "A", "+short"));
        }
    }

    [Theory]
    [InlineData("ddclient", "FAILED: .*garage.example.com: authorization failed")]
    [InlineData("inadyn", "Error code 50: Authentication failure")]
    public async Task A_client_with_a_bad_token_says_so(string program, string expected)
    {
        Shell.Need(program, program);
        await using var edge = EdgeProcess.InExampleFolder();
        await edge.StartAsync();
        Assert.Matches(expected, await RunAsync(program, edge, "edge_guess", Address));
        Assert.Equal("", await edge.DigAsync("cabin.example.com", "+short"));
    }

    [Fact]
    public async Task What_was_acknowledged_survives_a_kill_and_can_be_removed()
    {
        await using var edge = EdgeProcess.InExampleFolder();
        await edge.StartAsync();
        var token = await TokenAsync(edge, "cabin", "--host", "*.nas.example.com");
        using (var api = edge.Api(token))
        {
            Assert.Equal($"good {Address}\nnohost\nnohost\n", await api.GetStringAsync($"/nic/update?hostname=cabin.nas.example.com,nas.example.com,shop.example.com&myip={Address}"));
            await edge.KillAsync();
        }

        await edge.StartAsync();
        Assert.Equal(Address, await edge.DigAsync("cabin.nas.example.com", "+short"));
        Assert.Matches($@"cabin\.nas\.example\.com +{Regex.Escape(Address)} +- +cabin +everywhere +\d{{4}}-\d\d-\d\d \d\d:\d\dZ +- +answered", (await edge.CommandAsync("dynamic", "list")).Output);
        Assert.Equal(0, (await edge.CommandAsync("dynamic", "remove", "cabin.nas.example.com")).ExitCode);
        Assert.DoesNotContain(Address, await edge.DigAsync("cabin.nas.example.com", "+short"));
        Assert.Equal("[]", (await edge.CommandAsync("dynamic", "list", "--json")).Output.Trim());
        var again = await edge.CommandAsync("dynamic", "remove", "cabin.nas.example.com");
        Assert.NotEqual(0, again.ExitCode);
        Assert.Contains("no client sends addresses for \"cabin.nas.example.com\"", again.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task At_the_gateway_only_where_the_setting_says_so_and_by_https()
    {
        await using var edge = EdgeProcess.InExampleFolder();
        await edge.StartAsync();
        var token = await TokenAsync(edge, "cabin", "--host", "cabin.example.com");
        using var http = edge.Browser();
        http.DefaultRequestHeaders.Authorization = new("Bearer", token);
        var (secure, plain) = ($"https://nas.example.com:{edge.Https}/nic/update?hostname=cabin.example.com&myip={Address}", $"http://127.0.0.1:{edge.Http}/nic/update?hostname=cabin.example.com&myip={Address}");
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync(secure)).StatusCode);

        // Taken over without a restart.
        edge.WriteSettings(text => text + "\n" + Example("yaml"));
        await Eventually.TrueAsync(async () => (await http.GetAsync(secure)).StatusCode == HttpStatusCode.OK, () => edge.Output);
        Assert.Equal($"nochg {Address}\n", await http.GetStringAsync(secure));
        using var bare = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });
        using var request = new HttpRequestMessage(HttpMethod.Get, plain) { Headers = { Host = "nas.example.com", Authorization = new("Bearer", token) } };
        using var answer = await bare.SendAsync(request);
        Assert.DoesNotContain(Address, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.NotEqual(HttpStatusCode.OK, answer.StatusCode);
    }

    [Theory]
    [InlineData("", "dnserr\n")]
    [InlineData("  trusted-proxies: [127.0.0.1]\n", "good 192.0.2.44\n")]
    public async Task Who_is_behind_a_proxy_is_believed_only_if_the_proxy_is(string setting, string expected)
    {
        await using var edge = EdgeProcess.InExampleFolder();
        edge.WriteSettings(text => text.Replace("gateway:\n", "gateway:\n" + setting, StringComparison.Ordinal));
        await edge.StartAsync();
        using var api = edge.Api(await TokenAsync(edge, "cabin", "--host", "cabin.example.com"));
        api.DefaultRequestHeaders.Add("X-Forwarded-For", "192.0.2.44");
        Assert.Equal(expected, await api.GetStringAsync("/nic/update?hostname=cabin.example.com"));
    }

    private static async Task<string> TokenAsync(EdgeProcess edge, params string[] arguments)
    {
        var made = await edge.CommandAsync(["token", "create", .. arguments]);
        Assert.True(made.ExitCode == 0, made.Output);
        return made.Output.Trim();
    }

    private static string Example(string language) => Regex.Match(Repository.Text("docs/dynamic-addresses.md"), $"```{language}\n(.*?)```", RegexOptions.Singleline).Groups[1].Value;

    // The example of the document, with an address in the place of the interface that has it.
    private static async Task<string> RunAsync(string program, EdgeProcess edge, string token, string address, Func<string, string>? change = null)
    {
        var example = Example(program);
        Assert.Contains("TOKEN", example, StringComparison.Ordinal);
        var file = Path.Combine(edge.Folder, program + ".conf");
        await File.WriteAllTextAsync(file, (change ?? (text => text))(example)
            .Replace("127.0.0.1:8480", $"127.0.0.1:{edge.Admin}", StringComparison.Ordinal)
            .Replace("TOKEN", token, StringComparison.Ordinal)
            .Replace("use=if, if=ppp0", $"use=ip, ip={address}", StringComparison.Ordinal)
            .Replace("iface = ppp0", "", StringComparison.Ordinal)
            .Replace("custom edge {\n", $"custom edge {{\n    checkip-command = \"echo {address}\"\n", StringComparison.Ordinal));
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var cache = Directory.CreateDirectory(Path.Combine(edge.Folder, program + ".cache" + address.Replace(':', '-'))).FullName;
        return program == "ddclient"
            ? await Shell.OutputAsync("ddclient", "-daemon=0", "-noquiet", "-verbose", "-file", file, "-cache", Path.Combine(cache, "cache"), "-pid", Path.Combine(cache, "pid"))
            : await Shell.OutputAsync("inadyn", "-1", "-n", "-f", file, "--cache-dir=" + cache, "-P", Path.Combine(cache, "pid"), "-l", "debug");
    }
}
