using Edge.Docker;
using Edge.Services;
using Edge.Tests.Certificates;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Edge.Tests.Docker;

/// <summary>An engine that comes, goes, lies and breaks off: what is served is what its containers say, or what they said last.</summary>
public sealed class EngineFollowerTests
{
    [Fact]
    public async Task What_runs_at_the_start_is_served_when_loading_has_ended()
    {
        await using var engine = await new FakeEngine().StartAsync();
        engine.Set("one", "edge.name=a");
        engine.Set("two", "other=1");
        engine.Set("three", "edge.name=c", "exited");
        await using var followed = await FollowedEngine.StartAsync(engine.Socket);
        Assert.Equal("a", followed.Served);
        Assert.DoesNotContain("/v1.41/containers/two/json", engine.Asked);
    }

    [Fact]
    public async Task Other_settings_that_cannot_be_taken_are_told_and_tried_again_and_what_comes_later_is_taken()
    {
        await using var one = await new FakeEngine().StartAsync();
        await using var two = await new FakeEngine().StartAsync();
        one.Set("one", "edge.name=a");
        two.Set("two", "edge.name=b");
        await using var followed = await FollowedEngine.StartAsync(one.Socket, two.Socket);
        await followed.ServesAsync("a b");
        var failures = 1;
        followed.Source.Changed += () =>
        {
            if (Interlocked.Decrement(ref failures) >= 0)
            {
                throw new InvalidOperationException("nobody expected this");
            }
        };
        followed.Source.Use(Options(two.Socket));
        await Eventually.TrueAsync(() => followed.Log.Lines.Any(line => line.StartsWith("Error 2104 ", StringComparison.Ordinal)), () => string.Join('\n', followed.Log.Lines));
        await followed.ServesAsync("b");
        followed.Source.Use(Options(one.Socket));
        await followed.ServesAsync("a");

        static DockerOptions Options(string socket) => new() { Engines = [new EngineOptions { Socket = socket, Hosts = ["*.nas.example.com"], Hold = TimeSpan.FromMilliseconds(300) }] };
    }

    [Fact]
    public async Task What_happens_to_a_container_is_followed_by_either_engines_words()
    {
        await using var engine = await new FakeEngine().StartAsync();
        await using var followed = await FollowedAsync(engine);
        foreach (var (action, state, health, serves) in ((string, string?, string?, string)[])
        [
            ("create", "created", null, ""), ("start", "running", null, "a"), ("die", "exited", null, ""), ("start", "running", null, "a"), ("died", "exited", null, ""),
            ("die", "restarting", null, "a closed"), ("start", "running", null, "a"),
            ("restart", "running", "starting", "a closed"), ("health_status: healthy", "running", "healthy", "a"), ("health_status", "running", "unhealthy", "a closed"),
            ("health_status", "running", "healthy", "a"), ("pause", "paused", "healthy", "a closed"), ("unpause", "running", "", "a"), ("remove", null, null, ""),
            ("start", "running", null, "a"), ("destroy", null, null, ""),
        ])
        {
            if (state is null)
            {
                engine.Remove("one");
            }
            else
            {
                engine.Set("one", "edge.name=a", state, health);
            }

            engine.Say(action, "one");
            await Eventually.TrueAsync(() => Said(followed) == serves, () => $"{action}: \"{Said(followed)}\", not \"{serves}\"");
        }
    }

    [Fact]
    public async Task A_new_name_is_a_new_service()
    {
        await using var engine = await new FakeEngine().StartAsync();
        engine.Set("one", "edge.to=80", name: "old");
        await using var followed = await FollowedAsync(engine);
        Assert.Equal("old", followed.Served);
        engine.Set("one", "edge.to=80", name: "new_name");
        engine.Say("rename", "one");
        await followed.ServesAsync("new-name");
    }

    [Theory]
    [InlineData("""{"Type":"network","Action":"connect","Actor":{"ID":"net","Attributes":{"container":"one"}}}""")]
    [InlineData("""{"Type":"network","Action":"connect","Actor":{"ID":"one","Attributes":{"name":"web"}}}""")]
    [InlineData("""{"status":"start","id":"one"}""")]
    [InlineData("{\"Type\":\"container\",\"Action\":\"start\",\"Actor\":{\"ID\":\"one\"},\"more\":[1,{\"x\":null}]}\r")]
    public async Task Networks_and_older_engines_name_the_container_elsewhere(string line)
    {
        await using var engine = await new FakeEngine().StartAsync();
        await using var followed = await FollowedAsync(engine);
        engine.Set("one", "edge.name=a");
        engine.SayLine(line + "\n");
        await followed.ServesAsync("a");
    }

    [Fact]
    public async Task Health_checks_that_run_are_no_reason_to_look()
    {
        await using var engine = await new FakeEngine().StartAsync();
        await using var followed = await FollowedAsync(engine);
        foreach (var action in (string[])["exec_create: /bin/true", "exec_start: /bin/true", "exec_die"])
        {
            engine.Say(action, "quiet");
        }

        engine.Set("loud", "edge.name=a");
        engine.Say("start", "loud");
        await followed.ServesAsync("a");
        Assert.DoesNotContain(engine.Asked, path => path.Contains("quiet", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("health_status")]
    [InlineData("exec_died")]
    public async Task What_is_told_before_it_is_to_be_seen_is_looked_at_a_second_time(string action)
    {
        await using var engine = await new FakeEngine().StartAsync();
        engine.Set("one", "edge.name=a", health: "starting");
        await using var followed = await FollowedAsync(engine);
        var looked = engine.Asked.Count(path => path.EndsWith("/one/json", StringComparison.Ordinal));
        engine.Say(action, "one");
        await Eventually.TrueAsync(() => engine.Asked.Count(path => path.EndsWith("/one/json", StringComparison.Ordinal)) > looked, () => "not looked at");
        engine.Set("one", "edge.name=a", health: "healthy");
        await Eventually.TrueAsync(() => Said(followed) == "a", () => Said(followed));
    }

    [Fact]
    public async Task Events_that_are_lost_are_made_up_for_when_the_stream_is_opened_again()
    {
        await using var engine = await new FakeEngine().StartAsync();
        engine.Set("one", "edge.name=a");
        await using var followed = await FollowedAsync(engine);
        engine.Remove("one");
        engine.Set("two", "edge.name=b");
        engine.EndStreams();
        await followed.ServesAsync("b");
    }

    [Fact]
    public async Task What_happens_between_opening_the_stream_and_the_list_is_not_lost()
    {
        await using var engine = await new FakeEngine().StartAsync();
        engine.Instead = async (path, context) =>
        {
            // The second list is that of whoever follows: it was made before the container came, and is sent after.
            if (path == "/containers/json" && engine.Asked.Count(asked => asked.EndsWith(path, StringComparison.Ordinal)) == 2)
            {
                engine.Set("one", "edge.name=a");
                engine.Say("start", "one");
                await context.Response.WriteAsync("[]");
                return true;
            }

            return false;
        };
        await using var followed = await FollowedEngine.StartAsync(engine.Socket);
        await followed.ServesAsync("a");
    }

    [Fact]
    public async Task While_the_engine_is_away_what_it_declared_stays_and_its_return_changes_only_what_changed()
    {
        await using var engine = await new FakeEngine().StartAsync();
        engine.Set("one", "edge.name=a");
        engine.Set("two", "edge.name=b");
        await using var followed = await FollowedAsync(engine);
        var kept = followed.Catalog.Current.ByName("a");
        await engine.StopAsync();
        await followed.TellsAsync("what its containers declared is served as it was");
        Assert.Equal("a b", followed.Served);

        engine.Remove("two");
        engine.Set("three", "edge.name=c");
        engine.ApiVersion = "1.43";
        await engine.StartAsync();
        await followed.ServesAsync("a c");
        Assert.Same(kept, followed.Catalog.Current.ByName("a"));
        await Eventually.TrueAsync(() => followed.Problems.Length == 0, () => followed.Problems);
        Assert.Contains("/v1.43/containers/json", engine.Asked);
        Assert.Single(followed.Log.Lines, line => line.Contains("answers again", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("is not there at all", "is not there")]
    [InlineData("has nobody behind it", "has nobody behind it")]
    public async Task A_socket_without_an_engine_is_told_and_nothing_waits_for_it(string why, string told)
    {
        await using var engine = new FakeEngine();
        if (why.StartsWith("has", StringComparison.Ordinal))
        {
            using var socket = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Unspecified);
            socket.Bind(new System.Net.Sockets.UnixDomainSocketEndPoint(engine.Socket));
            socket.Dispose();
            File.WriteAllText(engine.Socket + ".x", "");
            using var left = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Unspecified);
            File.Delete(engine.Socket);
            left.Bind(new System.Net.Sockets.UnixDomainSocketEndPoint(engine.Socket));
            await using var refused = await FollowedEngine.StartAsync(engine.Socket);
            Assert.Contains(told, refused.Problems, StringComparison.Ordinal);
            return;
        }

        await using var followed = await FollowedEngine.StartAsync(engine.Socket);
        Assert.Contains(told, followed.Problems, StringComparison.Ordinal);
        engine.Set("one", "edge.name=a");
        await engine.StartAsync();
        await followed.ServesAsync("a");
    }

    [Theory]
    [InlineData("a 500 at the list", "/containers/json", "answers /containers/json with 500: overloaded")]
    [InlineData("a 500 at the events", "/events", "answers /events with 500: overloaded")]
    [InlineData("a 500 at the greeting", "/_ping", "answers /_ping with 500: overloaded")]
    [InlineData("half of a list", "/containers/json half", "answers /containers/json with what cannot be read")]
    [InlineData("a list that breaks off", "/containers/json cut", "breaks off")]
    [InlineData("a list that is none", "/containers/json {}", "answers /containers/json with what cannot be read")]
    [InlineData("a list of something else", "/containers/json [7]", "answers /containers/json with what cannot be read")]
    [InlineData("an endless list", "/containers/json endless", "answers with more than 64 MiB")]
    [InlineData("a version that is none", "/_ping version", "says \"new\" for its API version, which is none")]
    [InlineData("a version that is too old", "/_ping old", "speaks API version 1.12; 1.24 is the oldest that will do")]
    public async Task A_bad_answer_is_told_and_takes_nothing_away(string why, string bad, string told)
    {
        await using var engine = await new FakeEngine().StartAsync();
        engine.Set("one", "edge.name=a");
        await using var followed = await FollowedAsync(engine);
        var words = bad.Split(' ', 2);
        engine.Instead = async (path, context) => path == words[0] && await SpoilAsync(words.ElementAtOrDefault(1) ?? "", context);
        engine.EndStreams();
        await followed.TellsAsync(told);
        engine.Set("two", "edge.name=b");
        Assert.True(followed.Served == "a", why);
        engine.Instead = null;
        await followed.ServesAsync("a b");
        Assert.Single(followed.Log.Lines, line => line.Contains(told, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("a line that is no JSON", "{\"Type\":\n")]
    [InlineData("a list for an event", "[1]\n")]
    [InlineData("a line without an end", "long")]
    public async Task A_bad_event_is_told_and_everything_is_looked_at_anew(string why, string line)
    {
        await using var engine = await new FakeEngine().StartAsync();
        engine.Set("one", "edge.name=a");
        await using var followed = await FollowedAsync(engine);
        engine.Set("two", "edge.name=b");
        engine.SayLine(line == "long" ? new string('x', (1 << 20) + 1) : line);
        await followed.ServesAsync("a b");
        Assert.True(followed.Log.Lines.Any(said => said.Contains("tells of an event", StringComparison.Ordinal)), why);
    }

    [Theory]
    [InlineData("a 500", "", "answers /containers/bad/json with 500: overloaded")]
    [InlineData("more than fits", "endless", "answers with more than 4 MiB")]
    [InlineData("no JSON", "half", "answers /containers/bad/json with what cannot be read")]
    public async Task One_container_that_cannot_be_looked_at_keeps_what_it_said_and_the_others_are_followed(string why, string bad, string told)
    {
        await using var engine = await new FakeEngine().StartAsync();
        engine.Set("bad", "edge.name=a", name: "photos");
        await using var followed = await FollowedAsync(engine);
        engine.Instead = async (path, context) => path == "/containers/bad/json" && await SpoilAsync(bad, context);
        engine.Set("two", "edge.name=b");
        engine.EndStreams();
        await followed.ServesAsync("a b");
        await followed.TellsAsync($"container photos bad: cannot be looked at: {engine.Socket} {told}");
        Assert.DoesNotContain("docker: ", followed.Problems, StringComparison.Ordinal);

        // By what is told over the stream, which an engine in trouble would have lost.
        await Eventually.TrueAsync(() => engine.Streams == 1, () => why);
        var lists = engine.Asked.Count(path => path.EndsWith("/containers/json", StringComparison.Ordinal));
        for (var number = 0; number < 20; number++)
        {
            engine.Set("two", $"edge.name=b{number}");
            engine.Say("rename", "two");
            engine.Say("rename", "bad");
            await followed.ServesAsync($"a b{number}");
        }

        Assert.Equal((why, lists), (why, engine.Asked.Count(path => path.EndsWith("/containers/json", StringComparison.Ordinal))));
        engine.Instead = null;
        engine.Say("start", "bad");
        await Eventually.TrueAsync(() => followed.Problems.Length == 0, () => followed.Problems);
        Assert.Single(followed.Log.Lines, line => line.Contains("cannot be looked at", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_network_of_a_container_that_cannot_be_looked_at_stays_in_use()
    {
        await using var engine = await new FakeEngine().StartAsync();
        engine.Set("vpn", "");
        engine.Set("one", "edge.name=a", uses: "vpn");
        await using var followed = await FollowedAsync(engine);
        Assert.Equal("a", followed.Served);
        engine.Instead = async (path, context) => path == "/containers/vpn/json" && await SpoilAsync("", context);
        engine.EndStreams();
        await followed.TellsAsync("container vpn: cannot be looked at");
        Assert.Equal("a", followed.Served);
    }

    [Fact]
    public async Task Whatever_goes_wrong_at_the_start_is_told_and_Edge_starts()
    {
        await using var engine = await new FakeEngine().StartAsync();
        engine.Set("one", "edge.name=a");
        var isWrong = true;
        await using var followed = await FollowedEngine.StartAsync(() => Volatile.Read(ref isWrong) ? throw new InvalidOperationException("nobody thought of this") : [System.Net.IPNetwork.Parse("172.17.0.0/16")], engine.Socket);
        Assert.Contains("nobody thought of this", followed.Problems, StringComparison.Ordinal);
        Volatile.Write(ref isWrong, false);
        await followed.ServesAsync("a");
    }

    [Fact]
    public async Task A_container_that_goes_while_it_is_looked_at_is_gone_and_no_trouble()
    {
        await using var engine = await new FakeEngine().StartAsync();
        engine.Set("one", "edge.name=a");
        await using var followed = await FollowedAsync(engine);
        engine.Instead = async (path, context) =>
        {
            if (path != "/containers/one/json")
            {
                return false;
            }

            context.Response.StatusCode = 500;
            await context.Response.WriteAsync("""{"cause":"no such container","message":"container one does not exist in database: no such container","response":500}""");
            return true;
        };
        engine.Say("remove", "one");
        await followed.ServesAsync("");
        Assert.Equal("", followed.Problems);
    }

    [Fact]
    public async Task An_engine_that_has_left_our_version_behind_is_spoken_to_in_its_own()
    {
        await using var engine = await new FakeEngine().StartAsync();
        engine.ApiVersion = "1.77";
        engine.Set("one", "edge.name=a");
        engine.Instead = async (path, context) =>
        {
            if (path == "/_ping" || context.Request.Path.StartsWithSegments("/v1.77", StringComparison.Ordinal))
            {
                return false;
            }

            context.Response.StatusCode = 400;
            await context.Response.WriteAsync("""{"message":"client version 1.51 is too old. Minimum supported API version is 1.70"}""");
            return true;
        };
        await using var followed = await FollowedEngine.StartAsync(engine.Socket);
        Assert.Equal(("a", ""), (followed.Served, followed.Problems));
    }

    [Fact]
    public async Task An_engine_that_says_no_version_is_asked_without_one()
    {
        await using var engine = await new FakeEngine().StartAsync();
        engine.ApiVersion = null;
        engine.Set("one", "edge.name=a");
        await using var followed = await FollowedEngine.StartAsync(engine.Socket);
        Assert.Equal("a", followed.Served);
        Assert.Contains("/containers/json", engine.Asked);
    }

    [Fact]
    public async Task Wrong_labels_are_told_once_and_until_their_container_goes()
    {
        await using var engine = await new FakeEngine().StartAsync();
        engine.Set("one", "edge.host=mail.example.com", name: "web");
        await using var followed = await FollowedAsync(engine);
        Assert.Equal("container web one: edge.host: labels may not claim the host mail.example.com (docker: hosts of edge.yaml lets them have *.nas.example.com)", followed.Problems);
        engine.EndStreams();
        await Eventually.TrueAsync(() => engine.Asked.Count(path => path.EndsWith("/one/json", StringComparison.Ordinal)) >= 3, () => "not looked at again");
        engine.Remove("one");
        engine.EndStreams();
        await Eventually.TrueAsync(() => followed.Problems.Length == 0, () => followed.Problems);
        Assert.Single(followed.Log.Lines, line => line.Contains("may not claim", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Of_two_containers_that_want_a_name_the_older_has_it_and_the_other_has_it_after()
    {
        await using var engine = await new FakeEngine().StartAsync();
        engine.Set("z", "edge.name=a");
        engine.Set("b", "edge.name=a");
        await using var followed = await FollowedAsync(engine);
        Assert.Equal("container z", followed.Catalog.Current.ByName("a")!.Where);
        Assert.Equal("container b", Assert.Single(followed.Catalog.Current.Conflicts).Lost.Where);
        engine.Remove("z");
        engine.Say("destroy", "z");
        await Eventually.TrueAsync(() => followed.Catalog.Current.ByName("a")?.Where == "container b", () => followed.Served);
    }

    [Fact]
    public async Task Two_engines_are_two_parties()
    {
        await using var docker = await new FakeEngine().StartAsync();
        await using var podman = await new FakeEngine().StartAsync();
        docker.Set("one", "edge.name=a | edge.host=h.nas.example.com");
        docker.Set("two", "edge.name=b | edge.host=h.nas.example.com | edge.path=/b/*");
        podman.Set("earlier", "");
        podman.Set("earlier", "");
        podman.Set("three", "edge.name=c | edge.host=h.nas.example.com | edge.path=/c/*");
        await using var followed = await FollowedEngine.StartAsync(docker.Socket, podman.Socket);
        await docker.StopAsync();
        await followed.TellsAsync(docker.Socket);
        Assert.Equal("a b", followed.Served);
        Assert.Equal("c", Assert.Single(followed.Catalog.Current.Conflicts).Lost.Name);
    }

    [Fact]
    public async Task A_thousand_containers_that_come_at_once_are_served()
    {
        await using var engine = await new FakeEngine().StartAsync();
        await using var followed = await FollowedAsync(engine);
        for (var i = 0; i < 1000; i++)
        {
            engine.Set($"c{i}", $"edge.name=n{i}");
            engine.Say("start", $"c{i}");
        }

        await Eventually.TrueAsync(() => followed.Catalog.Current.Count == 1000, () => $"{followed.Catalog.Current.Count}; {followed.Problems}");
    }

    private static async Task<FollowedEngine> FollowedAsync(FakeEngine engine)
    {
        var followed = await FollowedEngine.StartAsync(engine.Socket);
        await Eventually.TrueAsync(() => engine.Streams == 1, () => "nobody listens to events");
        return followed;
    }

    private static string Said(FollowedEngine followed) =>
        string.Join(' ', followed.Catalog.Current.Services.Select((Service service) => service.Name + (service.Remark!.StartsWith("answered with 503", StringComparison.Ordinal) ? " closed" : "")));

    private static async Task<bool> SpoilAsync(string how, HttpContext context)
    {
        switch (how)
        {
            case "":
                context.Response.StatusCode = 500;
                await context.Response.WriteAsync("overloaded");
                break;
            case "half":
                await context.Response.WriteAsync("[{\"Id\":\"one\",\"Labels\":{");
                break;
            case "cut":
                context.Response.ContentLength = 1000;
                await context.Response.WriteAsync("[{\"Id\":\"one\"");
                await context.Response.Body.FlushAsync();
                context.Abort();
                break;
            case "endless":
                var spaces = new byte[1 << 20];
                Array.Fill(spaces, (byte)' ');
                for (var i = 0; i < 66 && !context.RequestAborted.IsCancellationRequested; i++)
                {
                    await context.Response.Body.WriteAsync(spaces);
                }

                break;
            case "version" or "old":
                context.Response.Headers["Api-Version"] = how == "old" ? "1.12" : "new";
                await context.Response.WriteAsync("OK");
                break;
            default:
                await context.Response.WriteAsync(how);
                break;
        }

        return true;
    }
}
