using Microsoft.AspNetCore.Http;
using Xunit;
using Eventually = Edge.Tests.Whole.Eventually;

namespace Edge.Tests.Gateway.Straight;

/// <summary>A client that stops reading holds up nobody but itself.</summary>
public sealed class SilentClientTests
{
    // What the sockets of the system and the buffers between them may hold; the destination would send without an end.
    private const long Bounded = 64 << 20;

    [Fact]
    public async Task It_gets_no_more_than_the_sockets_hold_the_routes_time_ends_it_and_others_go_on()
    {
        var (sent, ended, waiting) = (0L, 0, 0L);
        await using var backend = await Backend.StartAsync(async context =>
        {
            if (context.Request.Path != "/endless")
            {
                await context.Response.WriteAsync("served");
                return;
            }

            try
            {
                context.Response.ContentLength = long.MaxValue;
                var piece = new byte[64 * 1024];
                while (true)
                {
                    Volatile.Write(ref waiting, Environment.TickCount64);
                    await context.Response.Body.WriteAsync(piece, context.RequestAborted);
                    Interlocked.Add(ref sent, piece.Length);
                }
            }
            finally
            {
                Interlocked.Increment(ref ended);
            }
        });
        await using var gateway = await RunningGateway.StartAsync();
        gateway.ServeShort($"services:\n  raw: {{ to: \"{backend.Uri}\", timeouts: {{ idle: 6s }} }}\n");
        await using var silent = await RawClient.ConnectAsync(gateway.Https);
        await silent.SendAsync("GET /endless HTTP/1.1\r\nHost: raw.example.com\r\n\r\n");
        await Eventually.TrueAsync(() => Task.FromResult(Interlocked.Read(ref sent) > 0), () => "nothing is sent");
        Assert.True(gateway.StraightConnections > 0);

        var others = 0;
        await Eventually.TrueAsync(async () =>
        {
            Assert.Equal("served", await gateway.TextAsync("https://raw.example.com/"));
            others++;
            Assert.True(Interlocked.Read(ref sent) < Bounded, $"{sent} bytes went to a client that reads nothing");
            return Volatile.Read(ref ended) == 1;
        }, () => $"it goes on, {Environment.TickCount64 - Volatile.Read(ref waiting)} ms after the last write");
        Assert.True(others > 5, $"only {others} others were served meanwhile");
    }
}
