using Edge.Connections;
using Edge.Dns.Listeners;
using Edge.Dns.Zones;
using Edge.Gateway;
using Edge.Names;
using Edge.Services;
using Edge.Observability;
using Edge.Settings;
using Edge.Stores;
using Edge.Streams;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Edge;

/// <summary>A running Edge: how it starts, makes room for another process, and ends.</summary>
internal sealed partial class EdgeHost : IAsyncDisposable
{
    // Time in which clients at work learn that their connections end, and in which a short request ends.
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(500);

    // The same when nobody waits for the end.
    private static readonly TimeSpan LongMoment = TimeSpan.FromSeconds(5);

    // Who has connected and asked nothing yet may do so for as long as the header of a request may take.
    private static readonly TimeSpan FirstRequest = TimeSpan.FromSeconds(15);

    // What has been told to end needs moments: after that it hangs.
    private static readonly TimeSpan ReleasePatience = TimeSpan.FromSeconds(15);

    private readonly TimeProvider _time;
    private readonly ILogger<EdgeHost> _log;
    private readonly ListeningSockets _sockets;
    private readonly Lazy<Task> _release;
    private readonly Rooms _rooms;
    private readonly NamesRoom _names;
    private readonly WebApplication _web;
    private readonly ObservabilityRoom _observed;
    private readonly CancellationTokenSource _soon;
    private Task? _drained;
    private long _yielded;

    private EdgeHost(EdgeOptions options, ListeningSockets sockets, ILoggerFactory logs, TimeProvider time)
    {
        (_sockets, _time, _log, _soon) = (sockets, time, logs.CreateLogger<EdgeHost>(), new CancellationTokenSource(Timeout.InfiniteTimeSpan, time));
        _rooms = new Rooms(options, sockets, logs, time);
        (_names, _web, _observed, _release) = (_rooms.Names, _rooms.Web, _rooms.Observed, new Lazy<Task>(_rooms.ReleaseAsync));
    }

    /// <summary>Opens everything; when it returns, Edge serves.</summary>
    /// <exception cref="StartFailedException">Something is in the way; the message says what and what to do.</exception>
    public static async Task<EdgeHost> StartAsync(EdgeOptions options, ListeningSockets sockets, ILoggerFactory logs, TimeProvider time, CancellationToken cancel)
    {
        // First: who has the folder also has the ports, and is what there is to know.
        FolderLock.RefuseHeld(options.PathOf(options.Data));
        WebServer.TakePorts(options, sockets);
        var host = new EdgeHost(options, sockets, logs, time);
        try
        {
            await host._rooms.OpenAsync(cancel);
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>Takes over the settings that can change while Edge runs.</summary>
    public void TakeOver(EdgeOptions options) => _rooms.TakeOver(options);

    /// <summary>The services in effect.</summary>
    public ServiceSet Services => _rooms.Services.Catalog.Current;

    /// <summary>The routes that requests go by.</summary>
    public RouteTable Routes => _web.Services.GetRequiredService<RouteTableManager>().Current;

    /// <summary>Zone files as they are now: what is wrong with those that are served all the same, as they were before.</summary>
    public IReadOnlyList<ZoneProblem> LookForKeptZones() => _names.LookForKeptFiles();

    /// <summary>Where DNS listens.</summary>
    public DnsListeners DnsListeners => _names.Listeners;

    /// <summary>
    /// Takes nothing new and lets go of all that only one process may hold, for the one that takes over. The requests under
    /// way go on until this is disposed.
    /// </summary>
    /// <param name="hurry">Ends them as well.</param>
    public async Task YieldAsync(CancellationToken hurry)
    {
        (_names.Multicast.IsHandedOver, _rooms.WayIn.IsHandedOver, _yielded) = (true, true, _time.GetTimestamp());
        await SayFarewellAsync();
        _drained = DrainAsync(LongMoment, _rooms.Options.Gateway.DrainBehind, "gateway.drain-after-reload", hurry);

        // What the API was asked, it may still write down.
        await Task.WhenAny(_drained, Task.Delay(Moment, _time, CancellationToken.None));
        _web.Services.GetRequiredService<HstsPromises>().KeepLast();
        await ReleaseAsync();
    }

    /// <summary>Nobody has taken over, and nobody serves until this process has ended: what is under way has the time of any other end.</summary>
    public void EndSoon()
    {
        var left = _rooms.Options.Gateway.Drain - _time.GetElapsedTime(_yielded);
        _soon.CancelAfter(left > TimeSpan.Zero ? left : TimeSpan.Zero);
    }

    public async ValueTask DisposeAsync()
    {
        if (_drained is null)
        {
            _names.Multicast.Withdraw();
            await Task.WhenAll(_rooms.WayIn.EndAsync(), SayFarewellAsync());
            _drained = DrainAsync(Moment, _rooms.Options.Gateway.Drain, "gateway.drain", CancellationToken.None);
        }

        await _drained;
        await ReleaseAsync();
        await _rooms.DisposeAsync();
        _soon.Dispose();
    }

    private async Task SayFarewellAsync()
    {
        _web.Services.GetRequiredService<Farewell>().Begin();
        await UntilAsync(() => _observed.Connections.Open == 0, Moment, CancellationToken.None);
    }

    // First nobody comes any more, then those who have come go: the web server would close a connection that was accepted
    // and has not asked yet. Streams at ports of their own are beside it.
    private async Task DrainAsync(TimeSpan moment, TimeSpan patience, string setting, CancellationToken hurry)
    {
        _sockets.Close();
        _web.Services.GetRequiredService<StreamManager>().ClosePorts();
        var (connections, streams) = (_observed.Connections, _web.Services.GetRequiredService<StreamForwarder>());
        var (cut, left) = (_web.Services.GetRequiredService<CutRequests>(), (Silent: 0L, Streams: 0L));
        using var end = new CancellationTokenSource();
        void Cut()
        {
            if (end.IsCancellationRequested)
            {
                return;
            }

            left = (connections.Silent, streams.Open);
            cut.Begin();
            end.Cancel();
        }

        using var hurried = hurry.Register(Cut);
        using var sooner = _soon.Token.Register(() =>
        {
            setting = "gateway.drain";
            Cut();
        });
        await using var over = _time.CreateTimer(_ => Cut(), null, patience, Timeout.InfiniteTimeSpan);
        await UntilAsync(() => connections.Open == 0, moment, end.Token);
        var open = _web.Services.GetRequiredService<GatewayListeners>().Open;
        open.EndIdle();

        // Who was accepted last may be on the way here still: the web server waits for all of them, and ends none by itself.
        var stopping = _web.StopAsync(end.Token);
        await Task.WhenAny(stopping, Task.Delay(FirstRequest, _time, end.Token));
        open.EndAll();
        await stopping;
        await UntilAsync(() => streams.Open == 0, patience, end.Token);
        if (end.IsCancellationRequested && CutOff.Of(cut.Requests, cut.WebSockets, left.Streams, left.Silent) is { } what)
        {
            Log.CutOff(_log, setting, what);
        }
    }

    private async Task UntilAsync(Func<bool> holds, TimeSpan patience, CancellationToken hurry)
    {
        for (var began = _time.GetTimestamp(); !holds() && !hurry.IsCancellationRequested && _time.GetElapsedTime(began) < patience;)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), _time, CancellationToken.None);
        }
    }

    private async Task ReleaseAsync()
    {
        if (await Task.WhenAny(_release.Value, Task.Delay(ReleasePatience, _time, CancellationToken.None)) == _release.Value)
        {
            await _release.Value;
            return;
        }

        // Nobody serves any more, and whoever is to waits for the lock of the data folder, which ends with the process.
        await Console.Error.WriteLineAsync($"edge: something at work does not end within {ReleasePatience.TotalSeconds:0} seconds; the process ends without it");
        Environment.Exit(1);
    }

    private static partial class Log
    {
        [LoggerMessage(8051, LogLevel.Information, "The time for requests under way is over ({Setting}); cut off: {What}")]
        public static partial void CutOff(ILogger log, string setting, string what);
    }
}
