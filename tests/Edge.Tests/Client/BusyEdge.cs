using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Edge.Tests.Client;

/// <summary>What an Edge whose store is away answers, and how often it had to.</summary>
internal sealed class BusyEdge : IAsyncDisposable
{
    private WebApplication? _app;
    private int _asked;

    public int Asked => Volatile.Read(ref _asked);

    /// <summary>Its address.</summary>
    public async Task<string> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.Run(context =>
        {
            Interlocked.Increment(ref _asked);
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            context.Response.Headers.RetryAfter = "1";
            return context.Response.WriteAsync("""{"status":503,"title":"The store is not available"}""");
        });
        await _app.StartAsync();
        return _app.Urls.Single();
    }

    public async ValueTask DisposeAsync() => await _app!.DisposeAsync();
}
