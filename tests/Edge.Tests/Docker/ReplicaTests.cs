using Edge.Docker;
using Edge.Services.Routing;
using Edge.Tests.Whole;
using Xunit;
using Eventually = Edge.Tests.Certificates.Eventually;

namespace Edge.Tests.Docker;

/// <summary>Several containers of one service, and containers that are started again or made anew: who has the names.</summary>
public sealed class ReplicaTests
{
    private const string Compose = "com.docker.compose.project=shop | com.docker.compose.service=web";
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(5);

    [Fact]
    public async Task Containers_of_one_compose_service_share_what_comes()
    {
        await using var engine = await new FakeEngine().StartAsync();
        for (var i = 1; i <= 3; i++)
        {
            engine.Set($"c{i}", $"edge.to=80 | {Compose}", name: $"shop-web-{i}");
        }

        await using var followed = await FollowedAsync(engine, Long);
        Assert.Equal(("web", "compose service shop/web", 3, 0), (followed.Served, Service(followed).Where, Service(followed).To.Distinct().Count(), followed.Catalog.Current.Conflicts.Length));
        Assert.EndsWith("3 of 3 containers share what comes: shop-web-1, shop-web-2, shop-web-3", Service(followed).Remark, StringComparison.Ordinal);

        // One that cannot answer gets nothing, and the others go on.
        engine.Set("c1", $"edge.to=80 | {Compose}", "paused", name: "shop-web-1");
        engine.Say("pause", "c1");
        await Eventually.TrueAsync(() => Service(followed).To.Length == 2, () => Told(followed));
        Assert.Null(Service(followed).Routing);
        engine.Remove("c2");
        engine.Say("destroy", "c2");
        await Eventually.TrueAsync(() => Service(followed).To.Length == 1, () => Told(followed));
        engine.Set("c3", $"edge.to=80 | {Compose}", health: "starting", name: "shop-web-3");
        engine.Say("health_status", "c3");
        await Eventually.TrueAsync(() => Waits(followed) == "starting", () => Told(followed));
        Assert.Equal("", followed.Problems);
    }

    [Theory]
    [InlineData("edge.routes=[{path: /api/*, to: 81}] | edge.to=80", "/api/*: 2; : 2")]
    [InlineData("edge.to=[{url: 'http://:80', weight: 3}]", ": 2")]
    public async Task Each_route_leads_to_all_of_them(string labels, string routes)
    {
        await using var engine = await new FakeEngine().StartAsync();
        engine.Set("c1", $"{labels} | {Compose}");
        engine.Set("c2", $"{labels} | {Compose}");
        await using var followed = await FollowedAsync(engine, Long);
        Assert.Equal(routes, string.Join("; ", Service(followed).Routing!.Routes.OrderBy(route => route.Field.Length == 0).Select(route => $"{route.Match.Text.Replace("path ", "", StringComparison.Ordinal)}: {route.To.Count}")));
    }

    [Fact]
    public async Task A_container_of_compose_run_is_no_replica()
    {
        await using var engine = await new FakeEngine().StartAsync();
        engine.Set("c1", $"edge.to=80 | {Compose}");
        engine.Set("c2", $"edge.to=80 | {Compose} | com.docker.compose.oneoff=True", name: "shop-web-run-1");
        await using var followed = await FollowedAsync(engine, Long);
        Assert.Single(Service(followed).To);
        Assert.Equal("container shop-web-run-1", Assert.Single(followed.Catalog.Current.Conflicts).Lost.Where);
    }

    [Fact]
    public async Task While_labels_are_exchanged_the_older_containers_have_the_names()
    {
        await using var engine = await new FakeEngine().StartAsync();
        engine.Set("c1", $"edge.to=80 | {Compose}");
        engine.Set("c2", $"edge.to=81 | {Compose}", name: "shop-web-2");
        await using var followed = await FollowedAsync(engine, Long);
        Assert.Equal(80, Assert.Single(Service(followed).To).Port);
        Assert.Equal("compose service shop/web, container shop-web-2 c2", Assert.Single(followed.Catalog.Current.Conflicts).Lost.Where);
        engine.Remove("c1");
        engine.Say("destroy", "c1");
        await Eventually.TrueAsync(() => Service(followed).To[0].Port == 81, () => Told(followed));
        Assert.Equal("compose service shop/web", Service(followed).Where);
    }

    [Theory]
    [InlineData("started again", "")]
    [InlineData("made anew", "")]
    [InlineData("started again", Compose)]
    [InlineData("made anew", Compose)]
    public async Task Who_is_back_soon_finds_its_host_where_it_was_though_a_rival_waited(string how, string compose)
    {
        await using var engine = await new FakeEngine().StartAsync();
        var labels = $"edge.host=h.nas.example.com{(compose.Length > 0 ? " | " + compose : "")}";
        engine.Set("c1", labels, name: "mine");
        engine.Set("rival", "edge.host=h.nas.example.com");
        await using var followed = await FollowedAsync(engine, Long);
        var mine = Holder(followed);
        engine.Set("c1", labels, "exited", name: "mine");
        engine.Say("die", "c1");
        await Eventually.TrueAsync(() => followed.Catalog.Current.ByHost("h.nas.example.com")!.Routing is not null, () => Told(followed));
        Assert.Equal(mine, Holder(followed));
        Assert.Equal("stopped", (followed.Catalog.Current.ByHost("h.nas.example.com")!.Routing!.Routes[0].Answer as NotReadyAnswer)?.State);
        if (how == "made anew")
        {
            engine.Remove("c1");
            engine.Say("destroy", "c1");
        }

        var back = how == "made anew" ? "c2" : "c1";
        engine.Set(back, labels, name: "mine");
        engine.Say("start", back);
        await Eventually.TrueAsync(() => followed.Catalog.Current.ByHost("h.nas.example.com")!.Routing is null, () => Told(followed));
        Assert.Equal(mine, Holder(followed));
    }

    [Fact]
    public async Task Who_does_not_come_back_leaves_its_host_to_the_rival_after_a_while()
    {
        await using var engine = await new FakeEngine().StartAsync();
        engine.Set("c1", "edge.host=h.nas.example.com", name: "mine");
        engine.Set("rival", "edge.host=h.nas.example.com");
        await using var followed = await FollowedAsync(engine, TimeSpan.FromSeconds(1));
        engine.Remove("c1");
        engine.Say("destroy", "c1");
        await Eventually.TrueAsync(() => Holder(followed) == "container rival", () => Told(followed));
        Assert.Equal("rival", followed.Served);
    }

    [Fact]
    public async Task Settings_that_change_hold_at_once()
    {
        await using var engine = await new FakeEngine().StartAsync();
        await using var other = await new FakeEngine().StartAsync();
        engine.Set("one", "edge.host=a.nas.example.com | edge.name=a");
        engine.Set("two", "edge.host=b.example.com | edge.name=b");
        other.Set("three", "edge.name=c");
        await using var followed = await FollowedAsync(engine, Long);
        Assert.Equal("a", followed.Served);
        var kept = followed.Catalog.Current.ByName("a");
        followed.Source.Use(Engines((engine.Socket, "*.example.com"), (other.Socket, "*.example.com")));
        await followed.ServesAsync("a b c");
        Assert.Same(kept, followed.Catalog.Current.ByName("a"));
        await Eventually.TrueAsync(() => followed.Problems.Length == 0, () => followed.Problems);

        // Rules are for the engine's absence as well.
        await engine.StopAsync();
        followed.Source.Use(Engines((engine.Socket, "b.example.com")));
        await followed.ServesAsync("b");
        await followed.TellsAsync("labels may not claim the host a.nas.example.com (docker: hosts of edge.yaml lets them have b.example.com)");
        Assert.Equal(0, other.Streams);
        followed.Source.Use(new DockerOptions());
        await followed.ServesAsync("");
        Assert.Equal("", followed.Problems);
    }

    [Fact]
    public async Task Containers_are_looked_at_side_by_side_and_never_too_many_at_once()
    {
        Shell.Need("curl", "curl");
        await using var engine = await new FakeEngine().StartAsync();
        for (var i = 0; i < 40; i++)
        {
            engine.Set($"c{i}", $"edge.name=n{i}");
        }

        var (now, most, gate) = (0, 0, new TaskCompletionSource());
        engine.Instead = async (path, _) =>
        {
            if (path.EndsWith("/json", StringComparison.Ordinal) && path != "/containers/json")
            {
                InterlockedMax(ref most, Interlocked.Increment(ref now));

                // Nobody is answered before all who come at once have asked.
                await gate.Task;
                Interlocked.Decrement(ref now);
            }

            return false;
        };
        var starting = FollowedEngine.StartAsync(Long, engine.Socket);
        await Eventually.TrueAsync(() => Volatile.Read(ref now) >= 8, () => $"{now} ask");
        for (var i = 0; i < 5; i++)
        {
            // Whoever else had asked at once would have been heard by now.
            Assert.Equal("OK", await Shell.OutputAsync("curl", "-s", "--unix-socket", engine.Socket, "http://engine/_ping"));
        }

        gate.SetResult();
        await using var followed = await starting;
        await Eventually.TrueAsync(() => followed.Catalog.Current.Count == 40, () => Told(followed));
        Assert.Equal(8, most);
    }

    private static void InterlockedMax(ref int most, int value)
    {
        for (var seen = Volatile.Read(ref most); seen < value; seen = Volatile.Read(ref most))
        {
            Interlocked.CompareExchange(ref most, value, seen);
        }
    }

    private static DockerOptions Engines(params (string Socket, string Hosts)[] engines) =>
        new() { Engines = [.. engines.Select(engine => new EngineOptions { Socket = engine.Socket, Hosts = [engine.Hosts] })] };

    private static async Task<FollowedEngine> FollowedAsync(FakeEngine engine, TimeSpan hold)
    {
        var followed = await FollowedEngine.StartAsync(hold, engine.Socket);
        await Eventually.TrueAsync(() => engine.Streams == 1, () => "nobody listens to events");
        return followed;
    }

    private static Edge.Services.Service Service(FollowedEngine followed) => followed.Catalog.Current.ByName("web")!;

    private static string? Holder(FollowedEngine followed) => followed.Catalog.Current.ByHost("h.nas.example.com")?.Where;

    private static string? Waits(FollowedEngine followed) => (Service(followed).Routing?.Routes[0].Answer as NotReadyAnswer)?.State;

    private static string Told(FollowedEngine followed) => $"{string.Join("; ", followed.Catalog.Current.Services)}\n{followed.Problems}\n{string.Join('\n', followed.Log.Lines)}";
}
