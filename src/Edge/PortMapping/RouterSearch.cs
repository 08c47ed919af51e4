using System.Collections.Immutable;
using System.Net;
using Microsoft.Extensions.Logging;

namespace Edge.PortMapping;

/// <summary>Keeps a client of the router at hand: looks for what it speaks, again and again while that is nothing, and drops it when it falls silent.</summary>
internal sealed partial class RouterSearch(RouterFinder finder, TimeProvider time, ILogger log) : IDisposable
{
    private const int MostSilences = 3;

    private static readonly TimeSpan Again = TimeSpan.FromSeconds(30);

    private DateTimeOffset _next;
    private int _silences;
    private bool _isTold;
    private bool _hasForgotten;

    /// <summary>The client; null while nothing was found.</summary>
    public IRouterClient? Client { get; private set; }

    /// <summary>Whether there is a client; looks for one when it is time to.</summary>
    public async Task<bool> IsFoundAsync(IPAddress router, PortMappingOptions options, ImmutableArray<WantedMapping> wanted, CancellationToken cancel)
    {
        if (Client is not null)
        {
            return true;
        }

        if (time.GetUtcNow() < _next)
        {
            return false;
        }

        Client = await finder.FindAsync(router, options, wanted, cancel).ConfigureAwait(false);
        _next = time.GetUtcNow() + Again;
        if (Client is null)
        {
            if (!_isTold)
            {
                _isTold = true;
                Log.NotFound(log, router, string.Join(", ", options.Protocols));
            }

            return false;
        }

        (_isTold, _silences) = (false, 0);
        Client.Forgot += () => _hasForgotten = true;
        Log.Found(log, router, Client.Protocol);
        return true;
    }

    /// <summary>Has it looked for at the next call.</summary>
    public void DueNow() => _next = default;

    /// <summary>Whether the router has lost its mappings since this was asked last.</summary>
    public bool TakeForgotten(IPAddress router)
    {
        if (!_hasForgotten)
        {
            return false;
        }

        _hasForgotten = false;
        Log.Forgot(log, router, Client!.Protocol);
        return true;
    }

    /// <summary>The router has said something.</summary>
    public void Heard() => _silences = 0;

    /// <summary>The router has said nothing. True when that was once too often.</summary>
    public bool HasFallenSilent(IPAddress router)
    {
        if (++_silences < MostSilences)
        {
            return false;
        }

        Log.Silent(log, router, Client!.Protocol);
        return true;
    }

    /// <summary>Begins anew.</summary>
    public void Drop()
    {
        Client?.Dispose();
        Client = null;
        (_silences, _next, _hasForgotten) = (0, default, false);
    }

    public void Dispose() => Client?.Dispose();

    private static partial class Log
    {
        [LoggerMessage(3402, LogLevel.Information, "The router {Router} speaks {Protocol}")]
        public static partial void Found(ILogger log, IPAddress router, string protocol);

        [LoggerMessage(3403, LogLevel.Warning, "The router {Router} makes no mappings (tried: {Protocols}); switch on UPnP, NAT-PMP or PCP in its settings, or forward the ports by hand")]
        public static partial void NotFound(ILogger log, IPAddress router, string protocols);

        [LoggerMessage(3407, LogLevel.Warning, "The router {Router} has lost its mappings ({Protocol}), as after a restart; they are made again")]
        public static partial void Forgot(ILogger log, IPAddress router, string protocol);

        [LoggerMessage(3408, LogLevel.Warning, "The router {Router} does not answer any more by {Protocol}; it is looked for again")]
        public static partial void Silent(ILogger log, IPAddress router, string protocol);
    }
}
