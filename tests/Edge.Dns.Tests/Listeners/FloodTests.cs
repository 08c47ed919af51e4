using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Edge.Dns.Nameserver;
using Edge.Dns.Tests.Nameserver;
using Xunit;

namespace Edge.Dns.Tests.Listeners;

/// <summary>A flood of queries with forged senders of one network: that network gets little, and who proves its address gets its answer.</summary>
public sealed class FloodTests
{
    private const int Limit = 20;

    [Fact]
    public async Task A_forged_flood_is_limited_while_a_cookie_and_TCP_get_through()
    {
        var limiter = new RateLimiter(new RateLimitOptions { Answers = Limit, Others = Limit, Slip = 2 });
        await using var server = new ListeningServer(answering: new NameserverOptions { RateLimiter = limiter, Cookies = new ServerCookies([ServerCookies.NewSecret()]) });
        using var end = new CancellationTokenSource();
        var clock = Stopwatch.StartNew();
        var flood = Task.Run(() => Flood(server.EndPoint, end.Token), TestContext.Current.CancellationToken);
        while (limiter.Dropped < 1000)
        {
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(30), "the flood is not limited");
            await Task.Yield();
        }

        // Of the flooded network: by a cookie, which dig learns from BADCOOKIE, and over TCP. Of another one: as always.
        Assert.Contains("192.0.2.80", server.Run("dig", "-b 127.9.9.200 @127.0.0.1 +cookie +tries=8 +time=1 web.example.com A"));
        Assert.Equal("192.0.2.80", server.Run("dig", "-b 127.9.9.201 @127.0.0.1 +tcp +short +tries=1 web.example.com A").Trim());
        Assert.Equal("192.0.2.80", server.Run("dig", "-b 127.9.8.1 @127.0.0.1 +nocookie +short +tries=3 +time=1 web.example.com A").Trim());
        await end.CancelAsync();
        var (sent, answered) = await flood;
        // The allowance of the seconds begun, and what had been saved up.
        var seconds = (int)Math.Ceiling(clock.Elapsed.TotalSeconds) + 2;
        Assert.True(sent > 2 * Limit * seconds, $"{sent} queries in {seconds} s are no flood");
        Assert.InRange(answered, 1, Limit * seconds);
    }

    // Queries from all over 127.9.9.0/24, and how many whole answers came back.
    private static (int Sent, int Answered) Flood(IPEndPoint server, CancellationToken end)
    {
        var sockets = Enumerable.Range(1, 50).Select(i =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { Blocking = false };
            socket.Bind(new IPEndPoint(new IPAddress([127, 9, 9, (byte)i]), 0));
            socket.Connect(server);
            return socket;
        }).ToList();
        var query = TestNameserver.Query("web.example.com.", "A");
        var answer = new byte[2048];
        var (sent, answered) = (0, 0);
        while (!end.IsCancellationRequested)
        {
            foreach (var socket in sockets)
            {
                sent += socket.Send(query, SocketFlags.None, out _) > 0 ? 1 : 0;
                while (socket.Receive(answer, SocketFlags.None, out _) > 0)
                {
                    // The answer count of the header: a truncated answer has none.
                    answered += answer[7];
                }
            }
        }

        sockets.ForEach(socket => socket.Dispose());
        return (sent, answered);
    }
}
