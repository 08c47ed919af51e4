using System.Net;
using Edge.Admin;
using Edge.Gateway;
using Edge.Services;
using Edge.Services.Routing;
using Edge.Settings;
using Edge.Tests.Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Xunit;

namespace Edge.Tests.Gateway;

/// <summary>Strict-Transport-Security (RFC 6797) with guard rails.</summary>
public sealed class HstsTests
{
    private const string Own = "max-age=42";

    [Theory]
    [InlineData("", true, Own)]
    [InlineData("hsts: on", true, "max-age=300")]
    [InlineData("hsts: 60s", true, "max-age=60")]
    [InlineData("hsts: off", true, "max-age=0")]
    [InlineData("hsts: off", false, "max-age=0")]
    [InlineData("hsts: on", false, Own)]
    [InlineData("hsts: { force: true }", false, "max-age=300")]
    [InlineData("hsts: { include-subdomains: true }", true, "max-age=300; includeSubDomains")]
    public async Task What_is_sent(string line, bool isTrusted, string expected)
    {
        await using var backend = await OwnAsync();
        await using var gateway = await RunningGateway.StartAsync(isTrusted: _ => isTrusted);
        gateway.ServeShort(Yaml(backend, line));
        using var response = await gateway.GetAsync("https://photos.example.com/");

        Assert.Equal([expected], response.Headers.GetValues("Strict-Transport-Security"));
    }

    [Fact]
    public async Task The_gateway_says_it_for_services_that_say_nothing()
    {
        await using var backend = await OwnAsync();
        await using var gateway = await RunningGateway.StartAsync(
            options: new GatewayOptions { Http = [new(IPAddress.Loopback, 0)], Https = [new(IPAddress.Loopback, 0)], Hsts = new HstsRule(TimeSpan.FromDays(365), false, false, false) },
            isTrusted: host => host is "photos.example.com");
        gateway.ServeShort(Yaml(backend, "") + $"  other:\n    to: {backend.Uri}\n    hsts: off\n");

        Assert.Equal("max-age=300", await HeaderAsync(gateway, "https://photos.example.com/"));
        Assert.Equal("max-age=0", await HeaderAsync(gateway, "https://other.example.com/"));
        Assert.Null(await HeaderAsync(gateway, "https://unknown.example.com/"));
        Assert.Null(await HeaderAsync(gateway, "http://photos.example.com/"));
    }

    [Fact]
    public async Task Pages_of_the_gateway_have_it_as_well()
    {
        await using var gateway = await RunningGateway.StartAsync(isTrusted: _ => true);
        gateway.ServeShort("services:\n  photos:\n    to: http://127.0.0.1:1\n    hsts: on\n    allow: 192.0.2.1\n");
        using var response = await gateway.GetAsync("https://photos.example.com/");

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Equal(["max-age=300"], response.Headers.GetValues("Strict-Transport-Security"));
    }

    [Fact]
    public async Task Without_TLS_nothing_is_sent()
    {
        await using var backend = await Backend.SayingAsync("plain");
        await using var gateway = await RunningGateway.StartAsync(options: new GatewayOptions { Http = [new(IPAddress.Loopback, 0)], Https = [] }, isTrusted: _ => true);
        gateway.ServeShort(Yaml(backend, "hsts: { force: true }"));
        Assert.Null(await HeaderAsync(gateway, "http://photos.example.com/"));
    }

    [Fact]
    public void It_begins_short_and_grows_over_restarts_and_begins_anew_when_the_certificate_was_not_good()
    {
        using var folder = new TemporaryFolder();
        var time = new FakeTimeProvider();
        var trusted = true;
        HstsPromises Start() => new(_ => trusted, new HstsFile(Path.Combine(folder.Path, "hsts"), NullLogger.Instance), time);
        var rule = new HstsRule(TimeSpan.FromDays(365), true, true, false);
        var promises = Start();
        string? Sent() => Said(promises, rule);

        Assert.Equal("max-age=300; includeSubDomains", Sent());
        time.Advance(TimeSpan.FromHours(23));
        Assert.Equal("max-age=300; includeSubDomains", Sent());
        promises.Keep();
        promises = Start();
        time.Advance(TimeSpan.FromHours(1));
        Assert.Equal("max-age=86400; includeSubDomains", Sent());
        time.Advance(TimeSpan.FromDays(7));
        Assert.Equal("max-age=31536000; includeSubDomains; preload", Sent());
        trusted = false;
        Assert.Null(Sent());
        trusted = true;
        Assert.Equal("max-age=300; includeSubDomains", Sent());
    }

    [Fact]
    public void A_process_that_has_handed_over_leaves_the_file_alone()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "hsts");
        var promises = new HstsPromises(_ => true, new HstsFile(file, NullLogger.Instance), new FakeTimeProvider());
        var rule = new HstsRule(TimeSpan.FromDays(365), false, false, false);
        Said(promises, rule);
        promises.KeepLast();
        Assert.NotEqual("", File.ReadAllText(file));

        File.WriteAllText(file, "9 another's\n");
        Said(promises, HstsRule.Off);
        promises.Keep();
        Assert.Equal("9 another's\n", File.ReadAllText(file));
    }

    [Fact]
    public void What_was_taken_back_begins_anew()
    {
        var time = new FakeTimeProvider();
        var promises = new HstsPromises(_ => true, null, time);
        var rule = new HstsRule(TimeSpan.FromDays(365), false, false, false);
        Assert.Equal("max-age=300", Said(promises, rule));
        time.Advance(TimeSpan.FromDays(30));
        Assert.Equal("max-age=31536000", Said(promises, rule));
        Assert.Equal("max-age=0", Said(promises, HstsRule.Off));
        Assert.Equal("max-age=300", Said(promises, rule));
    }

    [Fact]
    public void Each_host_of_a_service_proves_itself_and_one_that_cannot_takes_nothing_from_the_others()
    {
        var time = new FakeTimeProvider();
        var promises = new HstsPromises(host => host is not "photos.home.arpa", null, time);
        var rule = new HstsRule(TimeSpan.FromDays(365), false, false, false);
        Assert.Equal("max-age=300", Said(promises, rule));
        Assert.Null(Said(promises, rule, "photos.home.arpa"));
        time.Advance(TimeSpan.FromDays(30));
        Assert.Null(Said(promises, rule, "photos.home.arpa"));
        Assert.Equal("max-age=31536000", Said(promises, rule, "Photos.example.com.:8443"));
        Assert.Equal("max-age=300", Said(promises, rule, "other.example.com"));
    }

    [Fact]
    public void Names_that_clients_think_of_are_remembered_up_to_an_end()
    {
        var time = new FakeTimeProvider();
        var promises = new HstsPromises(_ => true, null, time);
        var rule = new HstsRule(TimeSpan.FromDays(365), false, false, false);
        for (var i = 0; i <= 10_000; i++)
        {
            Said(promises, rule, $"h{i}.example.com");
        }

        time.Advance(TimeSpan.FromDays(30));
        Assert.Equal("max-age=31536000", Said(promises, rule, "h9999.example.com"));
        Assert.Equal("max-age=300", Said(promises, rule, "h10000.example.com"));
        Said(promises, HstsRule.Off, "h1.example.com");
        Said(promises, rule, "h10000.example.com");
        time.Advance(TimeSpan.FromDays(30));
        Assert.Equal("max-age=31536000", Said(promises, rule, "h10000.example.com"));
    }

    [Theory]
    [InlineData("hsts: maybe", "services.photos.hsts: is neither on, off, a time nor a mapping")]
    [InlineData("hsts: [on]", "is neither on, off, a time nor a mapping")]
    [InlineData("hsts: 0s", "off takes back what browsers were told")]
    [InlineData("hsts: 900d", "is not a time from 1s to 730d")]
    [InlineData("hsts: { max-age: 900d }", "is not a time from 1s to 730d")]
    [InlineData("hsts: { preload: true }", "services.photos.hsts.preload: needs include-subdomains: true")]
    [InlineData("hsts: { preload: true, include-subdomains: true, max-age: 30d }", "a max-age of 365d or more")]
    [InlineData("hsts: { includesubdomains: true }", "did you mean \"include-subdomains\"?")]
    public void A_mistake_is_told(string line, string expected) =>
        Assert.Contains(expected, Assert.Single(ShortForm.Read($"services:\n  photos:\n    to: http://127.0.0.1:1\n    {line}\n").Problems).ToString());

    [Theory]
    [InlineData("hsts: on", 0, "")]
    [InlineData("hsts: { include-subdomains: true, max-age: 30d }", 1, "proxy-routes/test.yaml:2: services.photos.hsts: include-subdomains holds for every name below photos.example.com, whoever serves it: for 30d")]
    [InlineData("hsts: { include-subdomains: true, preload: true }", 2, "to be taken out of them takes months")]
    [InlineData("hsts: { force: true }", 1, "force sends it even with a certificate that browsers do not trust")]
    public void Edge_check_says_what_it_does(string line, int count, string expected)
    {
        var services = ShortForm.Services($"services:\n  photos:\n    to: http://127.0.0.1:1\n    {line}\n");
        var warnings = HstsCheck.Of(new EdgeOptions(), new ServiceSet(1, services, [])).ToList();

        Assert.Equal(count, warnings.Count);
        Assert.Contains(expected, string.Join('\n', warnings));
    }

    [Fact]
    public void It_stands_in_edge_yaml_as_well()
    {
        var problems = new ProblemList();
        var options = EdgeOptionsFile.Parse("gateway:\n  hsts: { include-subdomains: true }\n", "edge.yaml", problems);
        Assert.Empty(problems.All);
        Assert.Equal("365d include-subdomains", options.Gateway.Hsts?.ToString());
        Assert.StartsWith("edge.yaml:2: gateway.hsts: include-subdomains", Assert.Single(HstsCheck.Of(options, new ServiceSet(1, [], []))));
    }

    private static string Yaml(Backend backend, string line) => $"services:\n  photos:\n    to: {backend.Uri}\n    {line}\n";

    private static Task<Backend> OwnAsync() => Backend.StartAsync(context =>
    {
        context.Response.Headers.StrictTransportSecurity = Own;
        return context.Response.WriteAsync("here");
    });

    private static async Task<string?> HeaderAsync(RunningGateway gateway, string uri)
    {
        using var response = await gateway.GetAsync(uri);
        return response.Headers.TryGetValues("Strict-Transport-Security", out var values) ? string.Join(" | ", values) : null;
    }

    // What an answer over HTTPS has in its header when it begins.
    private static string? Said(HstsPromises promises, HstsRule rule, string host = "photos.example.com")
    {
        var begins = new List<(Func<object, Task> Callback, object State)>();
        var context = new DefaultHttpContext();
        context.Features.Set<IHttpResponseFeature>(new Beginning(begins));
        context.Request.Scheme = "https";
        context.Request.Headers.Host = host;
        promises.Promise(context, rule);
        begins.ForEach(begin => Assert.True(begin.Callback(begin.State).IsCompletedSuccessfully));
        return context.Response.Headers.TryGetValue("Strict-Transport-Security", out var value) ? value.ToString() : null;
    }

    private sealed class Beginning(List<(Func<object, Task> Callback, object State)> begins) : HttpResponseFeature
    {
        public override void OnStarting(Func<object, Task> callback, object state) => begins.Add((callback, state));
    }
}
