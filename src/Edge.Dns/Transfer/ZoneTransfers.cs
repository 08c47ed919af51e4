using System.Collections.Immutable;
using System.Net;
using System.Threading.Channels;
using Edge.Dns.Nameserver;
using Edge.Dns.Signing;
using Edge.Dns.Views;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Microsoft.Extensions.Logging;

namespace Edge.Dns.Transfer;

/// <summary>
/// Our zones on their way to other servers: answers AXFR and IXFR, remembers what changed, and tells secondaries so.
/// </summary>
public sealed partial class ZoneTransfers : IAsyncDisposable
{
    private readonly ZoneManager _zones;
    private readonly ILogger _logger;
    private readonly TransferHistory _history;
    private readonly TransferHandler _handler;
    private readonly Notifier _notifier;
    private readonly Channel<ImmutableArray<ZonePublication>> _published = Channel.CreateUnbounded<ImmutableArray<ZonePublication>>();
    private volatile TransferPolicy _policy;
    private Task _following = Task.CompletedTask;

    /// <summary>Registers for AXFR and IXFR at the desk.</summary>
    /// <param name="zones">What is served.</param>
    /// <param name="views">The views now.</param>
    /// <param name="keys">The keys now.</param>
    /// <param name="desk">Where requests come from.</param>
    /// <param name="policy">Who may have what.</param>
    /// <param name="sources">The addresses we answer at, from which NOTIFY is sent.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logs">Makes the loggers.</param>
    /// <param name="signed">Who signs zones here; null when nobody does.</param>
    public ZoneTransfers(
        ZoneManager zones, Func<ViewSet> views, Func<RequestKeySet> keys, ExchangeDesk desk, TransferPolicy policy, ImmutableArray<IPAddress> sources, TimeProvider time, ILoggerFactory logs,
        ISignedZones? signed = null)
    {
        _history = new TransferHistory(signed);
        _zones = zones;
        _policy = policy;
        _logger = logs.CreateLogger<ZoneTransfers>();
        _handler = new TransferHandler(() => _policy, _history, time, _logger);
        _notifier = new Notifier(() => _policy, views, keys, sources, time, _logger);
        desk.Handle(RecordType.AXFR, _handler);
        desk.Handle(RecordType.IXFR, _handler);
        _zones.Published += Follow;
    }

    /// <summary>Tells every secondary what is served now, and every change from now on.</summary>
    public void Start()
    {
        Open(_policy, TransferPolicy.Closed);
        _following = Task.Run(FollowAsync);
    }

    /// <summary>Takes over another policy; secondaries that are new to it are told of their zones.</summary>
    public void Use(TransferPolicy policy)
    {
        var before = _policy;
        _policy = policy;
        Open(policy, before);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _zones.Published -= Follow;
        _published.Writer.TryComplete();
        await _following.ConfigureAwait(false);
        await _notifier.DisposeAsync().ConfigureAwait(false);
        _handler.Dispose();
    }

    private void Follow(ImmutableArray<ZonePublication> published) => _published.Writer.TryWrite(published);

    private async Task FollowAsync()
    {
        await foreach (var publications in _published.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            foreach (var published in publications)
            {
                try
                {
                    Take(published);
                }
                catch (Exception e)
                {
                    Log.Failed(_logger, e, published.Origin, published.View);
                }
            }
        }
    }

    private void Take(ZonePublication published)
    {
        if (!_policy.IsOpen(published.Origin))
        {
            _history.Forget(published);
            return;
        }

        _history.Add(published);
        if (published.After is { } after && published.Before?.Serial != after.Serial)
        {
            _notifier.Notify(published.View, after);
        }
    }

    private void Open(TransferPolicy policy, TransferPolicy before)
    {
        var zones = _zones.Current;
        for (var view = 0; view < zones.Views.Length; view++)
        {
            foreach (var zone in zones.Zones(view).Where(zone => policy.IsOpen(zone.Origin)))
            {
                _history.Begin(zones.Views[view], zone);
                if (!policy.Peers(zone.Origin).SequenceEqual(before.Peers(zone.Origin)))
                {
                    _notifier.Notify(zones.Views[view], zone);
                }
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1560, LogLevel.Error, "A change of {Origin} ({View}) could not be told to its secondaries")]
        public static partial void Failed(ILogger logger, Exception error, Name origin, string view);
    }
}
