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
        Shell.Need("python3", "python3");
        await using var edge = EdgeProcess.InExampleFolder();
        using var echo = new EchoServer("echo");
        var port = await ServeAsync(edge, echo);
        Listen(edge, Any, "epoll");
        var state = Path.Combine(edge.Folder, "state");
        edge.Before = ["python3", Path.Combine(HouseRules.Repository.Root, "tests", "Edge.Tests", "Whole", "service_manager.py"), state, "--"];
        await edge.StartAsync();
        var ready = 1;
        foreach (var listen in (string[])[Both, Any])
        {
            await Eventually.TrueAsync(async () => Count(await File.ReadAllTextAsync(state, Cancel), "READY=1") == ready, () => edge.Output);
            Listen(edge, listen, "epoll");
            var text = await File.ReadAllTextAsync(state, Cancel);
            await Shell.OutputAsync("kill", "-TERM", text[(text.LastIndexOf("started ", StringComparison.Ordinal) + 8)..].Split('\n')[0]);
            ready++;
            await Eventually.TrueAsync(async () => Count(await File.ReadAllTextAsync(state, Cancel), "READY=1") == ready, () => edge.Output);
            await AnswersAsync(edge, port, listen == Old ? ["127.0.0.1"] : ["127.0.0.1", "::1"]);
        }

        static int Count(string text, string what) => text.Split(what).Length - 1;
    }

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
