using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Edge.Tests.Whole;

namespace Edge.Tests.House;

/// <summary>The way in through a real router: opened, kept open, proven, and closed at the end.</summary>
public sealed class RouterTests(RouterLab lab) : IClassFixture<RouterLab>
{
    private static readonly TimeSpan UntilSeenOutside = TimeSpan.FromSeconds(5);

    [Theory]
    [InlineData("pcp", "PCP")]
    [InlineData("nat-pmp", "NAT-PMP")]
    [InlineData("upnp", "UPnP")]
    public async Task The_internet_comes_in_by_each_protocol_until_the_end(string protocol, string name)
    {
        await BeginAsync();
        var edge = await StartAsync($"port-mapping: {{protocols: [{protocol}]}}");
        await ComesInAsync(edge);
        await IsMappedAsync(edge, name);

        // What the router itself says that it has, to a client of somebody else.
        var listed = await lab.Box.RunAsync("upnpc", "-l");
        Assert.Matches(@"TCP +443->192\.168\.77\.2:443 ", listed);
        Assert.Matches(@"TCP +80->192\.168\.77\.2:80 ", listed);
        await OutsideIsAsync(edge, RouterLab.FirstAddress);

        // The provider gives another address.
        await lab.UseAddressAsync(RouterLab.SecondAddress);
        await OutsideIsAsync(edge, RouterLab.SecondAddress, UntilSeenOutside);
        await ComesInAsync(edge);

        // The router starts anew and has forgotten everything.
        await lab.StopRouterAsync();
        await lab.StartRouterAsync();
        await ComesInAsync(edge, TimeSpan.FromSeconds(60));
        Assert.Equal(0, await edge.StopAsync());
        Assert.DoesNotContain(RouterLab.BoxAddress, await lab.MappedAsync(), StringComparison.Ordinal);
        Assert.Equal("", await lab.FetchAsync());
    }

    [Fact]
    public async Task Without_the_setting_no_port_is_opened()
    {
        await BeginAsync();
        var edge = await StartAsync("");
        await OutsideIsAsync(edge, RouterLab.FirstAddress);
        Assert.DoesNotContain(RouterLab.BoxAddress, await lab.MappedAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pcp")]
    [InlineData("upnp")]
    public async Task What_a_process_that_was_killed_has_left_the_next_one_takes_over_or_takes_back(string protocol)
    {
        await BeginAsync();
        var settings = $"port-mapping: {{protocols: [{protocol}]}}";
        var edge = await StartAsync(settings);
        await ComesInAsync(edge);
        await IsMappedAsync(edge, protocol);
        await edge.KillAsync();
        Assert.Contains(RouterLab.BoxAddress, await lab.MappedAsync(), StringComparison.Ordinal);
        edge.StartOnly();
        await ComesInAsync(edge);
        await Eventually.TrueAsync(async () => await WayInAsync(edge, way => way.GetProperty("mappings").EnumerateArray().All(one => Text(one, "state") == "mapped")), () => edge.Output);
        await edge.KillAsync();
        edge.WriteSettings(_ => Settings("port-mapping: off"));
        edge.StartOnly();
        await Eventually.TrueAsync(async () => !(await lab.MappedAsync()).Contains(RouterLab.BoxAddress, StringComparison.Ordinal), () => edge.Output);
    }

    [Fact]
    public async Task A_process_that_takes_over_finds_the_ports_open_and_leaves_none_at_its_end()
    {
        await BeginAsync();
        var edge = await StartAsync("port-mapping: on");
        await ComesInAsync(edge);
        var before = await edge.HandOverAsync();
        await Eventually.TrueAsync(() => Task.FromResult(before.HasExited), () => $"the process before does not end:\n{edge.Output}");
        Assert.Contains(RouterLab.BoxAddress, await lab.MappedAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain("was taken back", edge.Output, StringComparison.Ordinal);
        await ComesInAsync(edge);
        await Eventually.TrueAsync(async () => await WayInAsync(edge, way => way.GetProperty("mappings").GetArrayLength() == 2), () => edge.Output);
        var serves = edge.Id;
        await lab.Box.RunAsync("kill", "-TERM", $"{serves}");
        await Eventually.TrueAsync(() => Task.FromResult(!Directory.Exists($"/proc/{serves}")), () => $"the process does not end:\n{edge.Output}");
        await Eventually.TrueAsync(async () => !(await lab.MappedAsync()).Contains(RouterLab.BoxAddress, StringComparison.Ordinal), () => edge.Output);
    }

    [Fact]
    public async Task Another_protocol_takes_the_place_of_the_one_before_and_leaves_nothing_of_it()
    {
        await BeginAsync();
        var edge = await StartAsync("port-mapping: on");
        await IsMappedAsync(edge, "PCP");
        edge.WriteSettings(_ => Settings("port-mapping: {protocols: [upnp]}"));
        await IsMappedAsync(edge, "UPnP");
        await ComesInAsync(edge);
        edge.WriteSettings(_ => Settings("port-mapping: {map: off, protocols: [pcp]}"));
        await Eventually.TrueAsync(async () => !(await lab.MappedAsync()).Contains(RouterLab.BoxAddress, StringComparison.Ordinal), () => edge.Output);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Another_address_of_the_box_takes_its_ports_with_it(bool isKilled)
    {
        await BeginAsync(isSecure: false);
        var edge = await StartAsync("port-mapping: {protocols: [upnp]}");
        await ComesInAsync(edge);
        await IsMappedAsync(edge, "UPnP");
        if (isKilled)
        {
            await edge.KillAsync();
        }

        await lab.MoveBoxAsync("192.168.77.22");
        if (isKilled)
        {
            edge.StartOnly();
        }

        await Eventually.TrueAsync(
            async () => await lab.MappedAsync() is var mapped && Regex.Count(mapped, @"192\.168\.77\.22[: ]") >= 2 && !Regex.IsMatch(mapped, @"192\.168\.77\.2[: ]"),
            () => $"{edge.Output}\n{lab.MappedAsync().Result}");
        await ComesInAsync(edge);
    }

    [Fact]
    public async Task What_begins_is_told_as_that()
    {
        await BeginAsync(speaks: false);
        var edge = await lab.StartEdgeAsync(lab.Box, Unasked(""));
        Assert.Contains("state      off", (await edge.CommandAsync("way-in")).Output, StringComparison.Ordinal);
        edge.WriteSettings(_ => Unasked("port-mapping: on"));
        var said = "";
        await Eventually.TrueAsync(async () => !(said = (await edge.CommandAsync("way-in")).Output).Contains("state      off", StringComparison.Ordinal), () => edge.Output);
        Assert.Contains("Edge begins to look: the router 192.168.77.1 is asked for ports (pcp, nat-pmp, upnp). That takes some seconds; ask again.", said, StringComparison.Ordinal);
        await Eventually.TrueAsync(async () => (await edge.CommandAsync("way-in")).Output.Contains("makes no mappings: switch on", StringComparison.Ordinal), () => edge.Output);
    }

    [Fact]
    public async Task Settings_that_change_are_taken_over()
    {
        await BeginAsync();
        var edge = await StartAsync("port-mapping: on");
        await ComesInAsync(edge);
        edge.WriteSettings(_ => Settings("port-mapping: {https: 10443, http: off}"));
        await Eventually.TrueAsync(async () => await lab.MappedAsync() is var mapped && mapped.Contains("10443", StringComparison.Ordinal) && !mapped.Contains("dport 80 ", StringComparison.Ordinal), () => edge.Output);
        edge.WriteSettings(_ => Settings("port-mapping: off"));
        await Eventually.TrueAsync(async () => !(await lab.MappedAsync()).Contains(RouterLab.BoxAddress, StringComparison.Ordinal), () => edge.Output);
    }

    [Fact]
    public async Task A_router_behind_another_one_is_told_and_not_published()
    {
        await BeginAsync();
        await lab.UseAddressAsync("100.64.0.2", "100.64.0.1");
        var edge = await StartAsync("port-mapping: on");
        await Eventually.TrueAsync(async () => (await edge.CommandAsync("way-in")).Output.Contains("stands behind another router (double NAT)", StringComparison.Ordinal), () => edge.Output);
        Assert.Contains("stands behind another router", edge.Output, StringComparison.Ordinal);
        Assert.Equal("", await lab.OutsideAsync());
    }

    [Theory]
    [InlineData("pcp")]
    [InlineData("nat-pmp")]
    public async Task A_line_that_is_down_takes_no_name_away_and_is_found_when_it_is_up(string protocol)
    {
        await BeginAsync();
        var edge = await StartAsync($"port-mapping: {{protocols: [{protocol}]}}");
        await ComesInAsync(edge);
        await OutsideIsAsync(edge, RouterLab.FirstAddress);
        await lab.UseAddressAsync(null);
        await Eventually.TrueAsync(async () => (await edge.CommandAsync("way-in")).Output.Contains("has no address on the internet", StringComparison.Ordinal), () => edge.Output);
        Assert.Equal(RouterLab.FirstAddress, await lab.OutsideAsync());
        await lab.UseAddressAsync("5.5.5.4");
        await OutsideIsAsync(edge, "5.5.5.4", UntilSeenOutside);
        await ComesInAsync(edge);
    }

    [Fact]
    public async Task A_router_that_leads_back_inside_proves_the_way()
    {
        await BeginAsync();
        await lab.LeadBackInsideAsync();
        var edge = await StartAsync("port-mapping: {publish: proven}");
        await OutsideIsAsync(edge, RouterLab.FirstAddress);
        Assert.Equal("proven", await WayInAsync(edge, way => Text(way, "state")));
    }

    [Fact]
    public async Task Without_proof_the_rule_decides()
    {
        await BeginAsync();
        var edge = await StartAsync("port-mapping: {publish: proven}");
        await Eventually.TrueAsync(async () => (await edge.CommandAsync("way-in")).Output.Contains("It is not proven that 5.5.5.2 leads here: this machine", StringComparison.Ordinal), () => edge.Output);
        Assert.Equal("", await lab.OutsideAsync());
        edge.WriteSettings(_ => Settings("port-mapping: on"));
        await OutsideIsAsync(edge, RouterLab.FirstAddress);
    }

    [Fact]
    public async Task An_Edge_elsewhere_says_where_we_come_from_and_whether_we_are_reached()
    {
        await BeginAsync();
        var vps = await StartVpsAsync();
        var echo = $"port-mapping: {{echo: 'https://{RouterLab.InternetAddress}/.well-known/edge-address', publish: proven}}";
        var edge = await lab.StartEdgeAsync(lab.Box, Settings(echo), before: process => process.Environment["SSL_CERT_FILE"] = Path.Combine(vps.Folder, "data", "ca", "root.crt"));
        await OutsideIsAsync(edge, RouterLab.FirstAddress);
        var way = (await edge.CommandAsync("way-in")).Output;
        Assert.Contains($"5.5.5.2 leads here: {RouterLab.InternetAddress} came in by port 443", way, StringComparison.Ordinal);

        // Another address, to which the provider lets nobody in: its name is not told.
        await lab.BlockAsync(true);
        try
        {
            await lab.UseAddressAsync(RouterLab.SecondAddress);
            await Eventually.TrueAsync(async () => (await edge.CommandAsync("way-in")).Output.Contains("5.5.5.3 does not lead here", StringComparison.Ordinal), () => edge.Output);
            Assert.Equal("", await lab.OutsideAsync());
        }
        finally
        {
            await lab.BlockAsync(false);
        }

        await OutsideIsAsync(edge, RouterLab.SecondAddress, TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task The_echo_is_no_scanner()
    {
        await BeginAsync();
        await StartVpsAsync();
        var token = new string('a', 32);
        Assert.Equal($"{RouterLab.FirstAddress}\n200", await EchoAsync("GET", ""));
        Assert.EndsWith("400", await EchoAsync("POST", $"port=22&host=nas.example.com&token={token}"), StringComparison.Ordinal);
        Assert.EndsWith("400", await EchoAsync("POST", "port=443&host=nas.example.com&token=short"), StringComparison.Ordinal);
        Assert.EndsWith("400", await EchoAsync("POST", $"port=443&host=evil/path&token={token}"), StringComparison.Ordinal);
        Assert.EndsWith("405", await EchoAsync("DELETE", ""), StringComparison.Ordinal);

        // Whatever it is told, it goes to who asks, says one of few words, and does so seldom.
        Assert.Equal($"{RouterLab.FirstAddress}\nconnection refused\n200", await EchoAsync("POST", $"port=443&host=192-0-2-1.example.com&token={token}&address=192.0.2.1"));
        await Eventually.TrueAsync(async () => (await EchoAsync("POST", $"port=443&host=nas.example.com&token={token}")).EndsWith("429", StringComparison.Ordinal), () => "nobody limits it");
    }

    private Task<string> EchoAsync(string method, string query) => lab.Box.RunAsync(
        "curl", "-sk", "--max-time", "10", "-X", method, "-w", "%{http_code}", $"https://{RouterLab.InternetAddress}/.well-known/edge-address?{query}");

    private Task<EdgeProcess> StartVpsAsync() => lab.StartEdgeAsync(lab.Internet, $"""
        domain: example.com
        node: vps
        views:
          lan:
            addresses: [{RouterLab.InternetAddress}]
        dns:
          listen: [127.0.0.1:53]
          upstreams: [192.0.2.1]
        gateway:
          http: []
          https: [0.0.0.0:443]
        address-echo: on
        """);

    private Task<EdgeProcess> StartAsync(string more) => lab.StartEdgeAsync(lab.Box, Settings(more));

    private static string Unasked(string more) => Settings(more).Replace("addresses: auto", "addresses: 203.0.113.1", StringComparison.Ordinal);

    // Who asks on the box itself is outside: the view of the house is that of the link.
    private static string Settings(string more) => $"""
        domain: example.com
        node: nas
        views:
          lan:
            clients: [192.168.77.0/24]
          public:
            addresses: auto
        dns:
          listen: [0.0.0.0:53]
          upstreams: [192.0.2.1]
        gateway:
          http: [0.0.0.0:80]
          https: [0.0.0.0:443]
        {more}
        """;

    private async Task ComesInAsync(EdgeProcess edge, TimeSpan? patience = null) =>
        await Eventually.TrueAsync(async () => await lab.FetchAsync() == "hello from home", () => $"nobody comes in:\n{edge.Output}", () => edge.HasEnded, patience);

    // All of it, as far as Edge knows: a visitor may come in before it does.
    private static async Task IsMappedAsync(EdgeProcess edge, string protocol) => await Eventually.TrueAsync(
        async () => await WayInAsync(edge, way => string.Equals(Text(way, "protocol"), protocol, StringComparison.OrdinalIgnoreCase) && way.GetProperty("mappings").EnumerateArray().Select(one => Text(one, "state")).SequenceEqual(["mapped", "mapped"])), () => edge.Output);

    private async Task OutsideIsAsync(EdgeProcess edge, string address, TimeSpan? patience = null)
    {
        var watch = Stopwatch.StartNew();
        await Eventually.TrueAsync(async () => await lab.OutsideAsync() == address, () => $"the outside view does not have {address} after {watch.Elapsed}:\n{edge.Output}", () => edge.HasEnded, patience);
    }

    private static async Task<T> WayInAsync<T>(EdgeProcess edge, Func<JsonElement, T> read)
    {
        var said = await edge.CommandAsync("way-in", "--json");
        Assert.True(said.ExitCode == 0, said.Output);
        using var document = JsonDocument.Parse(said.Output);
        return read(document.RootElement);
    }

    private static string? Text(JsonElement of, string name) => of.TryGetProperty(name, out var found) ? found.GetString() : null;

    private Task BeginAsync(bool speaks = true, bool isSecure = true)
    {
        Assert.SkipWhen(lab.Missing is not null, lab.Missing ?? "");
        return lab.BeginAsync(speaks, speaks, isSecure);
    }
}
