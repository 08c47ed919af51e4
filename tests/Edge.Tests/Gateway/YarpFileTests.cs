using System.Net;
using Edge.Gateway;
using Edge.Settings;
using Xunit;

namespace Edge.Tests.Gateway;

/// <summary>Files in YARP's own shape, as JSON and as YAML.</summary>
public sealed class YarpFileTests
{
    [Fact]
    public async Task Path_patterns_and_transforms_work_as_in_YARP()
    {
        await using var backend = await Backend.EchoingAsync();
        await using var gateway = await RunningGateway.StartAsync();
        gateway.ServeFile("api.json", $$"""
            {
              // comments and trailing commas are allowed, as in appsettings.json
              "ReverseProxy": {
                "routes": {
                  "api": {
                    "clusterId": "api",
                    "match": { "hosts": [ "api.example.com" ], "path": "/v1/{**rest}" },
                    "transforms": [ { "PathRemovePrefix": "/v1" }, { "PathPrefix": "/inner" }, { "RequestHeader": "X-Part", "Set": "one" } ],
                  },
                  "pattern": {
                    "ClusterId": "api",
                    "Match": { "Hosts": [ "api.example.com" ], "Path": "/users/{id:int}" },
                    "Transforms": [ { "PathPattern": "/people/{id}" } ]
                  },
                  "rest": {
                    "ClusterId": "api",
                    "Match": { "Hosts": [ "api.example.com" ] },
                    "Transforms": [ { "PathPattern": "/all/{**catchall}" } ]
                  }
                },
                "Clusters": { "api": { "Destinations": { "one": { "Address": "{{backend.Uri}}" } } } }
              },
              "Logging": { "LogLevel": { "Default": "Warning" } }
            }
            """);
        Assert.Empty(gateway.Routes.Problems);

        var seen = await gateway.TextAsync("https://api.example.com/v1/a/b?q=1");
        Assert.StartsWith("GET /inner/a/b?q=1 HTTP/1.1\n", seen);
        Assert.Contains("\nX-Part: one\n", seen);
        Assert.Contains($"\nCDN-Loop: {gateway.Loops.Id}\n", seen);
        Assert.Contains("\nX-Forwarded-Host: api.example.com\n", seen);
        Assert.StartsWith("GET /people/7 ", await gateway.TextAsync("https://api.example.com/users/7"));
        Assert.StartsWith("GET /all/users/x ", await gateway.TextAsync("https://api.example.com/users/x"));
        using var elsewhere = await gateway.GetAsync("https://other.example.com/v1/a");
        Assert.Equal(HttpStatusCode.NotFound, elsewhere.StatusCode);
    }

    [Fact]
    public async Task Session_affinity_keeps_a_client_at_its_destination()
    {
        await using var one = await Backend.SayingAsync("one");
        await using var two = await Backend.SayingAsync("two");
        await using var gateway = await RunningGateway.StartAsync();
        gateway.ServeFile("sticky.yaml", $$"""
            Routes: { sticky: { ClusterId: sticky, Match: { Hosts: [sticky.example.com] } } }
            Clusters:
              sticky:
                LoadBalancingPolicy: RoundRobin
                SessionAffinity: { Enabled: true, Policy: Cookie, AffinityKeyName: EdgeTest }
                Destinations: { one: { Address: "{{one.Uri}}" }, two: { Address: "{{two.Uri}}" } }
            """);
        using var first = await gateway.GetAsync("https://sticky.example.com/");
        var cookie = Assert.Single(first.Headers.GetValues("Set-Cookie")).Split(';')[0];
        var chosen = await first.Content.ReadAsStringAsync(RunningGateway.Cancel);
        using var client = gateway.Client();
        client.DefaultRequestHeaders.Add("Cookie", cookie);
        for (var i = 0; i < 4; i++)
        {
            Assert.Equal(chosen, await client.GetStringAsync("https://sticky.example.com/", RunningGateway.Cancel));
        }
    }

    [Fact]
    public async Task A_bad_route_keeps_what_it_was_and_never_holds_back_the_others()
    {
        await using var gateway = await RunningGateway.StartAsync();
        gateway.ServeFile("all.yaml", File("/kept", "http://192.0.2.1"));
        Assert.Empty(gateway.Routes.Problems);

        gateway.ServeFile("all.yaml", File("/{broken", "http://192.0.2.2") + """
              misspelt: { ClusterId: c, Match: { Pathh: /x } }
              guarded: { ClusterId: c, AuthorizationPolicy: default, Match: { Path: /admin } }
              nowhere: { ClusterId: missing, Match: { Path: /x } }
              wrong: { ClusterId: c, Order: soon, Match: { Path: /y } }
              transform: { ClusterId: c, Match: { Path: /z }, Transforms: [ { Fly: away } ] }
              fresh: { ClusterId: c, Match: { Path: /fresh } }
            """);

        Assert.Equal(["bad", "fresh", "good"], gateway.Routes.Current.Entries.Select(entry => entry.Id).Order());
        Assert.Equal("/kept", gateway.Routes.Current.Entries.Single(entry => entry.Id == "bad").Model.Config.Match.Path);
        Assert.Equal("http://192.0.2.2", RouteReport.Of(gateway.Routes.Current.Entries.Single(entry => entry.Id == "good")).Destinations[0].Address);
        var problems = gateway.Routes.Problems.Select(problem => problem.ToString()).ToList();
        Assert.Contains(problems, problem => problem.StartsWith("proxy-routes/all.yaml:5: Routes.misspelt.Match.Pathh: is not a known key (did you mean \"Path\"?)", StringComparison.Ordinal));
        Assert.Contains(problems, problem => problem.StartsWith("proxy-routes/all.yaml:6: Routes.guarded.AuthorizationPolicy: is not supported", StringComparison.Ordinal));
        Assert.Contains(problems, problem => problem.StartsWith("proxy-routes/all.yaml:7: Routes.nowhere: goes to the cluster \"missing\"", StringComparison.Ordinal));
        Assert.Contains(problems, problem => problem.StartsWith("proxy-routes/all.yaml:8: Routes.wrong.Order: \"soon\" is not a whole number", StringComparison.Ordinal));
        Assert.Contains(problems, problem => problem.StartsWith("proxy-routes/all.yaml:9: Routes.transform: ", StringComparison.Ordinal) && problem.Contains("Fly"));
        Assert.Contains(problems, problem => problem.StartsWith("proxy-routes/all.yaml:3: Routes.bad: ", StringComparison.Ordinal));
        Assert.Equal(6, problems.Count);

        static string File(string badPath, string address) => $$"""
            Clusters: { c: { Destinations: { d: { Address: "{{address}}" } } } }
            Routes:
              bad: { ClusterId: c, Match: { Path: "{{badPath}}" } }
              good: { ClusterId: c, Match: { Path: /good } }

            """;
    }

    [Fact]
    public async Task A_change_is_served_soon_and_a_broken_file_takes_nothing_away()
    {
        await using var one = await Backend.SayingAsync("one");
        await using var two = await Backend.SayingAsync("two");
        var folder = Directory.CreateTempSubdirectory("edge-routes-");
        try
        {
            var file = Path.Combine(folder.FullName, "hello.json");
            Write(file, Json(one.Uri));
            await using var gateway = await RunningGateway.StartAsync(folder: folder.FullName);
            Assert.Equal("one", await gateway.TextAsync("https://hello.example.com/"));

            Write(file, Json(two.Uri));
            await Eventually(async () => await gateway.TextAsync("https://hello.example.com/") == "two");

            Write(file, "{\n  \"Routes\": {\n    oops\n");
            await Eventually(() => Task.FromResult(gateway.Routes.Problems.Length == 1));
            Assert.StartsWith("proxy-routes/hello.json:3: is not JSON", gateway.Routes.Problems[0].ToString());
            Assert.Equal("two", await gateway.TextAsync("https://hello.example.com/"));

            System.IO.File.Delete(file);
            await Eventually(async () => (await gateway.TextAsync("https://hello.example.com/")).StartsWith("404", StringComparison.Ordinal));
            Assert.Empty(gateway.Routes.Problems);
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        static string Json(string address) => $$"""{ "Routes": { "hello": { "ClusterId": "h", "Match": { "Hosts": ["hello.example.com"] } } }, "Clusters": { "h": { "Destinations": { "d": { "Address": "{{address}}" } } } } }""";

        // As editors do it: whole, in one step.
        static void Write(string file, string text)
        {
            var draft = Path.Combine(Path.GetDirectoryName(file)!, $".{Guid.NewGuid():N}");
            System.IO.File.WriteAllText(draft, text);
            System.IO.File.Move(draft, file, overwrite: true);
        }
    }

    [Theory]
    [InlineData("services:\n  a:\n    to: http://192.0.2.1\n")]
    [InlineData("")]
    public void The_short_form_is_left_to_its_own_reader(string yaml)
    {
        var problems = new ProblemList();
        Assert.Null(YarpFileReader.Read("proxy-routes/a.yaml", yaml, problems));
        Assert.False(problems.Any);
    }

    [Fact]
    public void Every_field_of_the_schema_is_understood()
    {
        var problems = new ProblemList();
        var file = YarpFileReader.Read("proxy-routes/full.json", """
            {
              "$schema": "https://json.schemastore.org/appsettings.json",
              "Routes": { "r": { "ClusterId": "c", "Order": 3, "MaxRequestBodySize": 1000000, "Timeout": "00:00:30", "AuthorizationPolicy": "anonymous", "CorsPolicy": "disable",
                "Match": { "Path": "/x/{**y}", "Hosts": [ "*.example.com:8443" ], "Methods": [ "GET" ],
                  "Headers": [ { "Name": "h", "Values": [ "v" ], "Mode": "Contains", "IsCaseSensitive": true } ],
                  "QueryParameters": [ { "Name": "q", "Mode": "Exists" } ] },
                "Metadata": { "Expose": "lan" }, "Transforms": [ { "PathPattern": "/{y}" } ] } },
              "Clusters": { "c": { "LoadBalancingPolicy": "LeastRequests",
                "SessionAffinity": { "Enabled": true, "Policy": "Cookie", "FailurePolicy": "Redistribute", "AffinityKeyName": "k",
                  "Cookie": { "Domain": "d", "Path": "/", "Expiration": "03:00:00", "HttpOnly": true, "IsEssential": true, "MaxAge": "1.00:00:00", "SameSite": "Strict", "SecurePolicy": "Always" } },
                "HealthCheck": { "AvailableDestinationsPolicy": "HealthyOrPanic",
                  "Active": { "Enabled": true, "Interval": "00:00:10", "Timeout": "10s", "Policy": "ConsecutiveFailures", "Path": "/health", "Query": "?x" },
                  "Passive": { "Enabled": true, "Policy": "TransportFailureRate", "ReactivationPeriod": "00:00:10" } },
                "HttpClient": { "SslProtocols": [ "Tls12", "Tls13" ], "DangerousAcceptAnyServerCertificate": true, "MaxConnectionsPerServer": 9, "EnableMultipleHttp2Connections": true,
                  "RequestHeaderEncoding": "utf-8", "ResponseHeaderEncoding": "utf-8", "WebProxy": { "Address": "http://192.0.2.9:3128", "BypassOnLocal": true, "UseDefaultCredentials": false } },
                "HttpRequest": { "ActivityTimeout": "00:02:00", "Version": "2", "VersionPolicy": "RequestVersionOrLower", "AllowResponseBuffering": false },
                "Metadata": { "a": "b" },
                "Destinations": { "d": { "Address": "https://192.0.2.1", "Health": "https://192.0.2.1/h", "Host": "x", "Metadata": { "m": "n" } } } } }
            }
            """, problems);

        Assert.False(problems.Any);
        Assert.Empty(file!.Problems);
        var cluster = Assert.Single(file.Clusters).Config!;
        Assert.Equal(TimeSpan.FromSeconds(10), cluster.HealthCheck!.Active!.Timeout);
        Assert.Equal(new Version(2, 0), cluster.HttpRequest!.Version);
        Assert.Equal(TimeSpan.FromDays(1), cluster.SessionAffinity!.Cookie!.MaxAge);
        Assert.Equal(1_000_000, Assert.Single(file.Routes).Config!.MaxRequestBodySize);
    }

    [Theory]
    [InlineData("HealthyOrPanic")]
    [InlineData("healthyandunknown")]
    [InlineData("")]
    public async Task An_empty_policy_of_destinations_is_the_usual_one(string policy)
    {
        await using var backend = await Backend.SayingAsync("here");
        await using var gateway = await RunningGateway.StartAsync();
        gateway.ServeFile("api.yaml", $$"""
            Routes: { api: { ClusterId: api, Match: { Hosts: [api.example.com] } } }
            Clusters: { api: { HealthCheck: { AvailableDestinationsPolicy: "{{policy}}" }, Destinations: { one: { Address: "{{backend.Uri}}" } } } }
            """);
        Assert.Empty(gateway.Routes.Problems);
        Assert.Equal("here", await gateway.TextAsync("https://api.example.com/"));
    }

    [Fact]
    public async Task A_route_may_limit_what_it_takes_and_a_change_of_only_the_limit_counts()
    {
        await using var backend = await Backend.StartAsync(context => context.Request.Body.CopyToAsync(context.Response.Body));
        await using var gateway = await RunningGateway.StartAsync();
        using var client = gateway.Client();
        foreach (var (limit, expected) in new[] { (10, HttpStatusCode.RequestEntityTooLarge), (1000, HttpStatusCode.OK) })
        {
            gateway.ServeFile("small.yaml", $$"""
                Routes: { small: { ClusterId: small, MaxRequestBodySize: {{limit}}, Match: { Hosts: [small.example.com] } } }
                Clusters: { small: { Destinations: { one: { Address: "{{backend.Uri}}" } } } }
                """);
            using var response = await client.PostAsync("https://small.example.com/", new StringContent(new string('x', 100)), RunningGateway.Cancel);
            Assert.Equal(expected, response.StatusCode);
        }
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("HttpRequest: { ActivityTimeout: 30s }, ", false)]
    public async Task Silence_ends_no_WebSocket_and_no_event_stream_unless_the_cluster_says_so(string request, bool unlimited)
    {
        await using var gateway = await RunningGateway.StartAsync();
        gateway.ServeFile("idle.yaml", $$"""
            Routes: { idle: { ClusterId: idle, Match: { Hosts: [idle.example.com] } } }
            Clusters: { idle: { {{request}}Destinations: { one: { Address: "http://192.0.2.1" } } } }
            """);
        var entry = Assert.Single(gateway.Routes.Current.Entries);
        Assert.Equal(unlimited, entry.Streaming.ActivityTimeout > TimeSpan.FromDays(20));
        Assert.Equal(unlimited ? null : TimeSpan.FromSeconds(30), entry.Ordinary.ActivityTimeout);
    }

    [Fact]
    public async Task A_route_says_how_long_a_request_may_take()
    {
        await using var slow = await Backend.StartAsync(context => Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted));
        await using var gateway = await RunningGateway.StartAsync();
        gateway.ServeFile("slow.yaml", File("00:00:00.300"));
        using var response = await gateway.GetAsync("https://slow.example.com/");
        Assert.Equal(HttpStatusCode.GatewayTimeout, response.StatusCode);

        // A change is one, and what is none keeps what was said before.
        gateway.ServeFile("slow.yaml", File("1s"));
        Assert.Equal(TimeSpan.FromSeconds(1), Assert.Single(gateway.Routes.Current.Entries).Policy!.RequestTimeout);
        gateway.ServeFile("slow.yaml", File("0s"));
        Assert.Contains("proxy-routes/slow.yaml:1: Routes.slow", Assert.Single(gateway.Routes.Problems).ToString(), StringComparison.Ordinal);
        Assert.Equal(TimeSpan.FromSeconds(1), Assert.Single(gateway.Routes.Current.Entries).Policy!.RequestTimeout);

        string File(string timeout) => $$"""
            Routes: { slow: { ClusterId: slow, Timeout: "{{timeout}}", Match: { Hosts: [slow.example.com] } } }
            Clusters: { slow: { Destinations: { one: { Address: "{{slow.Uri}}" } } } }
            """;
    }

    [Fact]
    public async Task A_time_longer_than_timers_know_ends_nothing()
    {
        await using var backend = await Backend.SayingAsync("b");
        await using var gateway = await RunningGateway.StartAsync();
        gateway.ServeFile("slow.yaml", $$"""
            Routes: { slow: { ClusterId: slow, Timeout: "60.00:00:00", Match: { Hosts: [slow.example.com] } } }
            Clusters: { slow: { Destinations: { one: { Address: "{{backend.Uri}}" } } } }
            """);
        Assert.Equal("b", await gateway.TextAsync("https://slow.example.com/"));
    }

    private static async Task Eventually(Func<Task<bool>> condition)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(RunningGateway.Cancel);
        deadline.CancelAfter(TimeSpan.FromSeconds(20));
        while (!await condition())
        {
            await Task.Delay(20, deadline.Token);
        }
    }
}
