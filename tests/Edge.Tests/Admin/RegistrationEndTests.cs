using Edge.Admin.Commands;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Edge.Tests.Admin;

/// <summary>How edge register takes its service away when the command has ended.</summary>
public sealed class RegistrationEndTests
{
    [Theory]
    [InlineData(0, StatusCodes.Status204NoContent, 1, false)]
    [InlineData(1, StatusCodes.Status204NoContent, 2, false)]
    [InlineData(2, StatusCodes.Status204NoContent, 3, false)]
    [InlineData(9, StatusCodes.Status204NoContent, 3, true)]
    [InlineData(0, StatusCodes.Status412PreconditionFailed, 1, false)]
    [InlineData(0, StatusCodes.Status404NotFound, 1, false)]
    public async Task An_Edge_that_cannot_at_the_moment_is_asked_again(int busy, int then, int asked, bool isTold)
    {
        var deletions = new List<string>();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var edge = builder.Build();
        edge.MapPut("/v1/services/hello", (HttpContext context) =>
        {
            context.Response.Headers.ETag = "\"7\"";
            return context.Response.WriteAsync("""{"live":{"served":true},"urls":["https://hello.example.com"]}""");
        });
        edge.MapDelete("/v1/services/hello", (HttpContext context) =>
        {
            deletions.Add(context.Request.Headers.IfMatch.ToString());
            context.Response.StatusCode = deletions.Count <= busy ? StatusCodes.Status503ServiceUnavailable : then;
            return Task.CompletedTask;
        });
        await edge.StartAsync(TestContext.Current.CancellationToken);
        using var api = AdminClient.Open("edge.yaml", edge.Urls.Single(), "a-token");
        await using var said = new StringWriter();
        var registration = new Registration(api, "hello", ["http://127.0.0.1:9"], [], [], null, TimeSpan.FromSeconds(30), TimeProvider.System, said);
        await registration.FirstAsync(TestContext.Current.CancellationToken);
        await registration.EndAsync();
        Assert.Equal(Enumerable.Repeat("\"7\"", asked), deletions);
        Assert.Equal(isTold, said.ToString().Contains("could not take hello away", StringComparison.Ordinal));
    }

    // Edge was killed when it had written the registration down and not answered; the command ends while the name is looked at again.
    [Fact]
    public async Task What_was_registered_without_an_answer_goes_as_well()
    {
        var (puts, looks, deletions) = (0, 0, new List<string>());
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var edge = builder.Build();
        edge.MapPut("/v1/services/hello", (HttpContext context) =>
        {
            if (++puts == 1)
            {
                context.Abort();
            }

            context.Response.StatusCode = StatusCodes.Status412PreconditionFailed;
            return Task.CompletedTask;
        });
        edge.MapGet("/v1/services/hello", (HttpContext context) =>
        {
            if (++looks == 1)
            {
                ended.Cancel();
                context.Abort();
                return Task.CompletedTask;
            }

            context.Response.Headers.ETag = "\"7\"";
            return context.Response.WriteAsync("""{"to":["http://127.0.0.1:9"]}""");
        });
        edge.MapDelete("/v1/services/hello", (HttpContext context) => deletions.Add(context.Request.Headers.IfMatch.ToString()));
        await edge.StartAsync(TestContext.Current.CancellationToken);
        using var api = AdminClient.Open("edge.yaml", edge.Urls.Single(), "a-token");
        await using var said = new StringWriter();
        var registration = new Registration(api, "hello", ["http://127.0.0.1:9"], [], [], null, TimeSpan.FromSeconds(3), TimeProvider.System, said);
        await registration.FirstAsync(TestContext.Current.CancellationToken);
        await registration.KeepAsync(ended.Token);
        await registration.EndAsync();
        Assert.Equal("\"7\"", Assert.Single(deletions));
        Assert.InRange(puts, 2, int.MaxValue);
    }
}
