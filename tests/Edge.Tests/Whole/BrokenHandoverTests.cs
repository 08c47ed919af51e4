using System.Diagnostics;
using System.Globalization;
using System.Net.WebSockets;
using System.Text.RegularExpressions;

namespace Edge.Tests.Whole;

/// <summary>A process that was to take over and fails, when the one before has let go of everything: nobody serves.</summary>
public sealed class BrokenHandoverTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_one_before_ends_soon_whatever_its_clients_hold_open_so_that_another_one_is_started()
    {
        await using var backend = await DropBackend.StartAsync("held");
        await using var edge = EdgeProcess.InExampleFolder();
        await File.WriteAllTextAsync(Path.Combine(edge.Folder, "proxy-routes", "held.yaml"), $"services:\n  held: {{ to: \"{backend.Uri}\" }}\n", Cancel);
        await edge.StartAsync();
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri("wss://held.nas.example.com/echo"), new HttpMessageInvoker(GatewayClient.Trusting(edge.Https)), Cancel);
        using (var kill = Process.Start("kill", ["-USR2", $"{edge.Id}"]))
        {
            await kill.WaitForExitAsync(Cancel);
        }

        // It lets go of its sockets first, and waits for its clients to go.
        await Eventually.TrueAsync(() => Task.FromResult(Regex.IsMatch(edge.Output, @"Process \d+ takes over")), () => edge.Output);
        using (var successor = Process.GetProcessById(int.Parse(Regex.Match(edge.Output, @"Process (\d+) takes over").Groups[1].ValueSpan, CultureInfo.InvariantCulture)))
        {
            successor.Kill();
        }

        Assert.Equal(3, await edge.ExitCodeAsync());
        Assert.Contains("was to take over and has failed; nobody serves any more", edge.Output, StringComparison.Ordinal);
        Assert.Contains("The time for requests under way is over (gateway.drain); cut off: 1 WebSocket", edge.Output, StringComparison.Ordinal);
    }
}
