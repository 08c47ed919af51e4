using System.Net;
using System.Net.Sockets;
using System.Text;
using Edge.Tests.Whole;

namespace Edge.Tests.Streams;

/// <summary>Services that are no HTTP: ports of their own, datagrams, and TLS that passes through, with Edge as a user starts it.</summary>
public sealed class StreamTests
{
    [Fact]
    public async Task A_port_leads_to_its_service_both_halves_of_a_connection_end_by_themselves_and_a_dead_destination_is_passed_over()
    {
        await using var edge = EdgeProcess.InExampleFolder();
        using var echo = new EchoServer("ssh");
        var port = EdgeProcess.FreePort();
        await SayAsync(edge, $"services:\n  ssh:\n    to: [tcp://127.0.0.1:{EdgeProcess.FreePort()}, tcp://127.0.0.1:{echo.Port}]\n    listen: {port}\n");
        await edge.StartAsync();

        // Two connections: whichever destination is first in turn, the living one answers.
        Assert.Equal("ssh got 5: hello", await StreamClient.AskAsync("127.0.0.1", port, "hello"));
        Assert.Equal("ssh got 5000000: " + new string('x', 200), await StreamClient.AskAsync("127.0.0.1", port, new string('x', 5_000_000)));
        Assert.Equal("192.168.1.10", await edge.DigAsync("ssh.nas.example.com", "A", "+short"));
        Assert.Equal("", await edge.DigAsync("ssh.nas.example.com", "HTTPS", "+short"));
        Assert.Contains($"tcp at {port}", (await edge.CommandAsync("explain", "ssh.nas.example.com", "--from", "127.0.0.1")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_comes_and_goes_with_its_service_and_a_connection_under_way_goes_on()
    {
        await using var edge = EdgeProcess.InExampleFolder();
        using var echo = new EchoServer("ssh");
        var port = EdgeProcess.FreePort();
        await edge.StartAsync();
        await SayAsync(edge, $"services:\n  ssh:\n    to: tcp://127.0.0.1:{echo.Port}\n    listen: {port}\n");
        await Eventually.TrueAsync(() => IsOpenAsync(port), () => edge.Output);
        using var under = new TcpClient();
        await under.ConnectAsync(IPAddress.Loopback, port, TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(() => Task.FromResult(echo.Accepted >= 2), () => edge.Output);

        File.Delete(Path.Combine(edge.Folder, "proxy-routes", "streams.yaml"));
        await Eventually.TrueAsync(async () => !await IsOpenAsync(port), () => edge.Output);
        Assert.Equal("ssh got 5: hello", await StreamClient.AskAsync(under, "hello"));
    }

    [Fact]
    public async Task A_port_that_is_taken_is_told_and_costs_nothing_else()
    {
        await using var edge = EdgeProcess.InExampleFolder();
        using var echo = new EchoServer("a");
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = EdgeProcess.FreePort();
        await SayAsync(edge, $$"""
            services:
              a: { to: "tcp://127.0.0.1:{{echo.Port}}", listen: {{port}} }
              b: { to: "tcp://127.0.0.1:{{echo.Port}}", listen: {{port}} }
              c: { to: "tcp://127.0.0.1:{{echo.Port}}", listen: {{((IPEndPoint)taken.LocalEndpoint).Port}} }
            """);
        await edge.StartAsync();
        var status = (await edge.CommandAsync("services")).Output;
        Assert.Contains($"services.b.listen: 127.0.0.1:{port} is the port of a (proxy-routes/streams.yaml:2) already", status, StringComparison.Ordinal);

        // Who has it keeps it, whatever the newcomer is called.
        await File.WriteAllTextAsync(Path.Combine(edge.Folder, "proxy-routes", "new.yaml"), $"services:\n  0a: {{ to: \"tcp://127.0.0.1:{echo.Port}\", listen: {port} }}\n");
        await Eventually.TrueAsync(
            async () => (status = (await edge.CommandAsync("services")).Output).Contains($"services.0a.listen: 127.0.0.1:{port} is the port of a (proxy-routes/streams.yaml:2) already", StringComparison.Ordinal),
            () => status);
        Assert.Contains($"services.c.listen: {taken.LocalEndpoint} (TCP) cannot be opened: Address already in use", status, StringComparison.Ordinal);
        Assert.Equal("a got 2: hi", await StreamClient.AskAsync("127.0.0.1", port, "hi"));
    }

    [Fact]
    public async Task Edges_own_port_is_no_services_and_Edge_starts()
    {
        await using var edge = EdgeProcess.InExampleFolder();
        using var echo = new EchoServer("a");
        await SayAsync(edge, $"services:\n  a: {{ to: \"tcp://127.0.0.1:{echo.Port}\", listen: {edge.Https} }}\n");
        await edge.StartAsync();
        Assert.Contains($"services.a.listen: 127.0.0.1:{edge.Https} is Edge's own", (await edge.CommandAsync("services")).Output, StringComparison.Ordinal);
        using var browser = edge.Browser();
        Assert.Equal(HttpStatusCode.NotFound, (await browser.GetAsync("https://nobody.nas.example.com/")).StatusCode);
        Assert.Equal(0, echo.Accepted);
    }

    [Fact]
    public async Task Who_registers_a_port_that_is_taken_is_told_by_whom()
    {
        await using var edge = EdgeProcess.InExampleFolder();
        using var echo = new EchoServer("a");
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = EdgeProcess.FreePort();
        await SayAsync(edge, $"services:\n  a: {{ to: \"tcp://127.0.0.1:{echo.Port}\", listen: {port} }}\n");
        await edge.StartAsync();
        (string Name, int Port, string Note)[] wishes =
        [
            ("b", port, $"nobody comes in by its port: 127.0.0.1:{port} is the port of a (proxy-routes/streams.yaml:2) already (only tls:// services share a port, each by its host)"),
            ("c", ((IPEndPoint)taken.LocalEndpoint).Port, $"nobody comes in by its port: {taken.LocalEndpoint} (TCP) cannot be opened: Address already in use (another program or another part of Edge has it: ss -lntup shows which)"),
        ];
        foreach (var (name, wanted, note) in wishes)
        {
            var said = await edge.CommandAsync("register", "--name", name, "--to", $"tcp://127.0.0.1:{echo.Port}", "--listen", $"{wanted}", "--", "true");
            Assert.Contains($"edge: {name} is registered, but not served", said.Output, StringComparison.Ordinal);
            Assert.Contains(note, said.Output, StringComparison.Ordinal);
            using var api = edge.Api();
            using var answer = await api.PutAsync($"/v1/services/{name}", new StringContent($$"""{"to": "tcp://127.0.0.1:{{echo.Port}}", "listen": {{wanted}}}""", System.Text.Encoding.UTF8, "application/json"), TestContext.Current.CancellationToken);
            var body = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            Assert.True(answer.IsSuccessStatusCode, body);
            var live = System.Text.Json.JsonDocument.Parse(body).RootElement.GetProperty("live");
            Assert.False(live.GetProperty("served").GetBoolean());
            Assert.Contains(note, live.GetProperty("notes").EnumerateArray().Select(one => one.GetString()));
            Assert.Contains(note, (await edge.CommandAsync("services", name)).Output, StringComparison.Ordinal);
        }
    }

    // One client by its own address, one by the address that a proxy tells of it (PROXY protocol).
    [Theory]
    [InlineData("127.0.0.9", null, true)]
    [InlineData("127.0.0.8", null, false)]
    [InlineData("127.0.0.2", "127.0.0.9", true)]
    [InlineData("127.0.0.2", "127.0.0.8", false)]
    [InlineData("127.0.0.2", "192.0.2.77", true)]
    public async Task Only_who_is_allowed_gets_a_connection(string from, string? told, bool expected)
    {
        await using var edge = EdgeProcess.InExampleFolder();
        using var echo = new EchoServer("ssh");
        var port = EdgeProcess.FreePort();
        File.AppendAllText(Path.Combine(edge.Folder, "zones", "example.com.zone"), "grandma 60 IN A 192.0.2.77\n");
        edge.WriteSettings(text => text.Replace("gateway:\n", "gateway:\n  proxy-protocol: [127.0.0.2]\n", StringComparison.Ordinal));
        await SayAsync(edge, $"services:\n  ssh:\n    to: tcp://127.0.0.1:{echo.Port}\n    listen: {port}\n    allow: [127.0.0.9, \"ddns:grandma.example.com\"]\n");
        await edge.StartAsync();
        using var client = new TcpClient(new IPEndPoint(IPAddress.Parse(from), 0));
        await client.ConnectAsync(IPAddress.Loopback, port, TestContext.Current.CancellationToken);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(told is null ? "" : $"PROXY TCP4 {told} 127.0.0.1 1234 {port}\r\n"), TestContext.Current.CancellationToken);
        var answer = await StreamClient.AskAsync(client, "hello");
        Assert.Contains(answer, expected ? (string[])["ssh got 5: hello"] : ["", "reset"]);
        Assert.Equal(expected ? 1 : 0, echo.Accepted);
    }

    [Fact]
    public async Task A_service_for_the_LAN_is_there_for_the_LAN_only()
    {
        await using var edge = EdgeProcess.InExampleFolder();
        using var echo = new EchoServer("ssh");
        var port = EdgeProcess.FreePort();
        await SayAsync(edge, $"services:\n  ssh:\n    to: tcp://127.0.0.1:{echo.Port}\n    listen: 0.0.0.0:{port}\n    expose: lan\n");
        await edge.StartAsync();
        // In the example 127.0.0.1 is the LAN, and who connects to 127.0.0.2 does so from there.
        Assert.Equal("ssh got 2: hi", await StreamClient.AskAsync("127.0.0.1", port, "hi"));
        using var stranger = new Socket(SocketType.Stream, ProtocolType.Tcp);
        stranger.Bind(new IPEndPoint(IPAddress.Parse("127.0.0.2"), 0));
        var refused = await Assert.ThrowsAnyAsync<SocketException>(async () =>
        {
            await stranger.ConnectAsync(new IPEndPoint(IPAddress.Parse("127.0.0.2"), port));
            await stranger.ReceiveAsync(new byte[1]);
        });
        Assert.Equal(SocketError.ConnectionReset, refused.SocketErrorCode);
    }

    [Fact]
    public async Task A_destination_that_leads_back_ends_after_few_rounds()
    {
        await using var edge = EdgeProcess.InExampleFolder();
        var port = EdgeProcess.FreePort();
        await SayAsync(edge, $"services:\n  round: {{ to: \"tcp://127.0.0.1:{port}\", listen: {port} }}\n");
        await edge.StartAsync();
        Assert.Contains(await StreamClient.AskAsync("127.0.0.1", port, "hi"), (string[])["reset", ""]);
        await Eventually.TrueAsync(() => Task.FromResult(edge.Output.Contains("leads back to 127.0.0.1", StringComparison.Ordinal)), () => edge.Output);
        Assert.True(edge.Output.Split("leads back to").Length < 10, edge.Output);
    }

    [Fact]
    public async Task Datagrams_reach_their_service_and_answers_come_from_the_address_that_was_asked()
    {
        await using var edge = EdgeProcess.InExampleFolder();
        using var game = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        _ = EchoAsync(game);
        var port = EdgeProcess.FreePort();
        await SayAsync(edge, $"services:\n  game:\n    to: udp://127.0.0.1:{((IPEndPoint)game.Client.LocalEndPoint!).Port}\n    listen: 0.0.0.0:{port}\n");
        await edge.StartAsync();
        var sources = new HashSet<string>();
        foreach (var asked in (string[])["127.0.0.1", "127.0.0.5", "127.0.0.9"])
        {
            // A connected socket takes answers from the address it asked only.
            using var player = new UdpClient();
            player.Connect(asked, port);
            for (var round = 0; round < 3; round++)
            {
                await player.SendAsync(Encoding.ASCII.GetBytes($"shot {round}"), TestContext.Current.CancellationToken);
                var answer = Encoding.ASCII.GetString((await player.ReceiveAsync(TestContext.Current.CancellationToken)).Buffer).Split('|');
                Assert.Equal($"shot {round}", answer[1]);
                sources.Add(answer[0]);
            }
        }

        // The service sees three clients, each as one.
        Assert.Equal(3, sources.Count);
    }

    [Fact]
    public async Task TLS_passes_through_by_its_server_name_and_all_else_is_the_gateways()
    {
        Shell.Need("openssl", "openssl");
        await using var edge = EdgeProcess.InExampleFolder();
        using var server = await TlsServer.StartAsync(edge.Folder, "vault.nas.example.com");
        await SayAsync(edge, $"services:\n  vault:\n    to: tls://127.0.0.1:{server.Port}\n");
        await edge.StartAsync();
        var vault = await Shell.OutputAsync("openssl", "s_client", "-connect", $"127.0.0.1:{edge.Https}", "-servername", "vault.nas.example.com");
        Assert.Contains("subject=CN = vault.nas.example.com", vault.Replace("CN=", "CN = ", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("issuer=CN = vault.nas.example.com", vault.Replace("CN=", "CN = ", StringComparison.Ordinal), StringComparison.Ordinal);
        var other = await Shell.OutputAsync("openssl", "s_client", "-connect", $"127.0.0.1:{edge.Https}", "-servername", "photos.nas.example.com");
        Assert.Contains("issuer=CN = Edge", other.Replace("CN=", "CN = ", StringComparison.Ordinal), StringComparison.Ordinal);
        using var browser = edge.Browser();
        Assert.Equal(HttpStatusCode.NotFound, (await browser.GetAsync("https://nobody.nas.example.com/", TestContext.Current.CancellationToken)).StatusCode);
    }

    [Theory]
    [InlineData("send-proxy", "v1")]
    [InlineData("send-proxy-v2", "v2")]
    public async Task HAProxy_understands_our_PROXY_header_and_we_understand_its(string theirs, string ours)
    {
        Shell.Need("haproxy", "haproxy");
        await using var edge = EdgeProcess.InExampleFolder();
        var (front, frontHttps, port) = (EdgeProcess.FreePort(), EdgeProcess.FreePort(), EdgeProcess.FreePort());
        using var behind = new HaproxyServer(edge.Folder, $"""
            listen front
              bind 127.0.0.1:{front}
              mode tcp
              server edge 127.0.0.2:{port} source 127.0.0.3 {theirs}
            listen front-https
              bind 127.0.0.1:{frontHttps}
              mode tcp
              server edge 127.0.0.1:{edge.Https} source 127.0.0.3 {theirs}
            frontend behind
              bind 127.0.0.1:PORT accept-proxy
              mode http
              http-request return status 200 content-type text/plain lf-string "%[src] %[dst_port]\n"
            """);
        await behind.StartAsync();
        await using var backend = await HeaderBackend.StartAsync();
        await SayAsync(edge, $$"""
            services:
              raw: { to: "tcp://127.0.0.1:{{behind.Port}}", listen: "127.0.0.2:{{port}}", proxy-protocol: {{ours}} }
              who: { to: "{{backend.Url}}" }
            """);
        edge.WriteSettings(text => text.Replace("gateway:\n", "gateway:\n  proxy-protocol: [127.0.0.3]\n", StringComparison.Ordinal));
        await edge.StartAsync();

        // 127.0.0.1 asks HAProxy, which asks Edge from 127.0.0.3, which asks HAProxy: the last one knows the first.
        Assert.Equal($"127.0.0.1 {front}", (await Shell.OutputAsync("curl", "-sS", "--max-time", "10", $"http://127.0.0.1:{front}/")).Trim());
        Assert.Equal("127.0.0.1", await Shell.OutputAsync("curl", "-sS", "--max-time", "10", "--cacert", Path.Combine(edge.Folder, "data", "ca", "root.crt"), "--resolve", $"who.nas.example.com:{frontHttps}:127.0.0.1", $"https://who.nas.example.com:{frontHttps}/"));

        // Who is no proxy has its bytes passed on as they are; who is one and sends no header is closed.
        Assert.Contains("127.0.0.1", await Shell.OutputAsync("curl", "-sS", "--max-time", "10", "--interface", "127.0.0.1", $"http://127.0.0.2:{port}/"), StringComparison.Ordinal);
        using var liar = new TcpClient(new IPEndPoint(IPAddress.Parse("127.0.0.3"), 0));
        await liar.ConnectAsync(IPAddress.Parse("127.0.0.2"), port, TestContext.Current.CancellationToken);
        Assert.Equal("reset", await StreamClient.AskAsync(liar, "GET / HTTP/1.0\r\n\r\n"));
    }

    private static Task SayAsync(EdgeProcess edge, string text) => File.WriteAllTextAsync(Path.Combine(edge.Folder, "proxy-routes", "streams.yaml"), text);

    private static async Task<bool> IsOpenAsync(int port)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static async Task EchoAsync(UdpClient game)
    {
        try
        {
            while (true)
            {
                var got = await game.ReceiveAsync();
                await game.SendAsync(Encoding.ASCII.GetBytes($"{got.RemoteEndPoint}|{Encoding.ASCII.GetString(got.Buffer)}"), got.RemoteEndPoint);
            }
        }
        catch (Exception ended) when (ended is SocketException or ObjectDisposedException)
        {
            // The end of the test.
        }
    }
}
