using System.Net;
using Edge.Gateway;
using Edge.Services;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Edge.Tests.Gateway;

/// <summary>Which route a request takes.</summary>
public sealed class RouteTableTests : IDisposable
{
    private readonly ServiceProvider _services;
    private readonly RouteTableManager _routes;

    public RouteTableTests()
    {
        _services = new ServiceCollection().AddLogging()
            .AddGateway(new GatewayOptions { Https = [new(IPAddress.Any, 8443)] }, _ => _ => null, _ => _ => false, null)
            .BuildServiceProvider();
        _routes = _services.GetRequiredService<RouteTableManager>();
    }

    public void Dispose() => _services.Dispose();

    [Theory]
    [InlineData("photos.example.com", "photos")]
    [InlineData("PHOTOS.Example.COM", "photos")]
    [InlineData("photos.example.com.", "photos")]
    [InlineData("photos.example.com:8443", "photos")]
    [InlineData("photos.example.com.:8443", "photos")]
    [InlineData("a.wild.example.com", "wild")]
    [InlineData("a.b.wild.example.com", "wild")]
    [InlineData("a.deep.wild.example.com", "deep")]
    [InlineData("x.deep.wild.example.com", "exact")]
    [InlineData("deep.wild.example.com", "wild")]
    [InlineData("wild.example.com", null)]
    [InlineData("xn--gre-hoa6e.example.com", "idn")]
    [InlineData("example.com", null)]
    [InlineData("com", null)]
    [InlineData("[::1]:8443", null)]
    [InlineData("", null)]
    public void The_host_decides(string host, string? expected)
    {
        _routes.Apply(new ServiceSet(1, [
            Host("photos", "photos.example.com"), Host("wild", "*.wild.example.com"), Host("deep", "*.deep.wild.example.com"),
            Host("exact", "x.deep.wild.example.com"), Host("idn", "xn--gre-hoa6e.example.com"),
        ], []));
        Assert.Equal(expected is null ? null : "service:" + expected, Find(host)?.Id);
    }

    /// <summary>RFC 9525 §6.3: what a wildcard of that name would cover.</summary>
    [Theory]
    [InlineData("example.com", true)]
    [InlineData("b.example.com", false)]
    [InlineData("a.b.example.com", true)]
    [InlineData("ple.com", false)]
    [InlineData("photos.example.com", false)]
    [InlineData("com", false)]
    public void Whether_a_host_is_one_label_below_a_name(string parent, bool expected)
    {
        _routes.Apply(new ServiceSet(1, [Host("photos", "photos.example.com"), Host("deep", "films.a.b.example.com")], []));
        Assert.Equal(expected, _routes.Current.HasBelow(parent));
    }

    [Theory]
    [InlineData("a host that is far too long", 400)]
    [InlineData("a host as long as the buffer", 255)]
    public void An_impossible_host_finds_nothing(string why, int length)
    {
        _routes.Apply(new ServiceSet(1, [Host("wild", "*.example.com")], []));
        Assert.NotEmpty(why);
        Assert.Null(Find(new string('a', length) + ".example.com"));
    }

    // The order is the one of ASP.NET's routing, which YARP's users know.
    [Theory]
    [InlineData("one.example.com", "/", "service:one")]
    [InlineData("one.example.com", "/api/x", "api")]
    [InlineData("one.example.com", "/api/x/y", "service:one")]
    [InlineData("one.example.com", "/first", "ordered")]
    [InlineData("two.example.com", "/", "wild")]
    [InlineData("two.example.com", "/api/x", "api")]
    [InlineData("other.test", "/", null)]
    [InlineData("other.test", "/number/17", "number")]
    [InlineData("other.test", "/number/seventeen", null)]
    [InlineData("ports.example.com:8443", "/", "port")]
    [InlineData("ports.example.com:9443", "/", "wild")]
    public void Order_then_path_then_host_decide(string host, string path, string? expected)
    {
        _routes.Apply(new ServiceSet(1, [Host("one", "one.example.com")], []));
        ApplyFile("""
            Clusters: { c: { Destinations: { d: { Address: "http://192.0.2.1" } } } }
            Routes:
              wild: { ClusterId: c, Match: { Hosts: ["*.example.com"] } }
              api: { ClusterId: c, Match: { Path: "/api/{part}" } }
              number: { ClusterId: c, Match: { Path: "/number/{n:int}" } }
              ordered: { ClusterId: c, Order: -1, Match: { Path: "/{**all}", Headers: [ { Name: X-First, Mode: Exists } ] } }
              port: { ClusterId: c, Match: { Hosts: ["ports.example.com:8443"] } }
            """);
        Assert.Empty(_routes.Problems);
        Assert.Equal(expected, Find(host, path, path == "/first" ? ("X-First", "1") : null)?.Id);
    }

    [Theory]
    [InlineData("GET", "/", null, "any")]
    [InlineData("POST", "/", null, "posts")]
    [InlineData("GET", "/?v=2", null, "query")]
    [InlineData("GET", "/?v=21", null, "any")]
    [InlineData("GET", "/", "b", "header")]
    [InlineData("GET", "/", "x, \"b\" , y", "header")]
    [InlineData("GET", "/", "ab", "any")]
    public void Methods_headers_and_query_decide(string method, string uri, string? header, string expected)
    {
        ApplyFile("""
            Clusters: { c: { Destinations: { d: { Address: "http://192.0.2.1" } } } }
            Routes:
              any: { ClusterId: c, Match: { Hosts: [h.example.com] } }
              posts: { ClusterId: c, Match: { Hosts: [h.example.com], Methods: [POST] } }
              query: { ClusterId: c, Match: { Hosts: [h.example.com], QueryParameters: [ { Name: v, Values: ["2"] } ] } }
              header: { ClusterId: c, Match: { Hosts: [h.example.com], Headers: [ { Name: X-Kind, Values: [b] } ] } }
            """);
        var context = Context("h.example.com", uri.Split('?')[0], header is null ? null : ("X-Kind", header));
        context.Request.Method = method;
        context.Request.QueryString = new QueryString(uri.Contains('?') ? uri[uri.IndexOf('?')..] : "");
        Assert.Equal(expected, _routes.Current.Find(context, _ => false, out _)?.Id);
    }

    [Fact]
    public void Of_ten_thousand_services_only_the_changed_one_is_built_anew()
    {
        var all = Enumerable.Range(0, 10_000).Select(i => Host($"s{i:D5}", $"s{i:D5}.example.com")).ToArray();
        _routes.Apply(new ServiceSet(1, [.. all], []));
        Assert.Equal(10_000, _routes.Rebuilt);
        var before = _routes.Current;

        all[4711] = all[4711] with { To = [new Uri("http://192.0.2.99:80")] };
        _routes.Apply(new ServiceSet(2, [.. all], []));

        Assert.Equal(1, _routes.Rebuilt);
        Assert.Equal(9_999, before.Entries.Zip(_routes.Current.Entries).Count(pair => ReferenceEquals(pair.First, pair.Second)));
        Assert.Equal("service:s09999", Find("s09999.example.com")?.Id);
        Assert.Equal("http://192.0.2.99/", RouteReport.Of(Find("s04711.example.com")!).Destinations.Single().Address);
    }

    [Theory]
    [InlineData("https://one.example.com/", true, "service:one")]
    [InlineData("https://one.example.com/", false, null)]
    [InlineData("https://gr\u00f6\u00dfe.example.com/x?y", false, "service:idn")]
    public void A_url_is_explained_as_it_would_be_served(string url, bool isLan, string? expected)
    {
        _routes.Apply(new ServiceSet(1, [Host("one", "one.example.com") with { Expose = Exposure.Lan }, Host("idn", "xn--gre-6ka8i.example.com")], []));
        Assert.Equal(expected, _routes.Current.Find(new Uri(url), IPAddress.Loopback, isLan)?.Id);
    }

    [Fact]
    public void A_service_that_moves_within_its_file_keeps_its_cluster()
    {
        _routes.Apply(new ServiceSet(1, [Host("one", "one.example.com")], []));
        var before = Find("one.example.com")!;
        _routes.Apply(new ServiceSet(2, [Host("one", "one.example.com") with { Where = "proxy-routes/x.yaml:17" }], []));

        Assert.Equal("proxy-routes/x.yaml:17", Find("one.example.com")!.Where);
        Assert.Same(before.Model.Cluster, Find("one.example.com")!.Model.Cluster);
    }

    [Fact]
    public void A_service_that_goes_takes_its_route_along()
    {
        _routes.Apply(new ServiceSet(1, [Host("one", "one.example.com")], []));
        _routes.Apply(new ServiceSet(2, [], []));
        Assert.Null(Find("one.example.com"));
    }

    [Fact]
    public void A_destination_that_cannot_be_used_is_told_and_disturbs_nothing_else()
    {
        _routes.Apply(new ServiceSet(1, [Host("bad", "bad.example.com"), Host("good", "good.example.com")], []));
        _routes.Apply(new ServiceSet(2, [Host("bad", "bad.example.com") with { To = [new Uri("ftp://192.0.2.1")] }, Host("good", "good.example.com")], []));

        Assert.Contains("services.bad.to[0]: \"ftp://192.0.2.1/\" has the scheme \"ftp\"", Assert.Single(_routes.Problems).ToString());
        Assert.NotNull(Find("good.example.com"));
        Assert.Equal("http://192.0.2.1:8000/", RouteReport.Of(Find("bad.example.com")!).Destinations.Single().Address);
    }

    [Fact]
    public void A_host_has_one_route_only_for_as_long_as_nothing_goes_before_it()
    {
        _routes.Apply(new ServiceSet(1, [Host("one", "one.example.com"), Host("wild", "*.example.com")], []));
        Assert.Equal("service:one", _routes.Current.OnlyOf("one.example.com")?.Id);
        Assert.Equal("service:wild", _routes.Current.OnlyOf("two.example.com")?.Id);

        ApplyFile("""
            Clusters: { c: { Destinations: { d: { Address: "http://192.0.2.1" } } } }
            Routes:
              behind: { ClusterId: c, Match: { Hosts: ["*.example.com"] } }
            """);
        Assert.Equal("service:one", _routes.Current.OnlyOf("one.example.com")?.Id);

        ApplyFile("""
            Clusters: { c: { Destinations: { d: { Address: "http://192.0.2.1" } } } }
            Routes:
              before: { ClusterId: c, Match: { Hosts: ["*.example.com"], Methods: [POST] } }
            """);
        Assert.Null(_routes.Current.OnlyOf("one.example.com"));
        Assert.Equal("service:one", Find("one.example.com")?.Id);

        ApplyFile("Routes: {}");
        Assert.Equal("service:one", _routes.Current.OnlyOf("one.example.com")?.Id);
    }

    // The letters of a service's first host lie with its route; those of another, or of a wildcard's service, do not.
    [Theory]
    [InlineData("one.example.com", "service:several")]
    [InlineData("two.example.com", "service:several")]
    [InlineData("a-name-that-is-longer-than-what-lies-with-a-route.example.com", "service:long")]
    [InlineData("both.example.com", "service:both")]
    [InlineData("six.example.com", null)]
    [InlineData("one.example.con", null)]
    [InlineData("a-name-that-is-longer-than-what-lies-with-a-route.example.con", null)]
    public void A_host_is_found_by_its_letters_wherever_they_lie(string host, string? expected)
    {
        _routes.Apply(new ServiceSet(1, [
            Host("several", "one.example.com") with { Hosts = ["one.example.com", "two.example.com"] },
            Host("long", "a-name-that-is-longer-than-what-lies-with-a-route.example.com"), Host("both", "*.b.example.com") with { Hosts = ["*.b.example.com", "both.example.com"] },
        ], []));
        var found = _routes.Current.FindByHost(new HostKey(host), IPAddress.Loopback, new LanClients(_ => false), out var isOnly, out var name);
        Assert.Equal((expected, expected is not null, expected is null ? null : host), (found?.Id, isOnly, name));
    }

    private static Service Host(string name, string host) => RunningGateway.Service(name, "http://192.0.2.1:8000") with { Hosts = [host] };

    private static DefaultHttpContext Context(string host, string path, (string Name, string Value)? header)
    {
        var context = new DefaultHttpContext();
        context.Request.Headers.Host = host;
        context.Request.Path = path;
        context.Request.Scheme = "https";
        if (header is { } one)
        {
            context.Request.Headers[one.Name] = one.Value;
        }

        return context;
    }

    private void ApplyFile(string yaml)
    {
        var problems = new Edge.Settings.ProblemList();
        _routes.Apply([YarpFileReader.Read("proxy-routes/test.yaml", yaml, problems)!], [.. problems.All]);
    }

    private RouteEntry? Find(string host, string path = "/", (string Name, string Value)? header = null) =>
        _routes.Current.Find(Context(host, path, header), _ => false, out _);
}
