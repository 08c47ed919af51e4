using System.Collections.Concurrent;
using System.Net;
using System.Net.WebSockets;
using System.Text;
using Edge.Access;
using Edge.Services;
using Edge.Tests.Gateway;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Edge.Tests.Access;

/// <summary>A WebSocket is guarded as every request is, over either HTTP (RFC 6455, RFC 8441).</summary>
public sealed class GuardedWebSocketTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string, string, string?, int> Cases()
    {
        var cases = new TheoryData<string, string, string?, int>();
        foreach (var version in new[] { "1.1", "2.0" })
        {
            cases.Add(version, "allow: [192.0.2.1]", null, 403);
            cases.Add(version, "allow: [127.0.0.1]", null, 101);
            cases.Add(version, "auth: basic", null, 401);
            cases.Add(version, "auth: basic", "Authorization: Basic YW5uYTp3cm9uZw==", 401);
            cases.Add(version, "auth: basic", "Authorization: Basic YW5uYTpyaWdodA==", 101);
            cases.Add(version, "auth: forward", "Cookie: session=none", 401);
            cases.Add(version, "auth: forward", "Cookie: session=good", 101);
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Who_may_not_use_a_service_gets_no_WebSocket_of_it(string version, string guard, string? header, int status)
    {
        var asked = new ConcurrentQueue<string>();
        await using var chat = await Backend.WebSocketAsync();
        await using var auth = await Backend.StartAsync(context =>
        {
            asked.Enqueue(context.Request.Headers["X-Forwarded-Method"].ToString());
            context.Response.StatusCode = context.Request.Headers.Cookie == "session=good" ? 200 : 401;
            return Task.CompletedTask;
        });
        await using var gateway = await RunningGateway.StartAsync(access: new AccessOptions
        {
            Users = System.Collections.Immutable.ImmutableDictionary<string, PasswordHash>.Empty.Add("anna", PasswordHash.Parse(PasswordHash.Make("right"), out _)!),
            Forward = new ForwardAuthOptions(new Uri(auth.Uri), ["Remote-*"]),
        });
        gateway.ServeShort($"services:\n  chat: {{ to: \"{chat.Uri}\", {guard} }}\n");
        Assert.Equal((status, status == 101 ? "hello first" : ""), await ConnectAsync(gateway, version, "/", header));
        Assert.All(asked, method => Assert.Equal("GET", method));
        Assert.Equal(guard == "auth: forward", asked.Count == 1);
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task A_route_for_GET_takes_WebSockets_over_either_HTTP(string version)
    {
        await using var chat = await Backend.WebSocketAsync();
        await using var gateway = await RunningGateway.StartAsync();
        gateway.ServeShort($"services:\n  chat: {{ to: \"{chat.Uri}\", path: /short/*, method: [GET] }}\n");
        gateway.ServeFile("chat.json", $$"""
            { "ReverseProxy": { "Routes": { "chat": { "ClusterId": "chat", "Match": { "Hosts": ["chat.example.com"], "Path": "/yarp", "Methods": ["get"] } } },
              "Clusters": { "chat": { "Destinations": { "d": { "Address": "{{chat.Uri}}" } } } } } }
            """);
        Assert.Equal((101, "hello first"), await ConnectAsync(gateway, version, "/short/x", null));
        Assert.Equal((101, "hello first"), await ConnectAsync(gateway, version, "/yarp", null));
        Assert.Equal((404, ""), await ConnectAsync(gateway, version, "/elsewhere", null));
    }

    private static async Task<(int Status, string Said)> ConnectAsync(RunningGateway gateway, string version, string path, string? header)
    {
        using var socket = new ClientWebSocket();
        socket.Options.HttpVersion = Version.Parse(version);
        socket.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        socket.Options.CollectHttpResponseDetails = true;
        if (header?.Split(": ") is [var name, var value])
        {
            socket.Options.SetRequestHeader(name, value);
        }

        using var client = new HttpMessageInvoker(gateway.Handler());
        try
        {
            await socket.ConnectAsync(new Uri("wss://chat.example.com" + path), client, Cancel);
        }
        catch (WebSocketException)
        {
            return ((int)socket.HttpStatusCode, "");
        }

        var buffer = new byte[64];
        var received = await socket.ReceiveAsync(buffer.AsMemory(), Cancel);
        return (101, Encoding.UTF8.GetString(buffer, 0, received.Count));
    }
}
