using System.Net;
using Edge.Gateway;
using Edge.Services;
using Xunit;

namespace Edge.Tests.Gateway;

/// <summary>A path reaches a service as it was written, and what a destination does wrong is no success.</summary>
public sealed class RawTargetTests
{
    [Theory]
    // Sent, and what the service is asked for.
    [InlineData("/api/v4/projects/group%2Fproject", "/api/v4/projects/group%2Fproject")]
    [InlineData("/@scope%2fpkg", "/@scope%2fpkg")]
    [InlineData("/a%252Fb/a%E9b/%7Euser", "/a%252Fb/a%E9b/%7Euser")]
    [InlineData("/x?a=%2F&b=a%zz", "/x?a=%2F&b=a%zz")]
    [InlineData("/a//b/", "/a//b/")]
    [InlineData("/.hidden/...", "/.hidden/...")]
    // Written anew: they lead elsewhere, for some readers.
    [InlineData("/public/../admin", "/admin")]
    [InlineData("/public/%2e%2E/admin", "/admin")]
    [InlineData("/public%2f..%2fadmin", "/public%252f..%252fadmin")]
    [InlineData("/public/%252e%252e%252fadmin", "/public/%252e%252e%252fadmin")]
    [InlineData("/public/..%5cadmin", "/public/..%5Cadmin")]
    [InlineData("/public/../%2561dmin", "/%2561dmin")]
    public async Task A_path_goes_on_as_it_was_written_unless_it_goes_up(string sent, string expected)
    {
        foreach (var method in new[] { "GET", "POST" })
        {
            await using var destination = new Straight.ScriptedDestination(_ => Straight.ScriptedAnswer.Of("HTTP/1.1 204 No Content\r\n\r\n"));
            await using var gateway = await RunningGateway.StartAsync();
            gateway.Serve(RunningGateway.Service("raw", destination.Uri));
            await using var client = await RawClient.ConnectAsync(gateway.Https);
            await client.SendAsync($"{method} {sent} HTTP/1.1\r\nHost: raw.example.com\r\nContent-Length: 0\r\n\r\n");
            Assert.Contains(" 204 ", await client.ReadAsync("\r\n\r\n"), StringComparison.Ordinal);
            Assert.Equal($"{method} {expected} HTTP/1.1", Assert.Single(destination.Asked).Split("\r\n")[0]);
        }
    }

    [Theory]
    [InlineData("", "/group%2Fproject/a%252Fb?q=%2F", "/group%2Fproject/a%252Fb?q=%2F")]
    [InlineData("{ \"PathRemovePrefix\": \"/api\" }", "/api/group%2Fproject", "/group%2Fproject")]
    [InlineData("{ \"PathPrefix\": \"/base\" }", "/group%2Fproject?q=%2F", "/base/group%2Fproject?q=%2F")]
    [InlineData("{ \"QueryValueParameter\": \"a\", \"Append\": \"b c\" }", "/group%2Fproject", "/group%2Fproject?a=b%20c")]
    [InlineData("{ \"PathSet\": \"/fixed\" }", "/group%2Fproject", "/fixed")]
    [InlineData("", "/public%2f..%2fadmin", "/public%252f..%252fadmin")]
    [InlineData("", "/public/../%2561dmin", "/%2561dmin")]
    [InlineData("{ \"PathPrefix\": \"/base\" }", "/public/../%2561dmin", "/base/%2561dmin")]
    public async Task In_YARPs_own_form_too(string transform, string sent, string expected)
    {
        await using var destination = new Straight.ScriptedDestination(_ => Straight.ScriptedAnswer.Of("HTTP/1.1 204 No Content\r\n\r\n"));
        await using var gateway = await RunningGateway.StartAsync();
        gateway.ServeFile("raw.json", $$"""
            { "ReverseProxy": { "Routes": { "raw": { "ClusterId": "raw", "Match": { "Hosts": ["raw.example.com"] }, "Transforms": [ {{transform}} ] } },
              "Clusters": { "raw": { "Destinations": { "d": { "Address": "{{destination.Uri}}" } } } } } }
            """);
        await using var client = await RawClient.ConnectAsync(gateway.Https);
        await client.SendAsync($"GET {sent} HTTP/1.1\r\nHost: raw.example.com\r\n\r\n");
        Assert.Contains(" 204 ", await client.ReadAsync("\r\n\r\n"), StringComparison.Ordinal);
        Assert.Equal($"GET {expected} HTTP/1.1", Assert.Single(destination.Asked).Split("\r\n")[0]);
    }

    // RFC 9110 section 7.6.1.
    [Theory]
    [InlineData("services:\n  raw: { to: \"URI\", response-headers: { set: { X-C: d } } }\n")]
    [InlineData("services:\n  raw: { to: \"URI\" }\n")]
    [InlineData("{ \"ReverseProxy\": { \"Routes\": { \"raw\": { \"ClusterId\": \"raw\", \"Match\": { \"Hosts\": [\"raw.example.com\"] } } }, \"Clusters\": { \"raw\": { \"Destinations\": { \"d\": { \"Address\": \"URI\" } } } } } }")]
    public async Task What_an_answer_says_for_its_connection_only_stays_there(string route)
    {
        await using var destination = new Straight.ScriptedDestination(_ => Straight.ScriptedAnswer.Of("HTTP/1.1 200 OK\r\nConnection: X-Hop, keep-alive\r\nConnection: x-other\r\nX-Hop: 1\r\nX-OTHER: 2\r\nX-End: 3\r\nContent-Length: 2\r\n\r\nok"));
        await using var gateway = await RunningGateway.StartAsync();
        if (route[0] == '{')
        {
            gateway.ServeFile("raw.json", route.Replace("URI", destination.Uri, StringComparison.Ordinal));
        }
        else
        {
            gateway.ServeShort(route.Replace("URI", destination.Uri, StringComparison.Ordinal));
        }

        using var response = await gateway.GetAsync("https://raw.example.com/");
        Assert.Equal("ok", await response.Content.ReadAsStringAsync(RunningGateway.Cancel));
        Assert.True(response.Headers.Contains("X-End"));
        Assert.DoesNotContain(response.Headers, header => header.Key.Equals("X-Hop", StringComparison.OrdinalIgnoreCase) || header.Key.Equals("X-Other", StringComparison.OrdinalIgnoreCase));
    }

    // Reset as a request arrives: the destination has ended what rested.
    [Theory]
    [InlineData("GET", 204, 3)]
    [InlineData("DELETE", 204, 3)]
    [InlineData("POST", 502, 2)]
    public async Task A_connection_that_went_stale_costs_no_answer_where_it_is_safe_to_ask_again(string method, int status, int asked)
    {
        await using var destination = new Straight.ScriptedDestination(request => request == 1 ? new Straight.ScriptedAnswer() { Resets = true } : Straight.ScriptedAnswer.Of("HTTP/1.1 204 No Content\r\n\r\n"));
        await using var gateway = await RunningGateway.StartAsync();
        gateway.ServeShort($"services:\n  raw: {{ to: \"{destination.Uri}\", sticky: true }}\n");
        using var first = await gateway.GetAsync("https://raw.example.com/");
        Assert.Equal(204, (int)first.StatusCode);
        using var second = await gateway.GetAsync("https://raw.example.com/", method: new HttpMethod(method));
        Assert.Equal((status, asked), ((int)second.StatusCode, destination.Asked.Count));
    }

    [Fact]
    public async Task A_new_connection_that_is_reset_is_not_asked_again()
    {
        await using var destination = new Straight.ScriptedDestination(_ => new Straight.ScriptedAnswer() { Resets = true });
        await using var gateway = await RunningGateway.StartAsync();
        gateway.ServeShort($"services:\n  raw: {{ to: \"{destination.Uri}\", sticky: true }}\n");
        using var response = await gateway.GetAsync("https://raw.example.com/");
        Assert.Equal((502, 1), ((int)response.StatusCode, destination.Asked.Count));
    }

    [Fact]
    public async Task A_request_that_failed_is_no_success_when_nobody_is_left_to_be_asked()
    {
        await using var destination = new Straight.ScriptedDestination(_ => new Straight.ScriptedAnswer() { Closes = true });
        await using var gateway = await RunningGateway.StartAsync();
        gateway.ServeShort($"services:\n  raw:\n    host: raw.example.com\n    to: {destination.Uri}\n    breaker: {{ failures: 3, open: 60s }}\n    retries: 2\n");
        for (var i = 0; i < 4; i++)
        {
            using var response = await gateway.GetAsync("https://raw.example.com/");
            Assert.True(response.StatusCode is HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable, $"{i}: {response.StatusCode}");
        }
    }
}
