using System.Net.WebSockets;
using Microsoft.AspNetCore.Http;

namespace Edge.Tests.Whole;

/// <summary>What stands behind the gateway under load: a text, an echo of WebSocket messages, a long answer, and a judge of what is sent.</summary>
internal static class DropBackend
{
    public const long DownloadLength = 48L << 20;
    public const long UploadLength = 48L << 20;

    /// <summary>With this every text ends.</summary>
    public const string Ending = " to the end";

    public static Task<Gateway.Backend> StartAsync(string name, long download = DownloadLength) => Gateway.Backend.StartAsync(context => context.Request.Path.Value switch
    {
        "/echo" => EchoAsync(context),
        "/down" => ByteStream.WriteAsync(context.Response.Body, download, 256 << 10, null, context.RequestAborted),
        "/up" => JudgeAsync(context),
        _ => SayAsync(context, name + Ending),
    });

    private static Task SayAsync(HttpContext context, string text)
    {
        context.Response.ContentLength = text.Length;
        return context.Response.WriteAsync(text);
    }

    private static async Task JudgeAsync(HttpContext context) => await context.Response.WriteAsync(await ByteStream.JudgeAsync(context.Request.Body, context.RequestAborted));

    private static async Task EchoAsync(HttpContext context)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        var buffer = new byte[4096];
        while (await socket.ReceiveAsync(buffer.AsMemory(), context.RequestAborted) is { MessageType: not WebSocketMessageType.Close } came)
        {
            await socket.SendAsync(buffer.AsMemory(0, came.Count), came.MessageType, came.EndOfMessage, context.RequestAborted);
        }

        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, context.RequestAborted);
    }
}
