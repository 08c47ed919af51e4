using System.Net;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Edge.Tests.Gateway;

/// <summary>A program that speaks HTTP/2 without TLS, and ends its answers with trailers, as gRPC does. WebSockets are echoed.</summary>
internal sealed class H2cBackend : IAsyncDisposable
{
    private readonly WebApplication _app;

    private H2cBackend(WebApplication app, int port) => (_app, Uri) = (app, $"http://127.0.0.1:{port}/");

    public string Uri { get; }

    public static async Task<H2cBackend> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        ListenOptions? listening = null;
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            listen.Protocols = HttpProtocols.Http2;
            listening = listen;
        }));
        var app = builder.Build();
        app.UseWebSockets();
        ((IApplicationBuilder)app).Run(async context =>
        {
            if (context.WebSockets.IsWebSocketRequest)
            {
                await EchoAsync(context);
                return;
            }

            context.Response.DeclareTrailer("grpc-status");
            context.Response.ContentType = context.Request.ContentType;
            await context.Response.WriteAsync(context.Request.Protocol);
            context.Response.AppendTrailer("grpc-status", "0");
        });
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new H2cBackend(app, listening!.IPEndPoint!.Port);
    }

    private static async Task EchoAsync(HttpContext context)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        var buffer = new byte[1024];
        while (await socket.ReceiveAsync(buffer.AsMemory(), context.RequestAborted) is { MessageType: not WebSocketMessageType.Close } received)
        {
            await socket.SendAsync(buffer.AsMemory(0, received.Count), received.MessageType, received.EndOfMessage, context.RequestAborted);
        }

        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, context.RequestAborted);
    }

    public async ValueTask DisposeAsync()
    {
        using var soon = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        await _app.StopAsync(soon.Token);
        await _app.DisposeAsync();
    }
}
