using System.Net;
using System.Net.WebSockets;
using Edge.Dns.Tests.Interop;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Edge.Tests.Gateway;

/// <summary>A program behind the gateway, on a free port of the loopback.</summary>
internal sealed class Backend : IAsyncDisposable
{
    private readonly WebApplication _app;

    private Backend(WebApplication app, int port) => (_app, Port) = (app, port);

    public int Port { get; }

    public string Uri => $"http://127.0.0.1:{Port}/";

    public static Task<Backend> SayingAsync(string text) => StartAsync(context => context.Response.WriteAsync(text));

    /// <summary>Tells what it was asked: method, path and query, then the headers.</summary>
    public static Task<Backend> EchoingAsync() => StartAsync(context => context.Response.WriteAsync(
        $"{context.Request.Method} {context.Request.Path}{context.Request.QueryString} {context.Request.Protocol}\n"
        + string.Concat(context.Request.Headers.Select(header => $"{header.Key}: {header.Value}\n"))));

    /// <summary>Sends every WebSocket message back, after a greeting of its own.</summary>
    public static Task<Backend> WebSocketAsync() => StartAsync(async context =>
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        await socket.SendAsync("hello first"u8.ToArray(), WebSocketMessageType.Text, true, context.RequestAborted);
        var buffer = new byte[4096];
        while (true)
        {
            var received = await socket.ReceiveAsync(buffer.AsMemory(), context.RequestAborted);
            if (received.MessageType == WebSocketMessageType.Close)
            {
                await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "bye", context.RequestAborted);
                return;
            }

            await socket.SendAsync(buffer.AsMemory(0, received.Count), received.MessageType, received.EndOfMessage, context.RequestAborted);
        }
    });

    public static async Task<Backend> StartAsync(RequestDelegate answer, int port = 0)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        ListenOptions? listening = null;
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Listen(IPAddress.Loopback, port, listen => listening = listen);
        });
        var app = builder.Build();
        app.UseWebSockets();
        ((IApplicationBuilder)app).Run(answer);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new Backend(app, listening!.IPEndPoint!.Port);
    }

    /// <summary>A port of the loopback where nothing listens.</summary>
    public static int DeadPort() => FreePorts.Next();

    public async ValueTask DisposeAsync()
    {
        using var soon = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        await _app.StopAsync(soon.Token);
        await _app.DisposeAsync();
    }
}
