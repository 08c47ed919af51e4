using System.Net;
using Edge.Connections;
using Edge.Gateway;
using Edge.Observability;
using Edge.Observability.Metrics;
using Edge.Tests.Certificates;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;
using Eventually = Edge.Tests.Whole.Eventually;

namespace Edge.Tests.Gateway.Straight;

/// <summary>
/// Of a route with one destination the second request finds all that it needs at hand. What is counted, told and known of health is
/// the same as for the first.
/// </summary>
public sealed class SoleDestinationTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string LogPath => Path.Combine(_folder.Path, "access.log");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Every_request_has_the_same_line_and_is_counted()
    {
        await using var backend = await Backend.SayingAsync("here");
        await using var room = Open();
        await using var gateway = await RunningGateway.StartAsync(observed: room, transport: TransportKind.Epoll);
        gateway.Serve(RunningGateway.Service("raw", backend.Uri));
        Assert.Null(Entry(gateway).Sole);
        for (var i = 0; i < 4; i++)
        {
            Assert.Equal("here", await gateway.TextAsync("https://raw.example.com/p"));
        }

        Assert.NotNull(Entry(gateway).Sole);
        var lines = await LinesAsync(4);
        Assert.All(lines, line => Assert.Matches($"\"route\":\"service:raw\",\"service\":\"raw\",\"destination\":\"{backend.Uri}\",\"upstream\":", line));
        Assert.Equal(("2xx", 4), Assert.Single(Counts(room).ByClass()));
        Assert.Equal(4, Counts(room).Upstream.Counts.Sum());
        Assert.Equal(16, Counts(room).Bytes);
    }

    [Fact]
    public async Task A_destination_that_dies_is_told_left_out_and_taken_back()
    {
        var backend = await Backend.SayingAsync("here");
        var port = backend.Port;
        await using var gateway = await RunningGateway.StartAsync(transport: TransportKind.Epoll);
        gateway.Serve(RunningGateway.Service("raw", backend.Uri));
        await gateway.TextAsync("https://raw.example.com/");
        await gateway.TextAsync("https://raw.example.com/");
        await backend.DisposeAsync();

        var failed = "";
        await Eventually.TrueAsync(async () => (failed = await gateway.TextAsync("https://raw.example.com/")).Contains("does not answer", StringComparison.Ordinal), () => failed);
        Assert.Contains(gateway.Logged, line => line.Contains("failed with Request: Connection refused", StringComparison.Ordinal));
        Assert.Contains(gateway.Logged, line => line.Contains("it is left out for a while", StringComparison.Ordinal));

        await using var again = await Backend.StartAsync(context => context.Response.WriteAsync("back"), port);
        Assert.Equal("back", await gateway.TextAsync("https://raw.example.com/"));
        Assert.Contains(gateway.Logged, line => line.Contains($"http://127.0.0.1:{port}/ answers", StringComparison.Ordinal));
        Assert.Equal("back", await gateway.TextAsync("https://raw.example.com/"));
    }

    [Fact]
    public async Task Requests_under_way_are_counted_where_they_are()
    {
        var (entered, leave) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var backend = await Backend.StartAsync(async context =>
        {
            if (context.Request.Path == "/wait")
            {
                entered.SetResult();
                await leave.Task;
            }
        });
        await using var gateway = await RunningGateway.StartAsync(transport: TransportKind.Epoll);
        gateway.Serve(RunningGateway.Service("raw", backend.Uri));
        await gateway.TextAsync("https://raw.example.com/");
        var waiting = gateway.TextAsync("https://raw.example.com/wait");
        await entered.Task.WaitAsync(RunningGateway.Cancel);
        var destination = Entry(gateway).Model.Cluster!.DestinationsState.AllDestinations[0];
        await Eventually.TrueAsync(() => Task.FromResult(DestinationLoad.InFlight(destination) == 1), () => $"{DestinationLoad.InFlight(destination)} under way");
        leave.SetResult();
        await waiting;
        await Eventually.TrueAsync(() => Task.FromResult(DestinationLoad.InFlight(destination) == 0), () => "still under way");
    }

    [Fact]
    public async Task What_was_forgotten_is_counted_anew()
    {
        await using var backend = await Backend.SayingAsync("here");
        await using var room = Open();
        await using var gateway = await RunningGateway.StartAsync(observed: room, transport: TransportKind.Epoll);
        gateway.Serve(RunningGateway.Service("raw", backend.Uri));
        await gateway.TextAsync("https://raw.example.com/");
        await Eventually.TrueAsync(() => Task.FromResult(room.Requests.Routes.Any()), () => "nothing is counted");
        for (var i = 0; i < 1100; i++)
        {
            var record = room.Records.Get();
            record.Route = $"gone{i}";
            room.Requests.Begin();
            room.Requests.End(record);
        }

        room.Requests.Forget(0, static () => new HashSet<string>());
        Assert.Empty(room.Requests.Routes);
        await gateway.TextAsync("https://raw.example.com/");
        await Eventually.TrueAsync(() => Task.FromResult(room.Requests.Routes.Any()), () => "nothing is counted");
        Assert.Equal(("2xx", 1), Assert.Single(Counts(room).ByClass()));
    }

    private static RouteEntry Entry(RunningGateway gateway) => gateway.Routes.Current.OnlyOf("raw.example.com")!;

    private static RouteCounts Counts(ObservabilityRoom room) => Assert.Single(room.Requests.Routes).Value;

    private ObservabilityRoom Open()
    {
        var room = ObservabilityRoom.Open(new AccessLogOptions { File = LogPath }, tracing: false, TimeProvider.System, NullLogger.Instance);
        room.Log.Start();
        return room;
    }

    private async Task<string[]> LinesAsync(int count)
    {
        string[] lines = [];
        await Eventually.TrueAsync(async () => (lines = File.Exists(LogPath) ? await File.ReadAllLinesAsync(LogPath) : []).Length >= count, () => $"{lines.Length} lines instead of {count}");
        return lines;
    }
}
