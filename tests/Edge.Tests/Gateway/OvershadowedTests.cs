using System.Collections.Immutable;
using System.Net;
using Edge.Gateway;
using Edge.Services;
using Edge.Settings;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Edge.Tests.Gateway;

/// <summary>Where services and routes in YARP's form want the same requests, it is told who gets them, why, and where both stand.</summary>
public sealed class OvershadowedTests : IDisposable
{
    private const string Hint = "(take one out, let it ask for something else, or give it ";

    private readonly ServiceProvider _services;
    private readonly RouteTableManager _routes;
    private ImmutableArray<Service> _files = [];
    private ImmutableArray<Service> _registered = [];
    private YarpFile _said = YarpFile.Empty;
    private int _version;

    public OvershadowedTests()
    {
        _services = new ServiceCollection().AddLogging()
            .AddGateway(new GatewayOptions { Https = [new(IPAddress.Any, 8443)] }, _ => _ => null, _ => _ => false, null)
            .BuildServiceProvider();
        _routes = _services.GetRequiredService<RouteTableManager>();
    }

    public void Dispose() => _services.Dispose();

    [Theory]
    [InlineData("a: { host: a.example.com, to: 'http://192.0.2.1' }", "r: { ClusterId: c, Match: { Hosts: [a.example.com] } }", "service:a",
        "proxy-routes/y.yaml:4: Routes.r: asks for the same requests of a.example.com as the service a (proxy-routes/s.yaml:2), which gets them: services come before routes in YARP's form")]
    [InlineData("a: { host: '*.example.com', to: 'http://192.0.2.1' }", "r: { ClusterId: c, Match: { Hosts: ['*.example.com'], Path: '/{**all}' } }", "service:a",
        "proxy-routes/y.yaml:4: Routes.r: asks for the same requests of *.example.com as the service a (proxy-routes/s.yaml:2)")]
    [InlineData("a: { host: a.example.com, to: 'http://192.0.2.1' }", "r: { ClusterId: c, Order: -1, Match: { Hosts: [a.example.com] } }", "r",
        "proxy-routes/s.yaml:2: services.a: asks for the same requests of a.example.com as the route r (proxy-routes/y.yaml:4), which gets them: its Order is -1")]
    [InlineData("a: { host: a.example.com, path: /api/*, to: 'http://192.0.2.1' }", "r: { ClusterId: c, Order: -1, Match: { Hosts: [a.example.com] } }", "r",
        "proxy-routes/s.yaml:2: services.a: gets no requests of a.example.com: the route r (proxy-routes/y.yaml:4) takes all of them before, as its Order is -1")]
    [InlineData("a: { host: a.example.com, priority: 7, to: 'http://192.0.2.1' }", "r: { ClusterId: c, Match: { Hosts: [a.example.com], Path: /x } }", "service:a",
        "proxy-routes/y.yaml:4: Routes.r: gets no requests of a.example.com: the service a (proxy-routes/s.yaml:2) takes all of them before, as its priority is 7")]
    [InlineData("a: { host: a.example.com, path: /api/*, method: [GET, PUT], to: 'http://192.0.2.1' }", "r: { ClusterId: c, Match: { Hosts: [a.example.com], Path: '/API/{**rest}', Methods: [PUT, GET] } }", null,
        "proxy-routes/y.yaml:4: Routes.r: asks for the same requests of a.example.com as the service a (proxy-routes/s.yaml:2)")]
    [InlineData("a: { host: a.example.com, path: /robots.txt, to: 'http://192.0.2.1' }", "r: { ClusterId: c, Match: { Hosts: [a.example.com], Path: robots.txt } }", null,
        "proxy-routes/y.yaml:4: Routes.r: asks for the same requests")]
    [InlineData("a: { host: a.example.com, header: { X-V: '2*' }, query: { p: '*' }, to: 'http://192.0.2.1' }",
        "r: { ClusterId: c, Match: { Hosts: [a.example.com], Headers: [{ Name: x-v, Mode: HeaderPrefix, Values: ['2'] }], QueryParameters: [{ Name: p, Mode: Exists }] } }", null,
        "proxy-routes/y.yaml:4: Routes.r: asks for the same requests")]
    public void Between_a_service_and_a_route(string services, string routes, string? takes, string told)
    {
        Apply(services, routes);
        var problem = Assert.Single(_routes.Problems).ToString();
        Assert.StartsWith(told, problem, StringComparison.Ordinal);
        Assert.Contains(Hint, problem, StringComparison.Ordinal);
        Assert.Equal(takes, _routes.Current.Find(new Uri("https://a.example.com/"), IPAddress.Loopback, false)?.Id);
    }

    [Theory]
    [InlineData("r: { ClusterId: c, Match: { Path: '/x/{a}' } }", "s: { ClusterId: c, Match: { Path: '/X/{b}' } }",
        "proxy-routes/y.yaml:5: Routes.s: asks for the same requests of * as the route r (proxy-routes/y.yaml:4), which gets them: it stands earlier (take one out, let it ask for something else, or give it an Order that puts it before the other)")]
    [InlineData("r: { ClusterId: c, Order: 2, Match: { Hosts: [a.test] } }", "s: { ClusterId: c, Order: 2, Match: { Hosts: [a.test, b.test] } }",
        "proxy-routes/y.yaml:5: Routes.s: asks for the same requests of a.test as the route r (proxy-routes/y.yaml:4), which gets them: it stands earlier")]
    [InlineData("r: { ClusterId: c, Order: 2, Match: { Hosts: [a.test], Methods: [get] } }", "s: { ClusterId: c, Order: 1, Match: { Hosts: [a.test], Methods: [GET] } }",
        "proxy-routes/y.yaml:4: Routes.r: asks for the same requests of a.test as the route s (proxy-routes/y.yaml:5), which gets them: its Order is 1")]
    [InlineData("r: { ClusterId: c, Match: { Hosts: [a.test] } }", "s: { ClusterId: c, Match: { Hosts: [a.test] }, Metadata: { Expose: lan } }",
        "proxy-routes/y.yaml:5: Routes.s: asks for the same requests of a.test")]
    [InlineData("r: { ClusterId: c, Match: { Hosts: [a.test] } }", "s: { ClusterId: c, Order: 1, Match: { Hosts: ['a.test:8443'], Path: /x } }",
        "proxy-routes/y.yaml:5: Routes.s: gets no requests of a.test: the route r (proxy-routes/y.yaml:4) takes all of them before, as its Order is 0")]
    public void Between_two_routes(string one, string other, string told)
    {
        Apply("", $"{one}\n{other}");
        Assert.StartsWith(told, Assert.Single(_routes.Problems).ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a: { host: a.example.com, to: 'http://192.0.2.1' }", "r: { ClusterId: c, Match: { Hosts: [a.example.com], Path: '/api/{**rest}' } }")]
    [InlineData("a: { host: a.example.com, to: 'http://192.0.2.1' }", "r: { ClusterId: c, Match: { Hosts: ['*.example.com'] } }")]
    [InlineData("a: { host: a.example.com, to: 'http://192.0.2.1' }", "r: { ClusterId: c, Match: { Hosts: ['a.example.com:8443'] } }")]
    [InlineData("a: { host: a.example.com, expose: lan, to: 'http://192.0.2.1' }", "r: { ClusterId: c, Match: { Hosts: [a.example.com] } }")]
    [InlineData("", "r: { ClusterId: c, Match: { Path: '/x/{a}' } }\ns: { ClusterId: c, Match: { Path: '/x/{a:int}' } }\nt: { ClusterId: c, Match: { Path: '/x/{**a}' } }")]
    [InlineData("", "r: { ClusterId: c, Match: { Hosts: [a.test] } }\ns: { ClusterId: c, Match: { Hosts: [b.test] } }")]
    [InlineData("", "r: { ClusterId: c, Match: { Hosts: [a.test], Headers: [{ Name: X, Values: [a] }] } }\ns: { ClusterId: c, Match: { Hosts: [a.test], Headers: [{ Name: X, Values: [A], IsCaseSensitive: true }] } }")]
    public void Where_both_get_requests_nothing_is_told(string services, string routes)
    {
        Apply(services, routes);
        Assert.Empty(_routes.Problems);
    }

    [Fact]
    public void A_registration_takes_nothing_from_a_file()
    {
        Apply("", "r: { ClusterId: c, Match: { Hosts: [a.example.com] } }", "a: { host: a.example.com, to: 'http://192.0.2.1' }");
        Assert.Equal("r", _routes.Current.Find(new Uri("https://a.example.com/"), IPAddress.Loopback, false)?.Id);
        Assert.StartsWith(
            "token laptop: services.a: asks for the same requests of a.example.com as the route r (proxy-routes/y.yaml:4), which gets them: files come before registrations", Assert.Single(_routes.Problems).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_told_ends_with_its_reason_whoever_goes()
    {
        const string service = "a: { host: a.example.com, to: 'http://192.0.2.1' }", route = "r: { ClusterId: c, Match: { Hosts: [a.example.com] } }";
        Apply(service, route);
        Assert.Single(_routes.Problems);
        Assert.Single(_routes.OvershadowedAt("a.example.com"));
        Assert.Empty(_routes.OvershadowedAt("b.example.com"));
        Apply("", route);
        Assert.Empty(_routes.Problems);
        Apply(service, route);
        Assert.Single(_routes.Problems);
        Apply(service, "s: { ClusterId: c, Match: { Hosts: [b.example.com] } }");
        Assert.Empty(_routes.Problems);
    }

    [Fact]
    public void Of_a_wildcard_it_is_told_at_the_names_below()
    {
        Apply("a: { host: '*.example.com', to: 'http://192.0.2.1' }", "r: { ClusterId: c, Match: { Hosts: ['*.example.com'] } }");
        Assert.Single(_routes.OvershadowedAt("x.y.example.com"));
        Assert.Empty(_routes.OvershadowedAt("example.com"));
    }

    [Fact]
    public void A_name_that_two_routes_have_is_told_with_the_other_place()
    {
        Apply("", "r: { ClusterId: c, Match: { Hosts: [a.test] } }");
        var first = _said;
        var problems = new ProblemList();
        _routes.Apply([first, YarpFileReader.Read("proxy-routes/z.yaml", "Routes:\n  r: { ClusterId: c, Match: { Hosts: [b.test] } }\n", problems)!], []);
        Assert.StartsWith("proxy-routes/z.yaml:2: Routes.r: is the name of another route already (proxy-routes/y.yaml:4)", Assert.Single(_routes.Problems).ToString(), StringComparison.Ordinal);
    }

    private void Apply(string services, string routes, string registered = "")
    {
        _files = services.Length == 0 ? [] : ShortForm.Services($"services:\n  {services}", "proxy-routes/s.yaml");
        _registered = registered.Length == 0 ? [] : [.. ShortForm.Services($"services:\n  {registered}").Select(service => service with { Source = SourceKind.Api, Where = "token laptop" })];
        var problems = new ProblemList();
        _said = YarpFileReader.Read("proxy-routes/y.yaml", $"Clusters:\n  c: {{ Destinations: {{ d: {{ Address: 'http://192.0.2.1' }} }} }}\nRoutes:\n  {routes.ReplaceLineEndings("\n  ")}\n", problems)!;
        _routes.Apply([_said], [.. problems.All]);
        _routes.Apply(new ServiceSet(++_version, [.. _files, .. _registered], []));
    }
}
