using System.Net;
using Edge.Gateway;
using Edge.Connections;
using Edge.Services;
using Xunit;

namespace Edge.Tests.Gateway;

/// <summary>A route that leads back to the gateway never becomes a loop.</summary>
public sealed class LoopTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("127.0.0.1:8443", "https://127.0.0.1:8443", true)]
    [InlineData("127.0.0.1:8443", "https://localhost:8443", true)]
    [InlineData("127.0.0.1:8443", "https://photos.localhost:8443", true)]
    [InlineData("127.0.0.1:8443", "https://0.0.0.0:8443", true)]
    [InlineData("0.0.0.0:8443", "https://127.0.0.1:8443", true)]
    [InlineData("0.0.0.0:8443", "https://127.9.9.9:8443", true)]
    [InlineData("[::]:8443", "https://127.0.0.1:8443", true)]
    [InlineData("[::]:8443", "https://[::1]:8443", true)]
    [InlineData("[::]:8443", "https://[::ffff:127.0.0.1]:8443", true)]
    [InlineData("127.0.0.1:443", "https://127.0.0.1", true)]
    [InlineData("127.0.0.1:8443", "https://127.0.0.1:8444", false)]
    [InlineData("127.0.0.1:8443", "https://127.0.0.2:8443", false)]
    [InlineData("127.0.0.1:8443", "https://192.0.2.7:8443", false)]
    [InlineData("0.0.0.0:8443", "https://192.0.2.7:8443", false)]
    [InlineData("0.0.0.0:8443", "https://[::1]:8443", false)]
    [InlineData("127.0.0.1:8443", "https://photos.example.com:8443", false)]
    public void A_destination_that_is_a_listener_is_recognised(string listener, string destination, bool loop)
    {
        var own = new OwnAddresses(() => [IPEndPoint.Parse(listener)]);
        Assert.Equal(loop, own.LeadsBackTo(new Uri(destination)) is not null);
    }

    [Fact]
    public async Task A_service_whose_destination_is_the_gateway_is_refused_with_a_508_that_explains()
    {
        await using var gateway = await RunningGateway.StartAsync();
        gateway.Serve(RunningGateway.Service("self", $"https://127.0.0.1:{gateway.Https}"));

        var problem = Assert.Single(gateway.Routes.Problems);
        Assert.Equal("services.self.to[0]", problem.Field);
        Assert.Contains("this gateway itself", problem.ToString());
        using var response = await gateway.GetAsync("https://self.example.com/");
        Assert.Equal(HttpStatusCode.LoopDetected, response.StatusCode);
    }

    [Fact]
    public async Task Of_several_destinations_only_the_one_that_leads_back_is_left_out()
    {
        await using var backend = await Backend.SayingAsync("good");
        await using var gateway = await RunningGateway.StartAsync();
        gateway.Serve(RunningGateway.Service("half", $"http://localhost:{gateway.Http}", backend.Uri));

        Assert.Single(gateway.Routes.Problems);
        Assert.Equal("good", await gateway.TextAsync("https://half.example.com/"));
        Assert.Equal("good", await gateway.TextAsync("https://half.example.com/"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_way_back_that_no_address_shows_ends_after_one_round(bool overHttps)
    {
        // The destination looks like a stranger, but hands everything on to the gateway.
        RunningGateway? gateway = null;
        var rounds = 0;
        await using var detour = await Backend.StartAsync(async context =>
        {
            Interlocked.Increment(ref rounds);
            using var client = gateway!.Client();
            using var request = new HttpRequestMessage(HttpMethod.Get, overHttps ? "https://round.example.com/" : "http://round.example.com/");
            foreach (var header in context.Request.Headers.Where(header => header.Key != "Host"))
            {
                request.Headers.TryAddWithoutValidation(header.Key, (IEnumerable<string?>)header.Value);
            }

            using var response = await client.SendAsync(request, context.RequestAborted);
            context.Response.StatusCode = (int)response.StatusCode;
            await response.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
        });
        await using (gateway = await RunningGateway.StartAsync())
        {
            gateway.Serve(RunningGateway.Service("round", detour.Uri));
            using var response = await gateway.GetAsync("https://round.example.com/");

            Assert.Equal(HttpStatusCode.LoopDetected, response.StatusCode);
            Assert.Contains("leads in a circle", await response.Content.ReadAsStringAsync(Cancel));
            Assert.Equal(1, rounds);
        }
    }
}
