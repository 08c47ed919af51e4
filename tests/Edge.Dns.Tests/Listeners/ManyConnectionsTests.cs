using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Edge.Dns.Listeners;
using Edge.Dns.Tests.Nameserver;
using Edge.Dns.Wire;
using Xunit;

namespace Edge.Dns.Tests.Listeners;

/// <summary>Clients that rest, drip or do not read harm nobody else, whoever serves the connections: a thread or a task.</summary>
public sealed class ManyConnectionsTests
{
    private const int Threads = 2;
    private const int Tasks = 0;

    private static ListenerOptions With(int threads, int connections = 10_000) => new() { StreamThreads = threads, MaxConnections = connections, MaxTlsConnections = connections };

    [Theory]
    [InlineData(Threads, 10_000, "", true)]
    [InlineData(Threads, 2000, "00", true)]
    [InlineData(Threads, 2000, "0020 1234 0100", true)]
    [InlineData(Threads, 2000, "1603 0101 2C01", false)]
    [InlineData(Tasks, 2000, "00", true)]
    public async Task Connections_that_rest_or_drip_stop_neither_UDP_nor_new_clients(int threads, int connections, string sent, bool tcp)
    {
        // Both ends are in this process, and each needs a descriptor.
        var many = Math.Min(connections, (DescriptorLimit() - 2000) / 2);
        await using var server = new ListeningServer(With(threads, many / 2));
        var bytes = Convert.FromHexString(sent.Replace(" ", ""));
        var port = tcp ? server.Port : server.TlsPort;
        var clients = new List<Socket>(many);
        try
        {
            for (var i = 0; i < many; i++)
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                clients.Add(socket);
                // Fifty connections of each client: none has too many.
                socket.Bind(new IPEndPoint(new IPAddress([127, 1, (byte)(i / 50 / 250), (byte)(1 + (i / 50 % 250))]), 0));
                await socket.ConnectAsync(IPAddress.Loopback, port, TestContext.Current.CancellationToken);
                if (bytes.Length > 0)
                {
                    await socket.SendAsync(bytes, SocketFlags.None, TestContext.Current.CancellationToken);
                }
            }

            Assert.Equal("192.0.2.80", server.Run("dig", "@127.0.0.1 +short +tries=1 web.example.com A").Trim());
            Assert.Equal("192.0.2.80", server.Run("dig", "@127.0.0.1 +tcp +short +tries=1 web.example.com A").Trim());
            Assert.Equal("192.0.2.80", server.Run("dig", $"-p {server.TlsPort} @127.0.0.1 +tls +short +tries=1 web.example.com A").Trim());
            Assert.InRange(tcp ? server.ConnectionCount : server.TlsConnectionCount, 1, many / 2);
        }
        finally
        {
            clients.ForEach(client => client.Dispose());
        }
    }

    [Fact]
    public async Task The_one_that_rests_longest_makes_room()
    {
        await using var server = new ListeningServer(With(1, connections: 3));
        using var first = await server.ConnectAsync();
        using var second = await server.ConnectAsync();
        using var third = await server.ConnectAsync();
        foreach (var client in (TcpClient[])[first, second, third, first])
        {
            // The answer says that the server has seen the connection, and makes it the youngest.
            await client.GetStream().WriteAsync(ListeningServer.Framed(TestNameserver.Query("web.example.com.", "A")), TestContext.Current.CancellationToken);
            await ListeningServer.ReadFramedAsync(client.GetStream());
        }

        using var fourth = await server.ConnectAsync();
        Assert.True(await IsClosedAsync(second));
        foreach (var client in (TcpClient[])[first, third, fourth])
        {
            await client.GetStream().WriteAsync(ListeningServer.Framed(TestNameserver.Query("web.example.com.", "A")), TestContext.Current.CancellationToken);
            Assert.Single((await ListeningServer.ReadFramedAsync(client.GetStream())).Answer);
        }
    }

    [Theory]
    [InlineData(Threads, false)]
    [InlineData(Threads, true)]
    [InlineData(Tasks, false)]
    [InlineData(Tasks, true)]
    public async Task Who_asks_much_before_reading_gets_every_answer_and_holds_up_nobody(int threads, bool tls)
    {
        const int Queries = 20_000;
        await using var server = new ListeningServer(With(threads));
        await using Stream stream = tls ? await server.ConnectTlsAsync() : (await server.ConnectAsync()).GetStream();
        var query = ListeningServer.Framed(TestNameserver.Query("big.example.com.", "TXT"));
        var writing = Task.Run(async () =>
        {
            for (var i = 0; i < Queries; i++)
            {
                (query[2], query[3]) = ((byte)(i >> 8), (byte)i);
                await stream.WriteAsync(query, TestContext.Current.CancellationToken);
            }
        });

        // The client's writes stop when the server does not read any more; nobody else notices.
        Assert.Equal("192.0.2.80", server.Run("dig", "@127.0.0.1 +tcp +short +tries=1 web.example.com A").Trim());
        Assert.Equal("192.0.2.80", server.Run("dig", $"-p {server.TlsPort} @127.0.0.1 +tls +short +tries=1 web.example.com A").Trim());
        var buffered = new BufferedStream(stream, 65536);
        var answer = new byte[65537];
        for (var i = 0; i < Queries; i++)
        {
            await buffered.ReadExactlyAsync(answer.AsMemory(0, 2), TestContext.Current.CancellationToken);
            var length = (answer[0] << 8) | answer[1];
            await buffered.ReadExactlyAsync(answer.AsMemory(0, length), TestContext.Current.CancellationToken);
            Assert.Equal((ushort)i, (ushort)((answer[0] << 8) | answer[1]));
            Assert.Equal(5, answer[7]);
        }

        await writing;
    }

    [Theory]
    [InlineData(Threads)]
    [InlineData(Tasks)]
    public async Task RFC_1035_4_2_2_no_answer_is_longer_than_its_length_can_say(int threads)
    {
        var text = string.Join('\n', Enumerable.Range(0, 300).Select(i => $"huge 300 TXT \"{i:d3}{new string('x', 250)}\""));
        await using var server = new ListeningServer(With(threads), zone: $"@ 300 SOA ns h 1 7200 900 1209600 300\n@ 300 NS ns\nns 300 A 192.0.2.53\n{text}");
        using var client = await server.ConnectAsync();
        await client.GetStream().WriteAsync(
            (byte[])[.. ListeningServer.Framed(TestNameserver.Query("huge.example.com.", "TXT")), .. ListeningServer.Framed(TestNameserver.Query("ns.example.com.", "A"))],
            TestContext.Current.CancellationToken);
        Assert.True((await ListeningServer.ReadFramedAsync(client.GetStream())).Flags.HasFlag(MessageFlags.Truncated));
        Assert.Single((await ListeningServer.ReadFramedAsync(client.GetStream())).Answer);
    }

    [Theory]
    [InlineData(Threads, false)]
    [InlineData(Threads, true)]
    [InlineData(Tasks, false)]
    [InlineData(Tasks, true)]
    public async Task A_length_and_a_query_may_be_cut_anywhere(int threads, bool tls)
    {
        await using var server = new ListeningServer(With(threads));
        await using Stream stream = tls ? await server.ConnectTlsAsync() : Undelayed(await server.ConnectAsync());
        var two = (byte[])[.. ListeningServer.Framed(TestNameserver.Query("web.example.com.", "A")), .. ListeningServer.Framed(TestNameserver.Query("ns.example.com.", "A"))];
        for (var cut = 1; cut < two.Length; cut++)
        {
            await stream.WriteAsync(two.AsMemory(0, cut), TestContext.Current.CancellationToken);
            await stream.FlushAsync(TestContext.Current.CancellationToken);
            await stream.WriteAsync(two.AsMemory(cut), TestContext.Current.CancellationToken);
            Assert.Equal(Name.Parse("web.example.com."), (await ListeningServer.ReadFramedAsync(stream)).Questions[0].Name);
            Assert.Equal(Name.Parse("ns.example.com."), (await ListeningServer.ReadFramedAsync(stream)).Questions[0].Name);
        }
    }

    [Theory]
    [InlineData(Threads, false)]
    [InlineData(Threads, true)]
    [InlineData(Tasks, false)]
    public async Task A_connection_goes_on_after_a_query_that_took_longer(int threads, bool tls)
    {
        var recursor = new SlowRecursor();
        await using var server = new ListeningServer(With(threads), recursor: recursor);
        await using Stream stream = tls ? await server.ConnectTlsAsync() : (await server.ConnectAsync()).GetStream();
        recursor.Let();
        for (var i = 0; i < 20; i++)
        {
            // Half a query behind the one that leaves the thread: it must not be lost on the way.
            var mine = ListeningServer.Framed(TestNameserver.Query($"a{i}.nas.example.com.", "A"));
            await stream.WriteAsync(
                (byte[])[.. ListeningServer.Framed(TestNameserver.Query($"w{i}.elsewhere.org.", "A", flags: MessageFlags.RecursionDesired)), .. mine[..9]],
                TestContext.Current.CancellationToken);
            await stream.WriteAsync(mine.AsMemory(9), TestContext.Current.CancellationToken);
            var names = new List<Name> { (await ListeningServer.ReadFramedAsync(stream)).Questions[0].Name, (await ListeningServer.ReadFramedAsync(stream)).Questions[0].Name };
            Assert.Contains(Name.Parse($"w{i}.elsewhere.org."), names);
            Assert.Contains(Name.Parse($"a{i}.nas.example.com."), names);
        }
    }

    private static NetworkStream Undelayed(TcpClient client)
    {
        client.NoDelay = true;
        return client.GetStream();
    }

    private static async Task<bool> IsClosedAsync(TcpClient client)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(TimeSpan.FromSeconds(10));
        try
        {
            return await client.GetStream().ReadAsync(new byte[1], deadline.Token) == 0;
        }
        catch (IOException)
        {
            return true;
        }
    }

    private static int DescriptorLimit() => OperatingSystem.IsLinux()
        ? int.Parse(File.ReadLines("/proc/self/limits").Single(line => line.StartsWith("Max open files", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[3], CultureInfo.InvariantCulture)
        : 4096;
}
