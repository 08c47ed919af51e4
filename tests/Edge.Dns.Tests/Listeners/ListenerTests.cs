using System.Net;
using System.Net.Sockets;
using Edge.Dns.Listeners;
using Edge.Dns.Tests.Nameserver;
using Edge.Dns.Wire;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Edge.Dns.Tests.Listeners;

public sealed class ListenerTests
{
    [Theory]
    [InlineData("dig", "@127.0.0.1 web.example.com A", "192.0.2.80")]
    [InlineData("dig", "@127.0.0.1 +tcp web.example.com AAAA", "2001:db8::80")]
    [InlineData("dig", "@127.0.0.1 photos.nas.example.com A", "web.example.com.\n192.0.2.80")]
    [InlineData("dig", "@127.0.0.1 +tcp example.com MX", "10 web.example.com.")]
    [InlineData("kdig", "@127.0.0.1 web.example.com A", "192.0.2.80")]
    [InlineData("kdig", "@127.0.0.1 +tcp web.example.com A", "192.0.2.80")]
    public async Task Real_clients_get_their_answer(string program, string arguments, string expected)
    {
        await using var server = new ListeningServer();
        Assert.Equal(expected, server.Run(program, $"+short {arguments}").Trim());
    }

    [Fact]
    public async Task A_truncated_answer_is_fetched_over_TCP()
    {
        await using var server = new ListeningServer();
        var output = server.Run("dig", "@127.0.0.1 +noedns big.example.com TXT");
        Assert.Contains("Truncated, retrying in TCP mode", output);
        Assert.Contains("ANSWER: 5", output);
    }

    [Fact]
    public async Task RFC_2181_4_1_the_answer_leaves_from_the_address_that_was_asked()
    {
        await using var server = new ListeningServer(address: IPAddress.Any);
        Assert.Equal("192.0.2.80", server.Run("dig", "@127.0.0.77 +short +tries=1 web.example.com A").Trim());
        await using var server6 = new ListeningServer(address: IPAddress.IPv6Any);
        Assert.Equal("192.0.2.80", server6.Run("dig", "@::1 +short +tries=1 web.example.com A").Trim());
    }

    [Fact]
    public async Task RFC_7766_6_2_1_1_queries_may_follow_each_other_without_waiting()
    {
        await using var server = new ListeningServer();
        using var client = await server.ConnectAsync();
        var stream = client.GetStream();
        var queries = new List<byte>();
        for (var i = 0; i < 300; i++)
        {
            queries.AddRange(ListeningServer.Framed(TestNameserver.Query($"n{i}.nas.example.com.", "A")));
        }

        await stream.WriteAsync(queries.ToArray(), TestContext.Current.CancellationToken);
        for (var i = 0; i < 300; i++)
        {
            Assert.Equal(Name.Parse($"n{i}.nas.example.com."), (await ListeningServer.ReadFramedAsync(stream)).Questions[0].Name);
        }
    }

    [Fact]
    public async Task A_query_that_comes_byte_by_byte_is_answered()
    {
        await using var server = new ListeningServer();
        using var client = await server.ConnectAsync();
        client.NoDelay = true;
        foreach (var b in ListeningServer.Framed(TestNameserver.Query("web.example.com.", "A")))
        {
            await client.GetStream().WriteAsync(new[] { b }, TestContext.Current.CancellationToken);
        }

        Assert.Single((await ListeningServer.ReadFramedAsync(client.GetStream())).Answer);
    }

    [Theory]
    [InlineData("")]
    [InlineData("FF")]
    [InlineData("FFFF")]
    [InlineData("0020 1234 0100 0001")]
    public async Task A_query_that_never_comes_ends_the_connection(string sent)
    {
        var time = new FakeTimeProvider();
        await using var server = new ListeningServer(time: time);
        using var client = await server.ConnectAsync();
        await client.GetStream().WriteAsync(Convert.FromHexString(sent.Replace(" ", "")), TestContext.Current.CancellationToken);
        var closed = client.GetStream().ReadAsync(new byte[1], TestContext.Current.CancellationToken).AsTask();
        var deadline = Environment.TickCount64 + 10_000;
        while (!closed.IsCompleted && Environment.TickCount64 < deadline)
        {
            // The connection is accepted at some moment of the fake clock; eleven seconds after it the end is due.
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.WhenAny(closed, Task.Delay(5, TestContext.Current.CancellationToken));
        }

        Assert.True(closed.IsCompleted, "the connection stays open");
        Assert.True(closed.IsFaulted || await closed == 0);
    }

    [Fact]
    public async Task A_client_gets_no_more_connections_than_allowed_and_others_still_get_theirs()
    {
        await using var server = new ListeningServer(new ListenerOptions { MaxConnectionsPerClient = 2 });
        using var first = await server.ConnectAsync();
        using var second = await server.ConnectAsync();
        using var third = await server.ConnectAsync();
        try
        {
            Assert.Equal(0, await third.GetStream().ReadAsync(new byte[1], TestContext.Current.CancellationToken));
        }
        catch (IOException)
        {
            // A reset says the same.
        }

        Assert.Equal("192.0.2.80", server.Run("dig", "-b 127.0.0.2 @127.0.0.1 +tcp +short web.example.com A").Trim());
        await first.GetStream().WriteAsync(ListeningServer.Framed(TestNameserver.Query("web.example.com.", "A")), TestContext.Current.CancellationToken);
        Assert.Single((await ListeningServer.ReadFramedAsync(first.GetStream())).Answer);
    }

    [Fact]
    public async Task A_query_that_waits_for_an_upstream_holds_up_nobody()
    {
        var recursor = new SlowRecursor();
        await using var server = new ListeningServer(new ListenerOptions { UdpThreads = 1 }, recursor: recursor);
        using var client = await server.ConnectAsync();
        var stream = client.GetStream();
        await stream.WriteAsync(
            (byte[])[.. ListeningServer.Framed(TestNameserver.Query("www.elsewhere.org.", "A", flags: MessageFlags.RecursionDesired)),
                .. ListeningServer.Framed(TestNameserver.Query("web.example.com.", "A"))],
            TestContext.Current.CancellationToken);
        Assert.Equal(Name.Parse("web.example.com."), (await ListeningServer.ReadFramedAsync(stream)).Questions[0].Name);

        using var udp = new UdpClient();
        udp.Connect(server.EndPoint);
        await udp.SendAsync(TestNameserver.Query("www.elsewhere.org.", "A", flags: MessageFlags.RecursionDesired), TestContext.Current.CancellationToken);
        Assert.Equal("192.0.2.80", server.Run("dig", "@127.0.0.1 +short web.example.com A").Trim());

        recursor.Let();
        var late = await ListeningServer.ReadFramedAsync(stream);
        Assert.Equal(Name.Parse("www.elsewhere.org."), late.Answer.Single().Owner);
        var datagram = await udp.ReceiveAsync(TestContext.Current.CancellationToken);
        Assert.Equal(Name.Parse("www.elsewhere.org."), TestNameserver.Read(datagram.Buffer).Answer.Single().Owner);
    }

    [Fact]
    public async Task Those_without_recursion_are_refused_at_once()
    {
        await using var server = new ListeningServer(recursor: new SlowRecursor());
        Assert.Contains("status: REFUSED", server.Run("dig", "-b 127.0.0.2 @127.0.0.1 www.elsewhere.org A"));
    }

    [Fact]
    public async Task Noise_harms_nobody()
    {
        await using var server = new ListeningServer();
        using var udp = new UdpClient();
        udp.Connect(server.EndPoint);
        var random = new Random(20260104);
        for (var i = 0; i < 5000; i++)
        {
            var noise = new byte[random.Next(0, 300)];
            random.NextBytes(noise);
            udp.Send(noise);
        }

        using var tcp = await server.ConnectAsync();
        var bytes = new byte[100_000];
        random.NextBytes(bytes);
        try
        {
            await tcp.GetStream().WriteAsync(bytes, TestContext.Current.CancellationToken);
        }
        catch (IOException)
        {
            // Closed before it was all sent.
        }

        Assert.Equal("192.0.2.80", server.Run("dig", "@127.0.0.1 +short web.example.com A").Trim());
        Assert.Equal("192.0.2.80", server.Run("dig", "@127.0.0.1 +tcp +short web.example.com A").Trim());
    }

    [Fact]
    public async Task A_port_that_is_taken_is_named_with_what_to_do()
    {
        await using var server = new ListeningServer();
        var error = Assert.Throws<ListenException>(() => DnsListeners.Bind(
            [server.EndPoint], server.Nameserver.Processor, new ListenerOptions(), TimeProvider.System, NullLoggerFactory.Instance));
        Assert.Contains($"cannot listen on {server.EndPoint} (TCP): another program has this port", error.Message);
        var udp = Assert.Throws<ListenException>(() => new UdpListener(server.EndPoint, server.Nameserver.Processor, new ListenerOptions(), NullLogger.Instance));
        Assert.Contains($"cannot listen on {server.EndPoint} (UDP): another program has this port", udp.Message);
    }

    [Fact]
    public async Task Sockets_for_a_successor_take_no_question_before_they_are_bound()
    {
        await using var server = new ListeningServer();
        await using var listeners = DnsListeners.Bind([new IPEndPoint(IPAddress.Loopback, 0)], server.Nameserver.Processor, new ListenerOptions { UdpThreads = 2 }, TimeProvider.System, NullLoggerFactory.Instance);
        listeners.Start();
        var beside = listeners.OpenBeside();
        byte[] question = [0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, .. Name.Parse("web.example.com").Wire, 0, 1, 0, 1];
        for (var asked = 0; asked < 32; asked++)
        {
            using var client = new UdpClient();
            client.Connect(listeners.EndPoints[0]);
            await client.SendAsync(question, TestContext.Current.CancellationToken);
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
            Assert.Equal(7, (await client.ReceiveAsync(patience.Token)).Buffer[1]);
        }

        listeners.BindBeside(beside);
        Assert.Equal([listeners.EndPoints[0], listeners.EndPoints[0]], beside.Select(socket => (IPEndPoint)socket.LocalEndPoint!));
        beside.ToList().ForEach(socket => socket.Dispose());
    }

    [Fact]
    public async Task What_was_stopped_can_be_bound_again_at_once()
    {
        var server = new ListeningServer();
        var endPoint = server.EndPoint;
        Assert.Equal("192.0.2.80", server.Run("dig", "@127.0.0.1 +tcp +short web.example.com A").Trim());
        await server.DisposeAsync();
        await using var again = DnsListeners.Bind([endPoint], server.Nameserver.Processor, new ListenerOptions(), TimeProvider.System, NullLoggerFactory.Instance);
        again.Start();
        Assert.Equal("192.0.2.80", server.Run("dig", "@127.0.0.1 +short web.example.com A").Trim());
    }
}
