using System.Collections.Concurrent;
using System.Text;
using Edge.Tests.Gateway;
using Microsoft.AspNetCore.Http;

namespace Edge.Tests.Whole;

/// <summary>Takes what is sent by OTLP over HTTP, and keeps the strings in it.</summary>
internal sealed class OtlpCollector : IAsyncDisposable
{
    private readonly ConcurrentQueue<(string Path, string Type, string Header, string Text)> _messages = new();
    private Gateway.Backend? _server;

    public string Uri => _server!.Uri.TrimEnd('/');

    public static async Task<OtlpCollector> StartAsync()
    {
        var collector = new OtlpCollector();
        collector._server = await Gateway.Backend.StartAsync(collector.TakeAsync);
        return collector;
    }

    /// <summary>Everything that was sent to one path.</summary>
    public string Sent(string path) => string.Concat(_messages.Where(message => message.Path == path && message.Type == "application/x-protobuf").Select(message => message.Header + message.Text));

    public ValueTask DisposeAsync() => _server!.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        _messages.Enqueue((context.Request.Path, context.Request.ContentType ?? "", context.Request.Headers["X-Scope"].ToString(), Encoding.Latin1.GetString(body.ToArray())));
        context.Response.ContentType = "application/x-protobuf";
    }
}
