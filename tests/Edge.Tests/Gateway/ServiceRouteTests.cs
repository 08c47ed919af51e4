using System.Net;
using Edge.Gateway;
using Edge.Services;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Edge.Tests.Gateway;

/// <summary>Which of the routes of services takes a request.</summary>
public sealed class ServiceRouteTests : IDisposable
{
    private const string Shop = """
        services:
          shop:
            host: [shop.example.com, "*.shop.example.com"]
            to: http://192.0.2.1
            routes:
              - path: /api/*
              - path: /api/v1/*
              - path: [/api/v1/status, /favicon.ico]
              - path-regex: ^/api/v[0-9]+/users/
              - { path: /api/*, method: [POST, PUT] }
              - { path: /api/*, header: { X-Beta: "*" } }
              - { path: /api/*, query: { v: "2" } }
              - { path: /api/*, clients: [lan, 10.0.0.0/8, "fd00::1"] }
              - { path: /api/*, host: b.shop.example.com }
              - { path: /, header: { X-Old: "" , Accept: "text/*" } }
              - { header: { X-First: now }, priority: 1 }
              - { priority: -1, clients: 10.9.0.0/16 }
        """;

    private readonly ServiceProvider _services;
    private readonly RouteTableManager _routes;

    public ServiceRouteTests()
    {
        _services = new ServiceCollection().AddLogging()
            .AddGateway(new GatewayOptions(), _ => _ => null, _ => client => client.Equals(IPAddress.Parse("192.168.1.7")), null)
            .BuildServiceProvider();
        _routes = _services.GetRequiredService<RouteTableManager>();
    }

    public void Dispose() => _services.Dispose();

    [Theory]
    [InlineData("nothing else asked for", "GET /", "service")]
    [InlineData("below the prefix", "GET /api/x", "routes[0]")]
    [InlineData("the prefix itself", "GET /api", "routes[0]")]
    [InlineData("in any case of letters", "GET /API/x", "routes[0]")]
    [InlineData("a prefix ends at a segment", "GET /apix", "service")]
    [InlineData("the longest prefix", "GET /api/v1/x", "routes[1]")]
    [InlineData("a whole path before any prefix", "GET /api/v1/status", "routes[2]")]
    [InlineData("a whole path is whole", "GET /api/v1/status/", "routes[1]")]
    [InlineData("any of several paths", "GET /favicon.ico", "routes[2]")]
    [InlineData("an expression before any prefix", "GET /api/v1/users/7", "routes[3]")]
    [InlineData("an expression that does not match", "GET /api/vx/users/7", "routes[0]")]
    [InlineData("the method", "POST /api/x", "routes[4]")]
    [InlineData("a header", "GET /api/x X-Beta=1", "routes[5]")]
    [InlineData("the method before the header", "PUT /api/x X-Beta=1", "routes[4]")]
    [InlineData("the query", "GET /api/x?v=2", "routes[6]")]
    [InlineData("another query", "GET /api/x?v=22", "routes[0]")]
    [InlineData("a client in a network", "GET /api/x from=10.1.2.3", "routes[7]")]
    [InlineData("a client in IPv6 dress", "GET /api/x from=::ffff:10.1.2.3", "routes[7]")]
    [InlineData("a client by its address", "GET /api/x from=fd00::1", "routes[7]")]
    [InlineData("a client of the LAN", "GET /api/x from=192.168.1.7", "routes[7]")]
    [InlineData("a client elsewhere", "GET /api/x from=192.168.1.8", "routes[0]")]
    [InlineData("a host of its own", "GET /api/x host=b.shop.example.com", "routes[8]")]
    [InlineData("a header that is not there", "GET / Accept=text/html", "routes[9]")]
    [InlineData("a header that is there", "GET / Accept=text/html X-Old=1", "service")]
    [InlineData("a header that begins otherwise", "GET / Accept=image/png", "service")]
    [InlineData("priority before everything", "GET /api/v1/status X-First=now", "routes[10]")]
    [InlineData("a low priority is behind even the service", "GET /zzz from=10.9.0.1", "service")]
    public void The_most_specific_takes_it(string why, string request, string expected)
    {
        _routes.Apply(new ServiceSet(1, ShortForm.Services(Shop), []));
        Assert.Empty(_routes.Problems);
        var id = _routes.Current.Find(Context(request), _ => false, out _)?.Id;
        Assert.True((expected == "service" ? "service:shop" : "service:shop." + expected) == id, $"{why}: {id}");
    }

    [Theory]
    [InlineData("one.wild.example.com", "/api/x", "service:one")]
    [InlineData("two.wild.example.com", "/api/x", "service:wild.routes[0]")]
    [InlineData("two.wild.example.com", "/", "service:wild")]
    public void A_wildcard_does_not_reach_into_a_host_that_a_service_has_by_name(string host, string path, string expected)
    {
        _routes.Apply(new ServiceSet(1, ShortForm.Services("""
            services:
              wild: { host: "*.wild.example.com", to: http://192.0.2.1, routes: [ { path: /api/* } ] }
              one: { host: one.wild.example.com, to: http://192.0.2.2 }
            """), []));
        Assert.Equal(expected, _routes.Current.Find(Context($"GET {path} host={host}"), _ => false, out _)?.Id);
    }

    [Fact]
    public void Services_of_one_host_go_by_path_and_each_route_to_its_own_destination()
    {
        _routes.Apply(new ServiceSet(1, ShortForm.Services("""
            services:
              site: { host: shop.example.com, to: http://192.0.2.1 }
              api: { host: shop.example.com, path: /api/*, to: http://192.0.2.2, routes: [ { path: /api/v2/*, to: http://192.0.2.3 } ] }
            """), []));
        Assert.Empty(_routes.Problems);
        Assert.Equal(["http://192.0.2.1/", "http://192.0.2.2/", "http://192.0.2.3/"],
            new[] { "/", "/api", "/api/v2/x" }.Select(path => RouteReport.Of(_routes.Current.Find(Context("GET " + path), _ => false, out _)!).Destinations.Single().Address));
    }

    [Fact]
    public void Two_routes_that_ask_for_the_same_are_told_with_both_places()
    {
        _routes.Apply(new ServiceSet(1, ShortForm.Services("""
            services:
              site:
                host: shop.example.com
                to: http://192.0.2.1
                routes:
                  - { path: [/a, /api/*], to: http://192.0.2.2 }
                  - { path: /api/*, to: http://192.0.2.3 }
                  - { path: /api/*, to: http://192.0.2.3, priority: 1 }
            """), []));
        Assert.Equal(
            "proxy-routes/test.yaml:7: services.site.routes[1]: asks for the same requests of shop.example.com as site.routes[0] (proxy-routes/test.yaml:6), which gets them (take one out, let it ask for something else, or give it a priority)",
            Assert.Single(_routes.Problems).ToString().Replace("test.yaml:7: :", "test.yaml:7:"));
        Assert.Equal("service:site.routes[2]", _routes.Current.Find(Context("GET /api/x"), _ => false, out _)?.Id);
    }

    [Fact]
    public void A_change_of_one_route_builds_only_its_service_and_keeps_the_clusters_of_its_other_routes()
    {
        var text = "services:\n" + string.Concat(Enumerable.Range(0, 1_000).Select(i => $"  s{i:D4}: {{ host: s{i:D4}.example.com, to: http://192.0.2.1, routes: [ {{ path: /api/*, to: http://192.0.2.2 }}, {{ path: /x/* }} ] }}\n"));
        _routes.Apply(new ServiceSet(1, ShortForm.Services(text), []));
        var before = _routes.Current;
        _routes.Apply(new ServiceSet(2, ShortForm.Services(text.Replace("s0500.example.com, to: http://192.0.2.1", "s0500.example.com, to: http://192.0.2.9")), []));

        Assert.Equal(1, _routes.Rebuilt);
        Assert.Equal(2_997, before.Entries.Zip(_routes.Current.Entries).Count(pair => ReferenceEquals(pair.First, pair.Second)));
        Assert.Same(Cluster(before, "service:s0500.routes[0]"), Cluster(_routes.Current, "service:s0500.routes[0]"));
        Assert.NotSame(Cluster(before, "service:s0500"), Cluster(_routes.Current, "service:s0500"));
    }

    private static object? Cluster(RouteTable table, string id) => table.Entries.Single(entry => entry.Id == id).Model.Cluster;

    // "GET /path?query Header=value from=ADDRESS host=HOST"
    private static DefaultHttpContext Context(string request)
    {
        var words = request.Split(' ');
        var context = new DefaultHttpContext();
        context.Request.Method = words[0];
        context.Request.Path = words[1].Split('?')[0];
        context.Request.QueryString = new QueryString(words[1].Contains('?') ? words[1][words[1].IndexOf('?')..] : "");
        context.Request.Scheme = "https";
        context.Request.Headers.Host = "shop.example.com";
        context.Connection.RemoteIpAddress = IPAddress.Parse("203.0.113.9");
        foreach (var pair in words.Skip(2).Select(word => word.Split('=')))
        {
            switch (pair[0])
            {
                case "from": context.Connection.RemoteIpAddress = IPAddress.Parse(pair[1]); break;
                case "host": context.Request.Headers.Host = pair[1]; break;
                default: context.Request.Headers[pair[0]] = pair[1]; break;
            }
        }

        return context;
    }
}
