using System.Collections.Immutable;
using Edge.Dns.Multicast;
using Edge.Services;
using Microsoft.Extensions.Logging;

namespace Edge.Names.Multicast;

/// <summary>
/// Follows the services and says what of them is published. It is told of every change on the way of that change, and takes note
/// only; what follows comes a moment later, so that a thousand changes are one.
/// </summary>
internal sealed partial class MulticastServices : IServiceReader, IDisposable
{
    // Each takes part in every answer to who looks for web services: a link is shared with others.
    private const int Most = 200;

    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(100);

    private readonly GatewayPlaces _places;
    private readonly Action _changed;
    private readonly ILogger _log;
    private readonly ITimer _timer;
    private volatile ServiceSet _services = ServiceSet.Empty;
    private volatile Dictionary<string, string> _hosts = [];
    private int _isDue;
    private bool _isTold;

    /// <param name="places">Where the gateway listens.</param>
    /// <param name="changed">Called a moment after services have changed.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Told when there are too many.</param>
    public MulticastServices(GatewayPlaces places, Action changed, TimeProvider time, ILogger log)
    {
        (_places, _changed, _log) = (places, changed, log);
        _timer = time.CreateTimer(
            _ =>
            {
                Volatile.Write(ref _isDue, 0);
                _changed();
            },
            null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public void Apply(ServiceSet services)
    {
        _services = services;
        if (Interlocked.Exchange(ref _isDue, 1) == 0)
        {
            _timer.Change(Moment, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>What is to be published now.</summary>
    public ImmutableArray<Publication> Publications()
    {
        var services = _services;
        _hosts = new(services.Services.Take(Most).Select(service => KeyValuePair.Create(service.Name, service.Hosts.FirstOrDefault(host => !host.StartsWith('*')) ?? "")), StringComparer.Ordinal);
        if (services.Count > Most && !_isTold)
        {
            _isTold = true;
            Log.TooMany(_log, services.Count, Most);
        }

        return [.. services.Services.Take(Most).Select(service => service.Stream is null ? _places.Publish(service.Name) : _places.PublishHost(service.Name))];
    }

    /// <summary>The host under which a published service is served; null when there is none.</summary>
    public string? HostOf(string label) => _hosts.GetValueOrDefault(label) is { Length: > 0 } host ? host : null;

    public void Dispose() => _timer.Dispose();

    private static partial class Log
    {
        [LoggerMessage(3201, LogLevel.Warning, "There are {Count} services; mDNS tells of the first {Most} by name, so that the LAN is not filled with it")]
        public static partial void TooMany(ILogger log, int count, int most);
    }
}
