using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Edge.Services;
using Edge.Streams;
using Edge.Tests.Gateway;
using Edge.Tests.Whole;
using Microsoft.Extensions.DependencyInjection;

namespace Edge.Tests.Streams;

/// <summary>Which datagrams reach a service, and that nobody waits for what is looked up for another.</summary>
public sealed class UdpStreamTests : IDisposable
{
    private readonly UdpClient _game = new(new IPEndPoint(IPAddress.Loopback, 0));
    private readonly int _port = EdgeProcess.FreePort();
    private readonly ConcurrentDictionary<IPAddress, TaskCompletionSource<bool>> _allowed = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private int Game => ((IPEndPoint)_game.Client.LocalEndPoint!).Port;

    [Fact]
    public async Task A_destination_that_cannot_be_found_is_passed_over()
    {
        await using var provider = Serve($"to: [\"udp://nowhere.invalid:1\", \"udp://127.0.0.1:{Game}\"], listen: {_port}");
        for (var guest = 1; guest <= 4; guest++)
        {
            using var client = await SayAsync(IPAddress.Loopback, $"guest {guest}");
            Assert.Equal($"guest {guest}", await HeardAsync());
        }
    }

    [Fact]
    public async Task Only_who_is_allowed_is_heard()
    {
        await using var provider = Serve($"to: \"udp://127.0.0.1:{Game}\", listen: {_port}, allow: [127.0.0.9]");
        Allow("127.0.0.8").SetResult(false);
        Allow("127.0.0.9").SetResult(true);
        using var stranger = await SayAsync(IPAddress.Parse("127.0.0.8"), "stranger");
        using var guest = await SayAsync(IPAddress.Parse("127.0.0.9"), "guest");
        Assert.Equal("guest", await HeardAsync());
    }

    [Fact]
    public async Task Who_has_to_be_looked_up_holds_up_nobody_else()
    {
        await using var provider = Serve($"to: \"udp://127.0.0.1:{Game}\", listen: {_port}, allow: [lan]");
        Allow("127.0.0.9").SetResult(true);
        using var slow = await SayAsync(IPAddress.Parse("127.0.0.7"), "slow");
        using var guest = await SayAsync(IPAddress.Parse("127.0.0.9"), "guest");
        Assert.Equal("guest", await HeardAsync());

        // What it said meanwhile was kept.
        Allow("127.0.0.7").SetResult(true);
        Assert.Equal("slow", await HeardAsync());
        await slow.SendAsync("again"u8.ToArray(), Cancel);
        Assert.Equal("again", await HeardAsync());
    }

    public void Dispose() => _game.Dispose();

    private TaskCompletionSource<bool> Allow(string client) => _allowed.GetOrAdd(IPAddress.Parse(client), static _ => new());

    private ServiceProvider Serve(string service)
    {
        var provider = new ServiceCollection().AddLogging().AddSingleton(TimeProvider.System)
            .AddStreams(new StreamOptions { Addresses = [IPAddress.Loopback] }, _ => new StreamClients(_ => true, _ => false, (_, client, _) => new(Allow($"{client}").Task))).BuildServiceProvider();
        provider.GetRequiredService<StreamManager>().Apply(new ServiceSet(1, ShortForm.Services($"services:\n  game: {{ {service} }}\n"), []));
        return provider;
    }

    private async Task<UdpClient> SayAsync(IPAddress from, string text)
    {
        var client = new UdpClient(new IPEndPoint(from, 0));
        client.Connect(IPAddress.Loopback, _port);
        await client.SendAsync(Encoding.ASCII.GetBytes(text), Cancel);
        return client;
    }

    private async Task<string> HeardAsync() => Encoding.ASCII.GetString((await _game.ReceiveAsync(Cancel)).Buffer);
}
