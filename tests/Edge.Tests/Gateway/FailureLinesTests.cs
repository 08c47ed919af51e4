using System.Net;
using Edge.Gateway;
using Xunit;

namespace Edge.Tests.Gateway;

/// <summary>A dead destination does not fill the log.</summary>
public sealed class FailureLinesTests
{
    [Fact]
    public async Task The_first_failures_of_a_route_are_told_and_the_others_answered()
    {
        await using var destination = new Straight.ScriptedDestination(_ => new Straight.ScriptedAnswer() { Closes = true });
        await using var gateway = await RunningGateway.StartAsync();
        gateway.Serve(RunningGateway.Service("raw", destination.Uri));
        for (var i = 0; i < FailureLines.Most + 20; i++)
        {
            using var response = await gateway.GetAsync("https://raw.example.com/");
            Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        }

        Assert.InRange(gateway.Logged.Count(line => line.Contains("502 for GET", StringComparison.Ordinal)), FailureLines.Most, FailureLines.Most + 19);
    }
}
