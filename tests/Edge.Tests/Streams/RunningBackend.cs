using Microsoft.AspNetCore.Builder;

namespace Edge.Tests.Streams;

/// <summary>A web server that a test has started.</summary>
internal sealed class RunningBackend(WebApplication app) : IAsyncDisposable
{
    public string Url => app.Urls.First();

    public ValueTask DisposeAsync() => app.DisposeAsync();
}
