using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Edge.Tests.Names.Filtering;

/// <summary>A web server that has lists, and can do what servers of lists do on bad days.</summary>
internal sealed class ListServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ListServer(WebApplication app)
    {
        _app = app;
        app.Run(AnswerAsync);
    }

    public string Url => _app.Urls.First();

    public int Port => new Uri(Url).Port;

    /// <summary>The text of every list.</summary>
    public string Text { get; set; } = "";

    /// <summary>The status; 0 for the usual one.</summary>
    public int Status { get; set; }

    /// <summary>Whether the connection breaks before the end.</summary>
    public bool BreaksOff { get; set; }

    /// <summary>Requests so far.</summary>
    public int Requests { get; private set; }

    /// <summary>How many of them were answered with 304.</summary>
    public int NotModified { get; private set; }

    public static async Task<ListServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var server = new ListServer(builder.Build());
        await server._app.StartAsync();
        return server;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        Requests++;
        var body = Encoding.UTF8.GetBytes(Text);
        var etag = $"\"{Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(body))}\"";
        if (Status != 0)
        {
            context.Response.StatusCode = Status;
            return;
        }

        if (context.Request.Headers.IfNoneMatch == etag)
        {
            NotModified++;
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        context.Response.Headers.ETag = etag;
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(BreaksOff ? body.AsMemory(0, body.Length / 2) : body);
        if (BreaksOff)
        {
            await context.Response.Body.FlushAsync();
            context.Abort();
        }
    }
}
