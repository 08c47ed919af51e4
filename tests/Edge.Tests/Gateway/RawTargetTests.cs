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
