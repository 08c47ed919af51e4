using System.Net;
using Edge.Gateway;
using Xunit;

namespace Edge.Tests.Gateway;

/// <summary>Several destinations share the work, and a dead one is left out.</summary>
public sealed class BalancingTests
{
    [Fact]
    public async Task Destinations_take_turns()
    {
        await using var one = await Backend.SayingAsync("one");
        await using var two = await Backend.SayingAsync("two");
        await using var gateway = await RunningGateway.StartAsync();
        gateway.ServeShort($"services:\n  pair: {{ to: [\"{one.Uri}\", \"{two.Uri}\"], balance: round-robin }}\n");

        var answers = new List<string>();
        for (var i = 0; i < 4; i++)
        {
            answers.Add(await gateway.TextAsync("https://pair.example.com/"));
        }

        Assert.Equal(2, answers.Count(answer => answer == "one"));
        Assert.Equal(2, answers.Count(answer => answer == "two"));
    }

    // RFC 3986 section 6.2.2.1: paths differ by the case of their letters.
    [Fact]
    public async Task Two_destinations_that_differ_in_the_case_of_a_letter_are_two()
    {
        await using var backend = await Backend.EchoingAsync();
        await using var gateway = await RunningGateway.StartAsync();
        gateway.ServeShort($"services:\n  pair: {{ to: [\"{backend.Uri}App\", \"{backend.Uri}app\"], balance: round-robin }}\n");
        Assert.Empty(gateway.Routes.Problems);

        var asked = new List<string>();
        for (var i = 0; i < 4; i++)
        {
            asked.Add((await gateway.TextAsync("https://pair.example.com/x")).Split(' ')[1]);
        }

        Assert.Equal(["/App/x", "/App/x", "/app/x", "/app/x"], asked.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("POST")]
    public async Task Nobody_sees_an_error_when_one_of_two_destinations_is_dead(string method)
    {
        await using var alive = await Backend.StartAsync(context => context.Request.Body.CopyToAsync(context.Response.Body));
        await using var gateway = await RunningGateway.StartAsync();
        gateway.ServeShort($"services:\n  pair: {{ to: [\"http://127.0.0.1:{Backend.DeadPort()}\", \"{alive.Uri}\"], balance: round-robin }}\n");
        using var client = gateway.Client();
        for (var i = 0; i < 6; i++)
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), "https://pair.example.com/");
            request.Content = method == "POST" ? new StringContent("body") : null;
            using var response = await client.SendAsync(request, RunningGateway.Cancel);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal(method == "POST" ? "body" : "", await response.Content.ReadAsStringAsync(RunningGateway.Cancel));
        }

        var report = RouteReport.Of(gateway.Routes.Current.ForHost("pair.example.com")[0]);
        Assert.Equal([("unhealthy", false, 0), ("healthy", true, 0)], report.Destinations.Select(found => (found.Health, found.InUse, found.InFlight)).OrderByDescending(found => found.Health));
    }

    [Fact]
    public async Task Health_outlives_a_change_of_the_service()
    {
        await using var alive = await Backend.SayingAsync("alive");
        await using var more = await Backend.SayingAsync("more");
        await using var gateway = await RunningGateway.StartAsync();
        var dead = $"http://127.0.0.1:{Backend.DeadPort()}/";
        gateway.ServeShort($"services:\n  pair: {{ to: [\"{dead}\", \"{alive.Uri}\"], balance: round-robin }}\n");
        await gateway.TextAsync("https://pair.example.com/");
        await gateway.TextAsync("https://pair.example.com/");

        gateway.ServeShort($"services:\n  pair: {{ to: [\"{dead}\", \"{alive.Uri}\", \"{more.Uri}\"], balance: round-robin }}\n");
        var report = RouteReport.Of(gateway.Routes.Current.ForHost("pair.example.com")[0]);
        Assert.Equal("unhealthy", report.Destinations.Single(found => found.Address == dead).Health);
        Assert.Equal("unknown", report.Destinations.Single(found => found.Address == more.Uri).Health);
    }

    [Fact]
    public async Task When_all_destinations_are_dead_each_is_tried_once_and_then_it_is_said()
    {
        await using var gateway = await RunningGateway.StartAsync();
        gateway.ServeFile("dead.yaml", $$"""
            Routes: { dead: { ClusterId: dead, Match: { Hosts: [dead.example.com] } } }
            Clusters:
              dead:
                Destinations:
                  one: { Address: "http://127.0.0.1:{{Backend.DeadPort()}}" }
                  two: { Address: "http://127.0.0.1:{{Backend.DeadPort()}}" }
                  three: { Address: "http://127.0.0.1:{{Backend.DeadPort()}}" }
            """);
        using var response = await gateway.GetAsync("https://dead.example.com/");
        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
    }
}
