using System.Net;
using Edge.Gateway;
using Edge.Services;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Edge.Tests.Gateway;

/// <summary>A redirect that leads to itself, at once or by way of others, is told with its place.</summary>
public sealed class RedirectCircleTests : IDisposable
{
    private readonly ServiceProvider _services;
    private readonly RouteTableManager _routes;
    private int _version;

    public RedirectCircleTests()
    {
        _services = new ServiceCollection().AddLogging()
            .AddGateway(new GatewayOptions { Https = [new(IPAddress.Any, 443)], Http = [new(IPAddress.Any, 80)] }, _ => _ => null, _ => _ => false, null)
            .BuildServiceProvider();
        _routes = _services.GetRequiredService<RouteTableManager>();
    }

    public void Dispose() => _services.Dispose();

    [Theory]
    [InlineData("a: { host: a.test, redirect: 'https://a.test' }", "proxy-routes/test.yaml:2: services.a.redirect: sends https://a.test/ to https://a.test/, from where")]
    [InlineData("a: { host: a.test, redirect: 'http://a.test' }", "proxy-routes/test.yaml:2: services.a.redirect: sends https://a.test/ to https://a.test/, from where")]
    [InlineData("a: { host: [www.a.test, a.test], redirect: 'https://a.test' }", "proxy-routes/test.yaml:2: services.a.redirect: sends https://www.a.test/ to https://a.test/, from where")]
    [InlineData("a: { host: '*.a.test', redirect: 'https://www.a.test' }", "proxy-routes/test.yaml:2: services.a.redirect: sends https://x.a.test/ to https://www.a.test/, from where")]
    [InlineData("a: { host: a.test, redirect: 'https://a.test/app' }", "proxy-routes/test.yaml:2: services.a.redirect: sends https://a.test/ to https://a.test/app/, from where")]
    [InlineData("a: { host: a.test, to: 'http://192.0.2.1', routes: [{ path: /docs/*, redirect: { to: 'https://a.test/docs/', path: drop } }] }", "proxy-routes/test.yaml:2: services.a.routes[0].redirect: sends https://a.test/docs to https://a.test/docs/, from where")]
    [InlineData("a: { host: a.test, redirect: { replace-path: { match: '^/blog/', with: /news/ } } }", "proxy-routes/test.yaml:2: services.a.redirect: sends https://a.test/ to https://a.test/, from where")]
    public void One_that_leads_to_itself(string service, string told)
    {
        Apply(service);
        Assert.StartsWith(told, Assert.Single(_routes.Problems).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Two_that_lead_to_each_other_until_one_of_them_goes()
    {
        Apply("a: { host: a.test, redirect: 'https://b.test' }\n  b: { host: b.test, redirect: 'https://a.test' }");
        Assert.Equal(2, _routes.Problems.Length);
        Apply("a: { host: a.test, redirect: 'https://b.test' }\n  b: { host: b.test, to: 'http://192.0.2.1' }");
        Assert.Empty(_routes.Problems);
        Apply("a: { host: a.test, redirect: 'https://b.test' }\n  c: { host: '*.test', redirect: 'https://a.test' }");
        Assert.Equal(2, _routes.Problems.Length);
    }

    [Theory]
    [InlineData("a: { host: [www.a.test, a.test], to: 'http://192.0.2.1', routes: [{ host: www.a.test, redirect: 'https://a.test' }] }")]
    [InlineData("a: { host: a.test, redirect: 'https://b.test' }")]
    [InlineData("a: { host: a.test, redirect: 'https://a.test:8443' }")]
    [InlineData("a: { host: a.test, redirect: { to: 'https://a.test/login', path: drop }, routes: [{ path: /login, to: 'http://192.0.2.1' }] }")]
    [InlineData("a: { host: a.test, to: 'http://192.0.2.1', routes: [{ path: /docs, redirect: { to: 'https://a.test/docs/', path: drop } }] }")]
    [InlineData("a: { host: a.test, to: 'http://192.0.2.1', routes: [{ path: /old/*, redirect: 'https://a.test/new' }] }")]
    [InlineData("a: { host: a.test, to: 'http://192.0.2.1', routes: [{ path-regex: '^/blog/', redirect: { replace-path: { match: '^/blog/(.*)', with: '/news/$1' } } }] }")]
    [InlineData("a: { host: a.test, redirect: 'https://b.test' }\n  b: { host: b.test, redirect: 'https://c.test' }\n  c: { host: c.test, redirect: 'https://d.test' }")]
    public void One_that_leads_elsewhere_is_not_mentioned(string service)
    {
        Apply(service);
        Assert.Empty(_routes.Problems);
    }

    private void Apply(string services) => _routes.Apply(new ServiceSet(++_version, ShortForm.Services($"services:\n  {services}"), []));
}
