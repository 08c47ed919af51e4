using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Edge.Dns.Nameserver;
using Edge.Dns.Views;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Microsoft.Extensions.Logging;

namespace Edge.Dns.Transfer;

/// <summary>
/// Tells the secondaries of a zone that it has changed (RFC 1996 §3.3): over UDP, again and again with growing pauses
/// until one answers. A newer change ends the calls about an older one.
/// </summary>
internal sealed partial class Notifier : IAsyncDisposable
{
    // RFC 1996 §3.6: a minute apart at most, five times.
    private static readonly ImmutableArray<TimeSpan> Waits = [.. new[] { 2, 4, 8, 16, 32, 60 }.Select(seconds => TimeSpan.FromSeconds(seconds))];

    private readonly Func<TransferPolicy> _policy;
    private readonly Func<ViewSet> _views;
    private readonly Func<RequestKeySet> _keys;
    private readonly ImmutableArray<IPAddress> _sources;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _sockets = new(64);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<(ZoneKey Zone, TransferPeer Peer), Call> _calls = [];

    /// <param name="policy">The secondaries of each zone.</param>
    /// <param name="views">The views: they say which one a secondary without a key's view sees.</param>
    /// <param name="keys">The keys.</param>
    /// <param name="sources">The addresses we answer at; secondaries believe NOTIFY from these.</param>
    /// <param name="time">Measures the pauses.</param>
    /// <param name="logger">Told whom nobody answers at.</param>
    public Notifier(
        Func<TransferPolicy> policy, Func<ViewSet> views, Func<RequestKeySet> keys, ImmutableArray<IPAddress> sources, TimeProvider time, ILogger logger) =>
        (_policy, _views, _keys, _sources, _time, _logger) = (policy, views, keys, sources, time, logger);

    /// <summary>Tells the secondaries that see this view about this version.</summary>
    public void Notify(string view, Zone zone)
    {
        foreach (var peer in _policy().Peers(zone.Origin).Where(peer => ViewOf(peer) == view))
        {
            var call = new Call(CancellationTokenSource.CreateLinkedTokenSource(_stop.Token));
            _calls.AddOrUpdate((new ZoneKey(view, zone.Origin), peer), call, (_, older) =>
            {
                older.Cancel.Cancel();
                return call;
            });
            call.Task = Task.Run(() => CallAsync(view, zone, peer, call));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_calls.Values.Select(call => call.Task)).ConfigureAwait(false);
    }

    private string ViewOf(TransferPeer peer)
    {
        var views = _views();
        return (peer.Key is null ? null : _keys().Find(peer.Key)?.View) ?? views[views.Match(peer.EndPoint.Address)].Name;
    }

    private async Task CallAsync(string view, Zone zone, TransferPeer peer, Call call)
    {
        var cancel = call.Cancel.Token;
        string? problem = null;
        try
        {
            foreach (var wait in Waits)
            {
                var (rcode, wrong) = await TryOnceAsync(zone, peer, wait, cancel).ConfigureAwait(false);
                if (rcode is { } said)
                {
                    Log.Told(_logger, peer.EndPoint, zone.Origin, view, zone.Serial, said);
                    return;
                }

                problem = wrong ?? problem;
            }

            GiveUp(view, zone, peer, problem);
        }
        catch (OperationCanceledException)
        {
            // A newer change is told instead, or the server stops.
        }
        catch (Exception e)
        {
            Log.Failed(_logger, e, peer.EndPoint, zone.Origin);
        }
        finally
        {
            _calls.TryRemove(new KeyValuePair<(ZoneKey, TransferPeer), Call>((new ZoneKey(view, zone.Origin), peer), call));
        }
    }

    private void GiveUp(string view, Zone zone, TransferPeer peer, string? problem)
    {
        if (problem is null)
        {
            Log.Silent(_logger, peer.EndPoint, zone.Origin, view, Waits.Length);
        }
        else
        {
            Log.NotBelieved(_logger, peer.EndPoint, zone.Origin, view, problem, Waits.Length);
        }
    }

    // Sends once and waits for an answer that is believed; the second result is what was wrong with one that is not.
    private async Task<(Rcode? Rcode, string? Problem)> TryOnceAsync(Zone zone, TransferPeer peer, TimeSpan wait, CancellationToken cancel)
    {
        await _sockets.WaitAsync(cancel).ConfigureAwait(false);
        using var patience = new CancellationTokenSource(wait, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancel);
        try
        {
            using var request = new PeerRequest(Message(zone), peer.Key is null ? null : _keys().Find(peer.Key)?.Key, _time);
            using var socket = new Socket(peer.EndPoint.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            BindTo(socket, peer.EndPoint.Address);
            await socket.ConnectAsync(peer.EndPoint, either.Token).ConfigureAwait(false);
            await socket.SendAsync(request.Wire, SocketFlags.None, either.Token).ConfigureAwait(false);
            var answer = new byte[4096];
            while (true)
            {
                var length = await socket.ReceiveAsync(answer, SocketFlags.None, either.Token).ConfigureAwait(false);
                if (!request.IsAnsweredBy(answer.AsSpan(0, length)))
                {
                    continue;
                }

                if (request.Read(answer.AsSpan(0, length), out var problem) is { } message)
                {
                    return (message.Rcode, null);
                }

                // Asked again at once it would say the same: the pause is due all the same (RFC 1996 §3.6).
                Log.Doubtful(_logger, peer.EndPoint, zone.Origin, problem!);
                await Task.Delay(wait, _time, cancel).ConfigureAwait(false);
                return (null, problem);
            }
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return (null, null);
        }
        catch (SocketException)
        {
            // Nobody listens there now: that is known at once, and the pause is due all the same.
            await Task.Delay(wait, _time, cancel).ConfigureAwait(false);
            return (null, null);
        }
        finally
        {
            _sockets.Release();
        }
    }

    // RFC 1996 §3.7: the new SOA is a hint for who wants to compare serials at once.
    private static Message Message(Zone zone)
    {
        var message = new Message { Opcode = Opcode.Notify, Flags = MessageFlags.Authoritative };
        message.Questions.Add(new Question(zone.Origin, RecordType.SOA));
        if (zone.Find(zone.Origin, RecordType.SOA) is { } soa)
        {
            message.Answer.AddRange(soa.Records);
        }

        return message;
    }

    private void BindTo(Socket socket, IPAddress peer)
    {
        var source = _sources.FirstOrDefault(address => address.AddressFamily == peer.AddressFamily && IPAddress.IsLoopback(address) == IPAddress.IsLoopback(peer)
            && !address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any));
        if (source is not null)
        {
            socket.Bind(new IPEndPoint(source, 0));
        }
    }

    private sealed class Call(CancellationTokenSource cancel)
    {
        public CancellationTokenSource Cancel { get; } = cancel;

        public Task Task { get; set; } = Task.CompletedTask;
    }

    private static partial class Log
    {
        [LoggerMessage(1555, LogLevel.Debug, "{Peer} was told that {Origin} ({View}) is at serial {Serial}, and says {Rcode}")]
        public static partial void Told(ILogger logger, IPEndPoint peer, Name origin, string view, uint serial, Rcode rcode);

        [LoggerMessage(1556, LogLevel.Warning, "{Peer} does not answer NOTIFY for {Origin} ({View}); it was called {Times} times and has to find out by itself")]
        public static partial void Silent(ILogger logger, IPEndPoint peer, Name origin, string view, int times);

        [LoggerMessage(1557, LogLevel.Warning, "{Peer} answers NOTIFY for {Origin} ({View}) with {Problem}: that is not believed; it was called {Times} times and may not know of the change")]
        public static partial void NotBelieved(ILogger logger, IPEndPoint peer, Name origin, string view, string problem, int times);

        [LoggerMessage(1559, LogLevel.Debug, "{Peer} answers NOTIFY for {Origin} with {Problem}; it is called again")]
        public static partial void Doubtful(ILogger logger, IPEndPoint peer, Name origin, string problem);

        [LoggerMessage(1558, LogLevel.Error, "NOTIFY to {Peer} for {Origin} failed")]
        public static partial void Failed(ILogger logger, Exception error, IPEndPoint peer, Name origin);
    }
}
