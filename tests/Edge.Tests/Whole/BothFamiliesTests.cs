using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Edge.Tests.Streams;

namespace Edge.Tests.Whole;

/// <summary>[::] is for both families by itself, and leaves IPv4 alone where an address of IPv4 is named for the same port.</summary>
public sealed class BothFamiliesTests
{
    private const string Both = "0.0.0.0:{0}, \"[::]:{0}\"";
    private const string Turned = "\"[::]:{0}\", 0.0.0.0:{0}";
    private const string Any = "\"[::]:{0}\"";
    private const string Old = "0.0.0.0:{0}";
    private const string One = "127.0.0.1:{0}, \"[::]:{0}\"";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("epoll", Both)]
    [InlineData("epoll", Any)]
    [InlineData("epoll", One)]
    [InlineData("sockets", Both)]
    [InlineData("sockets", Any)]
    public async Task They_share_a_port(string transport, string listen)
    {
        await using var edge = EdgeProcess.InExampleFolder();
        using var echo = new EchoServer("echo");
        var port = await ServeAsync(edge, echo);
        Listen(edge, listen, transport);
        await edge.StartAsync();
        await AnswersAsync(edge, port, "127.0.0.1", "::1");
        Assert.DoesNotContain("cannot be opened", edge.Output, StringComparison.Ordinal);
    }

    // Each step is one of what a reload can add or take away.
    [Theory]
    [InlineData("epoll", new[] { Both, Any, Turned, Old, Any })]
    [InlineData("sockets", new[] { Both, Any })]
    public async Task A_process_that_takes_over_listens_as_its_settings_say(string transport, string[] steps)
    {
        await using var edge = EdgeProcess.InExampleFolder();
        using var echo = new EchoServer("echo");
        var port = await ServeAsync(edge, echo);
        Listen(edge, Old, transport);
        await edge.StartAsync();
        foreach (var listen in steps)
        {
            Listen(edge, listen, transport);
            await edge.HandOverAsync();
            await AnswersAsync(edge, port, listen == Old ? ["127.0.0.1"] : ["127.0.0.1", "::1"]);
        }
    }

    [Fact]
    public async Task Services_of_one_port_and_two_families_come_and_go()
    {
        await using var edge = EdgeProcess.InExampleFolder();
        using var echo = new EchoServer("echo");
        using var old = new EchoServer("old");
        var port = EdgeProcess.FreePort();
        var file = Path.Combine(edge.Folder, "proxy-routes", "old.yaml");
        await File.WriteAllTextAsync(Path.Combine(edge.Folder, "proxy-routes", "echo.yaml"), $"services:\n  echo: {{ to: \"tcp://127.0.0.1:{echo.Port}\", listen: \"[::]:{port}\" }}\n", Cancel);
        await edge.StartAsync();
        for (var round = 0; round < 2; round++)
        {
            await SaysAsync("127.0.0.1", "echo");
            await File.WriteAllTextAsync(file, $"services:\n  old: {{ to: \"tcp://127.0.0.1:{old.Port}\", listen: \"0.0.0.0:{port}\" }}\n", Cancel);
            await SaysAsync("127.0.0.1", "old");
            await SaysAsync("::1", "echo");
            File.Delete(file);
        }

        Task SaysAsync(string address, string who) => Eventually.TrueAsync(async () => await AskAsync(address) == $"{who} got 2: hi", () => $"{address} is not {who}:\n{edge.Output}");

        async Task<string> AskAsync(string address)
        {
            try
            {
                return await StreamClient.AskAsync(address, port, "hi");
            }
            catch (SocketException closed)
            {
                return closed.Message;
            }
        }
    }

    [Fact]
    public async Task What_a_service_manager_keeps_of_the_other_kind_is_given_up()
    {
        await using var edge = EdgeProcess.InExampleFolder();
        using var echo = new EchoServer("echo");
        var port = await ServeAsync(edge, echo);
        Listen(edge, Any, "epoll");
        var state = Managed(edge);
        await edge.StartAsync();
        var ready = 1;
        foreach (var listen in (string[])[Both, Any])
        {
            await Eventually.TrueAsync(async () => Count(await File.ReadAllTextAsync(state, Cancel), "READY=1") == ready, () => edge.Output);
            Listen(edge, listen, "epoll");
            await Shell.OutputAsync("kill", "-TERM", Last(await File.ReadAllTextAsync(state, Cancel)));
            ready++;
            await Eventually.TrueAsync(async () => Count(await File.ReadAllTextAsync(state, Cancel), "READY=1") == ready, () => edge.Output);
            await AnswersAsync(edge, port, "127.0.0.1", "::1");
        }
    }

    // Its port does not come free: the unit has it.
    [Theory]
    [InlineData("epoll", "ipv6-only", Any, "it is for IPv6 alone", new[] { "::1" })]
    [InlineData("epoll", "both", Both, "clients of IPv4 come by it too", new[] { "127.0.0.1", "::1" })]
    [InlineData("sockets", "both", One, "clients of IPv4 come by it too", new[] { "127.0.0.1", "::1" })]
    public async Task What_a_unit_has_of_the_other_kind_is_served_as_it_is(string transport, string unit, string listen, string told, string[] addresses)
    {
        await using var edge = EdgeProcess.InExampleFolder();
        using var echo = new EchoServer("echo");
        var port = await ServeAsync(edge, echo);
        Listen(edge, listen, transport);
        var state = Managed(edge, $"{unit}-{edge.Http}", $"{unit}-{edge.Https}");
        await edge.StartAsync();
        await AnswersAsync(edge, port, addresses);
        Assert.Contains($"[::]:{edge.Https} comes from a .socket unit and stays as it is: {told}", edge.Output, StringComparison.Ordinal);

        var first = Last(await File.ReadAllTextAsync(state, Cancel));
        await Shell.OutputAsync("kill", "-USR2", first);
        await Eventually.TrueAsync(async () => (await File.ReadAllTextAsync(state, Cancel)).Contains($"ended {first}", StringComparison.Ordinal), () => edge.Output);
        await AnswersAsync(edge, port, addresses);

        var text = await File.ReadAllTextAsync(state, Cancel);
        await Shell.OutputAsync("kill", "-TERM", text[(text.LastIndexOf("MAINPID=", StringComparison.Ordinal) + 8)..].Split(' ')[0]);
        await Eventually.TrueAsync(async () => Count(await File.ReadAllTextAsync(state, Cancel), "READY=1") == 4, () => edge.Output);
        await AnswersAsync(edge, port, addresses);

        // It is the unit that has it, not the store.
        Assert.DoesNotContain($"FDSTORE=1 FDPOLL=0 FDNAME=tcp-[--]-{edge.Https}", await File.ReadAllTextAsync(state, Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_process_takes_over_that_would_want_the_IPv4_of_a_unit_alone()
    {
        await using var edge = EdgeProcess.InExampleFolder();
        using var echo = new EchoServer("echo");
        var port = await ServeAsync(edge, echo);
        Listen(edge, Both, "epoll");
        var state = Managed(edge, $"both-{edge.Http}", $"both-{edge.Https}");
        await edge.StartAsync();
        Listen(edge, Old, "epoll");
        await RefusesAsync(edge, Last(await File.ReadAllTextAsync(state, Cancel)), $"0.0.0.0:{edge.Https} (gateway.https) is taken");
        await AnswersAsync(edge, port, "127.0.0.1", "::1");
    }

    [Fact]
    public async Task No_process_takes_over_that_would_want_an_address_that_is_not_there()
    {
        await using var edge = EdgeProcess.InExampleFolder();
        using var echo = new EchoServer("echo");
        var port = await ServeAsync(edge, echo);
        Listen(edge, Any, "epoll");
        await edge.StartAsync();
        Listen(edge, "\"[::]:{0}\", 192.0.2.99:{0}", "epoll");
        await RefusesAsync(edge, $"{edge.Id}", $"192.0.2.99:{edge.Https} (gateway.https) is not an address of this machine");
        await AnswersAsync(edge, port, "127.0.0.1", "::1");
        Listen(edge, One, "epoll");
        await edge.HandOverAsync();
        await AnswersAsync(edge, port, "127.0.0.1", "::1");
    }

    [Fact]
    public async Task Who_has_a_port_already_is_not_told_that_another_program_has_it()
    {
        await using var edge = EdgeProcess.InExampleFolder();
        Listen(edge, "127.0.0.1:{0}", "epoll");
        await edge.StartAsync();
        Listen(edge, "0.0.0.0:{0}", "epoll");
        await RefusesAsync(edge, $"{edge.Id}", $"0.0.0.0:{edge.Https} (gateway.https) cannot be opened beside 127.0.0.1:{edge.Https}, which the running process has: restart instead of a reload");
        Assert.DoesNotContain("taken by another program", edge.Output, StringComparison.Ordinal);
    }

    private static async Task RefusesAsync(EdgeProcess edge, string process, string told)
    {
        await Shell.OutputAsync("kill", "-USR2", process);
        await Eventually.TrueAsync(() => Task.FromResult(edge.Output.Contains(told, StringComparison.Ordinal)), () => edge.Output);
        Assert.Contains("No other process is started", edge.Output, StringComparison.Ordinal);
        Assert.False(edge.HasEnded);
    }

    private static string Managed(EdgeProcess edge, params string[] units)
    {
        Shell.Need("python3", "python3");
        var state = Path.Combine(edge.Folder, "state");
        edge.Before = ["python3", Path.Combine(HouseRules.Repository.Root, "tests", "Edge.Tests", "Whole", "service_manager.py"), state, .. units, "--"];
        return state;
    }

    private static int Count(string text, string what) => text.Split(what).Length - 1;

    private static string Last(string text) => text[(text.LastIndexOf("started ", StringComparison.Ordinal) + 8)..].Split('\n')[0];

    private static async Task<int> ServeAsync(EdgeProcess edge, EchoServer echo)
    {
        var port = EdgeProcess.FreePort();
        await File.WriteAllTextAsync(Path.Combine(edge.Folder, "proxy-routes", "echo.yaml"), $"services:\n  echo: {{ to: \"tcp://127.0.0.1:{echo.Port}\", listen: {port} }}\n", Cancel);
        return port;
    }

    private static void Listen(EdgeProcess edge, string listen, string transport) => edge.WriteSettings(text =>
    {
        foreach (var port in (int[])[edge.Http, edge.Https])
        {
            text = text.Replace($"[127.0.0.1:{port}]", $"[{listen.Replace("{0}", $"{port}", StringComparison.Ordinal)}]", StringComparison.Ordinal);
        }

        return text.Replace("gateway:\n", $"gateway:\n  transport: {transport}\n", StringComparison.Ordinal);
    });

    private static async Task AnswersAsync(EdgeProcess edge, int port, params string[] addresses)
    {
        foreach (var address in addresses)
        {
            using var browser = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });
            var authority = new IPEndPoint(IPAddress.Parse(address), edge.Http);
            Assert.Equal(HttpStatusCode.PermanentRedirect, (await browser.GetAsync($"http://{authority}/", Cancel)).StatusCode);
            Assert.Equal("echo got 2: hi", await StreamClient.AskAsync(address, port, "hi"));
            using var client = new TcpClient();
            await client.ConnectAsync(address, edge.Https, Cancel);
            await using var tls = new SslStream(client.GetStream(), leaveInnerStreamOpen: false, (_, _, _, _) => true);
            await tls.AuthenticateAsClientAsync("nas.example.com");
        }
    }
}
