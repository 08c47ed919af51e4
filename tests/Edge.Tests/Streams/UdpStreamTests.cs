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

    // The socket of a session is bound before it is connected, and takes meanwhile what others send.
    [Fact]
    public async Task What_one_client_says_is_never_another_ones()
    {
        const int guests = 800;
        await using var provider = Serve($"to: \"udp://127.0.0.1:{Game}\", listen: {_port}");
        var heard = new ConcurrentDictionary<string, int>();
        var said = new ConcurrentDictionary<int, ConcurrentDictionary<string, bool>>();
        _ = ListenAsync((port, text) =>
        {
            heard[text] = port;
            said.GetOrAdd(port, static _ => new())[text] = true;
        });
        var clients = Enumerable.Range(0, guests).Select(_ => new UdpClient(new IPEndPoint(IPAddress.Loopback, 0))).ToList();
        await Eventually.TrueAsync(
            () =>
            {
                Parallel.For(0, guests, guest => _ = heard.ContainsKey($"guest {guest}") ? 0 : clients[guest].Send(Encoding.ASCII.GetBytes($"guest {guest}"), new IPEndPoint(IPAddress.Loopback, _port)));
                return Task.FromResult(heard.Count == guests);
            },
            () => $"{heard.Count} were heard");
        clients.ForEach(client => client.Dispose());
        Assert.Empty(said.Values.Where(texts => texts.Count > 1).Select(texts => string.Join(" and ", texts.Keys)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("0.0.0.0")]
    public async Task All_addresses_are_those_of_both_families(string beside)
    {
        await using var provider = Serve($"to: \"udp://127.0.0.1:{Game}\", listen: {_port}", [IPAddress.IPv6Any, .. beside.Length > 0 ? [IPAddress.Parse(beside)] : Array.Empty<IPAddress>()]);
        using var old = await SayAsync(IPAddress.Loopback, "IPv4");
        Assert.Equal("IPv4", await HeardAsync());
        using var modern = await SayAsync(IPAddress.IPv6Loopback, "IPv6");
        Assert.Equal("IPv6", await HeardAsync());
        Assert.Empty(provider.GetRequiredService<StreamManager>().Problems);
    }

    [Fact]
    public async Task A_client_that_asks_at_two_addresses_is_answered_from_each()
    {
        await using var provider = Serve($"to: \"udp://127.0.0.1:{Game}\", listen: \"0.0.0.0:{_port}\"");
        using var client = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        foreach (var asked in (string[])["127.0.0.1", "127.0.0.2", "127.0.0.1"])
        {
            var at = new IPEndPoint(IPAddress.Parse(asked), _port);
            await client.SendAsync("ask"u8.ToArray(), at, Cancel);
            var came = await _game.ReceiveAsync(Cancel);
            await _game.SendAsync("answer"u8.ToArray(), came.RemoteEndPoint, Cancel);
            Assert.Equal(at, (await client.ReceiveAsync(Cancel)).RemoteEndPoint);
        }
    }

    public void Dispose() => _game.Dispose();

    private TaskCompletionSource<bool> Allow(string client) => _allowed.GetOrAdd(IPAddress.Parse(client), static _ => new());

    private ServiceProvider Serve(string service, params IPAddress[] addresses)
    {
        var provider = new ServiceCollection().AddLogging().AddSingleton(TimeProvider.System)
            .AddStreams(new StreamOptions { Addresses = addresses.Length > 0 ? [.. addresses] : [IPAddress.Loopback] }, _ => new StreamClients(_ => true, _ => false, (_, client, _) => new(Allow($"{client}").Task))).BuildServiceProvider();
        provider.GetRequiredService<StreamManager>().Apply(new ServiceSet(1, ShortForm.Services($"services:\n  game: {{ {service} }}\n"), []));
        return provider;
    }

    private async Task<UdpClient> SayAsync(IPAddress from, string text)
    {
        var client = new UdpClient(new IPEndPoint(from, 0));
        client.Connect(from.AddressFamily == AddressFamily.InterNetworkV6 ? from : IPAddress.Loopback, _port);
        await client.SendAsync(Encoding.ASCII.GetBytes(text), Cancel);
        return client;
    }

    private async Task ListenAsync(Action<int, string> hear)
    {
        try
        {
            while (true)
            {
                var came = await _game.ReceiveAsync(Cancel);
                hear(came.RemoteEndPoint.Port, Encoding.ASCII.GetString(came.Buffer));
            }
        }
        catch (Exception ended) when (ended is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The end of the test.
        }
    }

    private async Task<string> HeardAsync() => Encoding.ASCII.GetString((await _game.ReceiveAsync(Cancel)).Buffer);
}
