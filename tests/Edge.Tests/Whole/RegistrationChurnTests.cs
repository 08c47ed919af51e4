using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Edge.Dns.Wire;

namespace Edge.Tests.Whole;

/// <summary>
/// Registrations come and go at a running Edge while others ask over DNS and HTTPS: whoever is told an address is served.
/// EDGE_CHURN_SECONDS=60 goes on for so long.
/// </summary>
public sealed class RegistrationChurnTests
{
    private const int Clients = 4;
    private const int Registrations = 60;

    private static readonly TimeSpan? Time =
        int.TryParse(Environment.GetEnvironmentVariable("EDGE_CHURN_SECONDS"), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? TimeSpan.FromSeconds(seconds) : null;

    private readonly ConcurrentQueue<string> _wrong = new();
    private readonly ConcurrentDictionary<string, bool> _there = new();
    private int _seen;

    [Fact]
    public async Task Whoever_is_told_an_address_is_served_and_nobody_is_when_the_registration_has_ended()
    {
        await using var edge = EdgeProcess.InExampleFolder();
        await using var backend = await Backend.StartAsync("here");
        await edge.StartAsync();
        using var end = new CancellationTokenSource();
        var watching = Task.WhenAll(Enumerable.Range(0, 2).Select(seed => Task.Run(() => WatchAsync(edge, new Random(seed), end.Token))));
        try
        {
            await Task.WhenAll(Enumerable.Range(0, Clients).Select(client => Task.Run(() => ComeAndGoAsync(edge, backend.Url, client))));
        }
        finally
        {
            await end.CancelAsync();
            await watching;
        }

        Assert.Empty(_wrong);
        Assert.True(_seen > 20, $"only {_seen} names were seen by those who look");
    }

    // What the API says is so holds at once for everybody: there after PUT, gone after DELETE.
    private async Task ComeAndGoAsync(EdgeProcess edge, string to, int client)
    {
        using var api = edge.Api();
        using var browser = edge.Browser();
        var until = Time is { } time ? DateTime.UtcNow + time : DateTime.MaxValue;
        for (var at = 0; (Time is null ? at < Registrations : DateTime.UtcNow < until) && _wrong.IsEmpty; at++)
        {
            var name = $"c{client}x{at}";
            var host = $"{name}.nas.example.com";
            _there[host] = true;
            using var body = new StringContent($$"""{"to":"{{to}}"}""", Encoding.UTF8, "application/json");
            var put = await api.PutAsync($"/v1/services/{name}", body);
            Expect(put.StatusCode == HttpStatusCode.Created, $"PUT {name} answers {put.StatusCode}");
            Expect(await HasAddressAsync(edge.Dns, host), $"{host} has no address after its PUT");
            var page = await browser.GetAsync($"https://{host}/");
            Expect(page.StatusCode == HttpStatusCode.OK, $"{host} answers {page.StatusCode} after its PUT");
            Expect((await api.DeleteAsync($"/v1/services/{name}")).StatusCode == HttpStatusCode.NoContent, $"DELETE {name} fails");
            Expect(!await HasAddressAsync(edge.Dns, host), $"{host} has an address after its DELETE");
            page = await browser.GetAsync($"https://{host}/");
            Expect(page.StatusCode == HttpStatusCode.NotFound, $"{host} answers {page.StatusCode} after its DELETE");
            _there.TryRemove(host, out _);
        }
    }

    private async Task WatchAsync(EdgeProcess edge, Random random, CancellationToken end)
    {
        using var browser = edge.Browser();
        while (!end.IsCancellationRequested)
        {
            if (_there.Keys.ToList() is not { Count: > 0 } there || there[random.Next(there.Count)] is var host && !await HasAddressAsync(edge.Dns, host))
            {
                await Task.Yield();
                continue;
            }

            Interlocked.Increment(ref _seen);
            var page = await browser.GetAsync($"https://{host}/", CancellationToken.None);

            // It may have gone in between, which no name does twice.
            Expect(page.StatusCode == HttpStatusCode.OK || !await HasAddressAsync(edge.Dns, host), $"{host} has an address and answers {page.StatusCode}");
        }
    }

    private void Expect(bool holds, string otherwise)
    {
        if (!holds)
        {
            _wrong.Enqueue(otherwise);
        }
    }

    // An address of its own, not by the alias *.nas.
    private static async Task<bool> HasAddressAsync(int port, string host)
    {
        byte[] question = [0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, .. Name.Parse(host).Wire, 0, 1, 0, 1];
        using var socket = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        socket.Connect(IPAddress.Loopback, port);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        await socket.SendAsync(question, patience.Token);
        var answer = (await socket.ReceiveAsync(patience.Token)).Buffer;

        // Behind the question the first record is at its name, two bytes: an A is of type 1.
        return answer[7] > 0 && answer[question.Length + 3] == 1;
    }
}
