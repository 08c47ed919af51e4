using System.Net;
using System.Net.Sockets;

namespace Edge.Tests.Whole;

/// <summary>A gateway whose file descriptors are used up.</summary>
public sealed class DescriptorTests
{
    [Fact]
    public async Task When_descriptors_run_out_clients_wait_and_are_served_when_others_have_left()
    {
        Shell.Need("prlimit", "util-linux");
        await using var edge = EdgeProcess.InExampleFolder();
        edge.WriteSettings(text => text.Replace("gateway:\n", "gateway:\n  transport: epoll\n", StringComparison.Ordinal));
        edge.Before = ["prlimit", "--nofile=400"];
        await edge.StartAsync();
        var held = new List<Socket>();
        try
        {
            for (var i = 0; i < 450; i++)
            {
                var client = new Socket(SocketType.Stream, ProtocolType.Tcp);
                held.Add(client);
                await client.ConnectAsync(IPAddress.Loopback, edge.Https, TestContext.Current.CancellationToken);
            }

            await Eventually.TrueAsync(() => Task.FromResult(edge.Output.Contains("No free file descriptor", StringComparison.Ordinal)), () => edge.Output);
            using var browser = edge.Browser();
            var waiting = browser.GetAsync("https://nowhere.nas.example.com/", TestContext.Current.CancellationToken);
            held.ForEach(client => client.Dispose());
            Assert.Equal(HttpStatusCode.NotFound, (await waiting).StatusCode);
        }
        finally
        {
            held.ForEach(client => client.Dispose());
        }
    }
}
