using System.Text.RegularExpressions;
using Edge.Tests.Whole;

namespace Edge.Tests.Docker;

/// <summary>Containers of a real engine come and go, and with them names, certificates and routes: the same for each engine.</summary>
public abstract class EngineTests(EngineLab lab)
{
    private const string Hello = "hello from a container\n\n200";

    private protected EngineLab Lab
    {
        get
        {
            Assert.SkipWhen(lab.Missing is not null, lab.Missing ?? "");
            return lab;
        }
    }

    [Fact]
    public async Task A_container_that_starts_is_served_and_one_that_stops_is_not()
    {
        await Lab.RunAsync("came", "--label", "edge.expose=lan");
        await AnswersAsync("came.nas.example.com", Hello);
        Assert.Equal("192.168.1.10", await Lab.AddressAsync("came.nas.example.com"));
        var told = await ToldAsync("came");
        Assert.Matches(@"^came \(container came\)", told);
        Assert.Matches(@"(?m)^  source +docker$", told);
        Assert.Matches(@"(?m)^  state +live$", told);
        Assert.Matches(@"(?m)^    reached at its address in the network \w+, which this machine shares$", told);
        Assert.Contains("in the network", (await Lab.Edge.CommandAsync("explain", "came.nas.example.com")).Output, StringComparison.Ordinal);

        await Lab.EngineAsync("stop", "-t", "0", "came");
        await AnswersAsync("came.nas.example.com", "There is no service named came.nas.example.com here");
        await Lab.EngineAsync("start", "came");
        await AnswersAsync("came.nas.example.com", Hello);
        await Lab.EngineAsync("rm", "-f", "came");
        await AnswersAsync("came.nas.example.com", "There is no service named");
    }

    [Fact]
    public async Task A_container_that_is_paused_has_its_name_and_says_so()
    {
        await Lab.RunAsync("napper", "--label", "edge.to=8080");
        await AnswersAsync("napper.nas.example.com", Hello);
        await Lab.EngineAsync("pause", "napper");
        await AnswersAsync("napper.nas.example.com", "napper is paused.");
        Assert.EndsWith("503", await Lab.PageAsync("napper.nas.example.com"), StringComparison.Ordinal);
        Assert.Equal("192.168.1.10", await Lab.AddressAsync("napper.nas.example.com"));
        Assert.Matches(@"(?m)^  state +paused$", await ToldAsync("napper"));
        await Lab.EngineAsync("unpause", "napper");
        await AnswersAsync("napper.nas.example.com", Hello);
    }

    [Fact]
    public async Task Containers_of_a_scaled_service_share_what_comes_and_who_is_made_anew_keeps_its_host()
    {
        string[] labels = ["--label", "com.docker.compose.project=shop", "--label", "com.docker.compose.service=till", "--label", "edge.to=8080"];
        foreach (var name in (string[])["shop-till-1", "shop-till-2"])
        {
            await Lab.RunAsync(name, labels, ["/bin/sh", "-c", "mkdir -p /tmp/own; hostname > /tmp/own/index.html; exec httpd -f -p 8080 -h /tmp/own"]);
        }

        var seen = new HashSet<string>();
        await Eventually.TrueAsync(async () => seen.Add(await Lab.PageAsync("till.nas.example.com")) is var _ && seen.Count(page => page.EndsWith("200", StringComparison.Ordinal)) == 2, () => string.Join('\n', seen));
        await Lab.RunAsync("till-rival", "--label", "edge.host=till.nas.example.com");
        await Lab.EngineAsync("rm", "-f", "shop-till-1", "shop-till-2");
        await AnswersAsync("till.nas.example.com", "does not run at the moment");
        await Lab.RunAsync("shop-till-3", labels);
        await AnswersAsync("till.nas.example.com", Hello);
        Assert.Contains("compose service shop/till", await ToldAsync("till"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_container_gets_another_name()
    {
        await Lab.RunAsync("old_name", "--label", "edge.to=8080");
        await AnswersAsync("old-name.nas.example.com", Hello);
        await Lab.EngineAsync("rename", "old_name", "new_name");
        await AnswersAsync("new-name.nas.example.com", Hello);
        await AnswersAsync("old-name.nas.example.com", "There is no service named");
    }

    [Fact]
    public async Task The_network_that_labels_name_is_taken_as_soon_as_the_container_is_in_it()
    {
        await Lab.EngineAsync("network", "create", "proxy");
        await Lab.RunAsync("netted", "--label", "edge.network=proxy");
        await Eventually.TrueAsync(async () => (await Lab.Edge.CommandAsync("services")).Output.Contains("it is not in the network proxy that the labels name", StringComparison.Ordinal), () => Lab.Edge.Output);
        await Lab.EngineAsync("network", "connect", "proxy", "netted");
        await AnswersAsync("netted.nas.example.com", Hello);
        Assert.Contains("in the network proxy, which its labels name", await ToldAsync("netted"), StringComparison.Ordinal);
        await Lab.EngineAsync("network", "disconnect", "proxy", "netted");
        await AnswersAsync("netted.nas.example.com", "There is no service named");
    }

    [Fact]
    public async Task Containers_in_the_hosts_network_and_in_anothers_are_reached_there()
    {
        await Lab.RunAsync("hosted", ["--network", "host", "--label", "edge.to=8099"], ["/bin/httpd", "-f", "-p", "8099", "-h", "/www"]);
        await AnswersAsync("hosted.nas.example.com", Hello);
        Assert.Contains("reached at the loopback", await ToldAsync("hosted"), StringComparison.Ordinal);

        await Lab.RunAsync("vpn");
        await Lab.RunAsync("guest", ["--network", "container:vpn", "--label", "edge.to=8081"], ["/bin/httpd", "-f", "-p", "8081", "-h", "/www"]);
        await AnswersAsync("guest.nas.example.com", Hello);
        Assert.Contains("of container vpn, whose network it uses", await ToldAsync("guest"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Several_services_of_one_container_and_a_label_for_somebody_elses_host()
    {
        await Lab.RunAsync("many", "--label", "edge.one.to=8080", "--label", "edge.two.host=[second.nas.example.com, third.nas.example.com]", "--label", "edge.bad.host=mail.example.com");
        foreach (var host in (string[])["one", "second", "third"])
        {
            await AnswersAsync($"{host}.nas.example.com", Hello);
        }

        Assert.Matches(@"container many [0-9a-f]{12}: edge\.bad\.host: labels may not claim the host mail\.example\.com", (await Lab.Edge.CommandAsync("services")).Output);
        Assert.Single(Regex.Matches(Lab.Edge.Output, "may not claim the host mail"));
        await Lab.RunAsync("rival", "--label", "edge.host=second.nas.example.com");
        await Eventually.TrueAsync(async () => Regex.IsMatch((await Lab.Edge.CommandAsync("services")).Output, @"second\.nas\.example\.com of rival \(container rival\) is held by two \(container many\)"), () => Lab.Edge.Output);
        await Lab.EngineAsync("rm", "-f", "many");
        await AnswersAsync("second.nas.example.com", Hello);
    }

    [Fact]
    public async Task An_Edge_that_is_started_again_serves_what_runs()
    {
        await Lab.RunAsync("stayer", "--label", "edge.to=8080");
        await AnswersAsync("stayer.nas.example.com", Hello);
        await Lab.Edge.KillAsync();
        await Lab.RunAsync("newcomer", "--label", "edge.to=8080");
        await Lab.StartEdgeAsync();

        // At once: what runs is learnt before anything is answered.
        Assert.Equal(Hello, await Lab.PageAsync("stayer.nas.example.com"));
        Assert.Equal(Hello, await Lab.PageAsync("newcomer.nas.example.com"));
    }

    [Fact]
    public async Task While_the_engine_is_away_its_containers_are_served()
    {
        await Lab.RunAsync("survivor", "--label", "edge.to=8080");
        await AnswersAsync("survivor.nas.example.com", Hello);
        await Lab.EndEngineAsync("TERM");
        await Eventually.TrueAsync(async () => (await Lab.Edge.CommandAsync("services")).Output.Contains("what its containers declared is served as it was", StringComparison.Ordinal), () => Lab.Edge.Output);
        Assert.Equal(Hello, await Lab.PageAsync("survivor.nas.example.com"));
        await Lab.StartEngineAsync();
        await Lab.RunAsync("after", "--label", "edge.to=8080");
        await AnswersAsync("after.nas.example.com", Hello);
        Assert.Equal(Hello, await Lab.PageAsync("survivor.nas.example.com"));
        Assert.DoesNotContain("served as it was", (await Lab.Edge.CommandAsync("services")).Output, StringComparison.Ordinal);
    }

    private protected async Task AnswersAsync(string host, string page)
    {
        var last = "";
        await Eventually.TrueAsync(
            async () => (last = await Lab.PageAsync(host)).Contains(page, StringComparison.Ordinal),
            () => $"{host} answers \"{last}\", not \"{page}\"\n{Lab.Edge.Output}");
    }

    private protected async Task<string> ToldAsync(string service) => (await Lab.Edge.CommandAsync("services", service)).Output;
}
