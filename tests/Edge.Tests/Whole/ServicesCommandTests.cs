namespace Edge.Tests.Whole;

/// <summary><c>edge services</c> tells of every service what is known of it, whatever declares it.</summary>
public sealed class ServicesCommandTests
{
    [Fact]
    public async Task Services_of_files_and_of_tokens_are_told_with_all_that_is_known_and_so_are_those_that_lost()
    {
        await using var edge = EdgeProcess.InExampleFolder();
        await using var backend = await Backend.StartAsync("here");
        await File.WriteAllTextAsync(Path.Combine(edge.Folder, "proxy-routes", "mine.yaml"), $"services:\n  mine:\n    to: {backend.Url}\n  late:\n    host: [mine.nas.example.com, late.nas.example.com]\n    to: {backend.Url}\n  none:\n    host: mine.nas.example.com\n    to: {backend.Url}\n  wrong:\n    to: nonsense\n");
        await File.WriteAllTextAsync(Path.Combine(edge.Folder, "proxy-routes", "passed.yaml"), "services:\n  passed:\n    to: tls://127.0.0.1:9\n");
        await File.WriteAllTextAsync(Path.Combine(edge.Folder, "proxy-routes", "own.json"), """{"ReverseProxy": {"Routes": {"lonely": {"ClusterId": "nowhere", "Match": {"Path": "/"}}}}}""");
        edge.WriteSettings(text => text + "\naccess:\n  oidc: { issuer: https://id.example.com, client-id: edge }\n");
        await edge.StartAsync();
        using var api = edge.Api();
        (await api.PutAsync("/v1/services/leased", new StringContent($$"""{"to":"{{backend.Url}}","expose":"lan"}""", System.Text.Encoding.UTF8, "application/json"))).EnsureSuccessStatusCode();
        using var browser = edge.Browser();
        Assert.Equal("here", await browser.GetStringAsync("https://mine.nas.example.com/"));

        var all = (await edge.CommandAsync("services")).Output;
        Assert.Matches(@"(?m)^mine +mine\.nas\.example\.com +http\S+ +everywhere +live +proxy-routes/mine\.yaml:2 +-$", all);
        Assert.Matches(@"(?m)^late +mine\S+, late\S+ +http\S+ +everywhere +partly +proxy-routes/mine\.yaml:4 +-$", all);
        Assert.Matches(@"(?m)^none +mine\S+ +http\S+ +everywhere +lost +proxy-routes/mine\.yaml:7 +-$", all);
        Assert.Matches(@"(?m)^leased +leased\S+ +http\S+ +lan +live +token local-admin +\d+s$", all);
        Assert.Contains("mine.nas.example.com of none (proxy-routes/mine.yaml:7) is held by mine (proxy-routes/mine.yaml:2)", all, StringComparison.Ordinal);
        Assert.Contains("proxy-routes/mine.yaml:11: services.wrong.to", all, StringComparison.Ordinal);

        Assert.Contains("goes to the cluster \"nowhere\", which is not there or not sound", all, StringComparison.Ordinal);
        Assert.Contains("services.passed.to: TLS passes through for passed.nas.example.com, so browsers show it the cookies of logins", all, StringComparison.Ordinal);

        var one = (await edge.CommandAsync("services", "mine")).Output;
        Assert.Matches(@"(?m)^  source +file$", one);
        Assert.Matches(@"(?m)^    lan: 192\.168\.1\.10$", one);
        Assert.Matches(@"(?m)^    public: 203\.0\.113\.10$", one);
        Assert.Matches(@"(?m)^    certificate by internal until \S+ \S+, live$", one);
        Assert.Matches(@"(?m)^  route +live$", one);
        Assert.Matches(@"(?m)^  destination +http\S+ healthy$", one);
        Assert.Matches(@"(?m)^  lease +\d+s$", (await edge.CommandAsync("services", "leased")).Output);
        Assert.Contains("mine.nas.example.com belongs to service mine", (await edge.CommandAsync("services", "none")).Output, StringComparison.Ordinal);
        Assert.Contains("service none (proxy-routes/mine.yaml:7) wants it too and does not get it", (await edge.CommandAsync("explain", "mine.nas.example.com")).Output, StringComparison.Ordinal);
        Assert.NotEqual(0, (await edge.CommandAsync("services", "nobody")).ExitCode);
        Assert.Contains("\"source\": \"api\"", (await edge.CommandAsync("services", "leased", "--json")).Output, StringComparison.Ordinal);
    }
}
