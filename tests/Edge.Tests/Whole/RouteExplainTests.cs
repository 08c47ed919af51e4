namespace Edge.Tests.Whole;

/// <summary>Routes of services in the whole program: what a file says, what is served, and what explain says of it.</summary>
public sealed class RouteExplainTests
{
    [Fact]
    public async Task Two_services_share_a_host_and_explain_names_the_route_that_takes_a_url()
    {
        Shell.Need("dig", "bind9-dnsutils");
        await using var edge = EdgeProcess.InExampleFolder();
        await using var site = await Backend.StartAsync("the site");
        await using var api = await Backend.StartAsync("the api");
        await File.WriteAllTextAsync(Path.Combine(edge.Folder, "proxy-routes", "shop.yaml"), $$"""
            services:
              shop:
                host: shop.nas.example.com
                to: {{site.Url}}
                routes:
                  - path: /none/*
                    clients: 192.0.2.0/24
              shop-api:
                host: shop.nas.example.com
                path: /api/*
                to: {{api.Url}}
            """);
        await edge.StartAsync();
        using var browser = edge.Browser();
        Assert.Equal("the site", await browser.GetStringAsync("https://shop.nas.example.com/"));
        Assert.Equal("the api", await browser.GetStringAsync("https://shop.nas.example.com/api/x"));
        Assert.Equal("192.168.1.10", await edge.DigAsync("shop.nas.example.com", "A", "+short"));

        var explained = await edge.CommandAsync("explain", "https://shop.nas.example.com/api/x", "--from", "127.0.0.1");
        Assert.Matches(@"route +service:shop-api for path /api/\* \(proxy-routes/shop\.yaml:8\), which takes this URL\n", explained.Output);
        Assert.Matches(@"route +service:shop \(proxy-routes/shop\.yaml:2\)\n", explained.Output);
        var other = await edge.CommandAsync("explain", "https://shop.nas.example.com/none/x", "--from", "192.0.2.7");
        Assert.Matches(@"route +service:shop\.routes\[0\] for path /none/\*, clients 192\.0\.2\.0/24 \(proxy-routes/shop\.yaml:6\), which takes this URL\n", other.Output);
        var name = await edge.CommandAsync("explain", "shop.nas.example.com", "--from", "127.0.0.1");
        Assert.DoesNotContain("takes this URL", name.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("198.51.100.7", "is not among them, and gets in nowhere here")]
    [InlineData("203.0.113.9", "is among them")]
    public async Task Explain_says_what_a_client_has_to_be_or_to_show(string client, string allowed)
    {
        await using var edge = EdgeProcess.InExampleFolder();
        await File.WriteAllTextAsync(Path.Combine(edge.Folder, "proxy-routes", "guarded.yaml"), """
            services:
              guarded:
                host: guarded.nas.example.com
                to: http://127.0.0.1:9
                allow: [lan, 203.0.113.0/24]
                rate: 10/s
                client-cert: edge
                auth: basic
                users: [ann]
              open:
                host: open.nas.example.com
                to: http://127.0.0.1:9
            """);
        await edge.StartAsync();
        var explained = (await edge.CommandAsync("explain", "guarded.nas.example.com", "--from", client)).Output;
        Assert.Matches($@"access +allow lan, 203\.0\.113\.0/24: {client.Replace(".", @"\.", StringComparison.Ordinal)} {allowed}\n", explained);
        Assert.Matches(@"access +rate 10/s burst 10 for each client\n +access +client-cert edge: a certificate has to be shown\n +access +auth basic, users ann: a login is needed\n", explained);
        Assert.DoesNotContain("access ", (await edge.CommandAsync("explain", "open.nas.example.com", "--from", client)).Output, StringComparison.Ordinal);

        Assert.Equal(0, (await edge.CommandAsync("bans", "add", client, "--for", "1h")).ExitCode);
        Assert.Matches($@"note +{client.Replace(".", @"\.", StringComparison.Ordinal)} is banned until \S+ \S+Z \(.*\): gateway and DNS refuse it", (await edge.CommandAsync("explain", "open.nas.example.com", "--from", client)).Output);
    }

    [Fact]
    public async Task A_route_that_gets_nothing_is_told_by_check_log_and_explain_with_both_places()
    {
        await using var edge = EdgeProcess.InExampleFolder();
        await File.WriteAllTextAsync(Path.Combine(edge.Folder, "proxy-routes", "own.yaml"), "Clusters: { c: { Destinations: { d: { Address: 'http://127.0.0.1:9' } } } }\nRoutes:\n  mine: { ClusterId: c, Match: { Hosts: [photos.nas.example.com] } }\n");
        const string told = "proxy-routes/own.yaml:3: Routes.mine: asks for the same requests of photos.nas.example.com as the service photos (proxy-routes/photos.yaml:5), which gets them: services come before routes in YARP's form";
        var check = await edge.CommandAsync("check");
        Assert.Equal(1, check.ExitCode);
        Assert.Contains(told, check.Output, StringComparison.Ordinal);
        await edge.StartAsync();
        await Eventually.TrueAsync(() => Task.FromResult(edge.Output.Contains($"WRN {told}", StringComparison.Ordinal)), () => edge.Output);
        Assert.Contains(told, (await edge.CommandAsync("explain", "https://photos.nas.example.com/", "--from", "127.0.0.1")).Output, StringComparison.Ordinal);
        Assert.DoesNotContain(told, (await edge.CommandAsync("explain", "nas.example.com", "--from", "127.0.0.1")).Output, StringComparison.Ordinal);
    }
}
