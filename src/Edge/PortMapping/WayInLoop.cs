using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Edge.PortMapping;

/// <summary>Looks again and again at router and addresses, and tells what follows.</summary>
internal sealed partial class WayInLoop : IDisposable
{
    // A change of the router's address is seen outside within five seconds, also when the router says nothing by itself.
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(3);

    // The end of the process waits no longer for a router.
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(3);

    private readonly PortMappingSetup _setup;
    private readonly RouterMappings _mappings;
    private readonly WayInProver _prover;
    private readonly WayInTeller _teller;
    private readonly Announcements _announcements;
    private readonly WayInAsking _asking;
    private readonly WayInPause _pause;
    private volatile WayInWish _wish;
    private WayInWish? _looked;
    private bool _hasLeft;

    /// <param name="setup">The rest of the program.</param>
    /// <param name="wish">The settings.</param>
    /// <param name="mappings">The router.</param>
    /// <param name="prover">Has it tried whether an address leads here.</param>
    /// <param name="teller">Tells what follows.</param>
    public WayInLoop(PortMappingSetup setup, WayInWish wish, RouterMappings mappings, WayInProver prover, WayInTeller teller)
    {
        (_setup, _wish, _mappings, _prover, _teller) = (setup, wish, mappings, prover, teller);
        _pause = new WayInPause(setup.Time);
        _announcements = new Announcements(() => mappings.Router, setup.Time);
        _asking = new WayInAsking(prover, Wake, setup.Log);
    }

    /// <summary>The settings.</summary>
    public WayInWish Wish => _wish;

    /// <summary>Takes other settings.</summary>
    public void Use(WayInWish other)
    {
        if (_wish != other)
        {
            _wish = other;
            Wake();
        }
    }

    /// <summary>Looks at once.</summary>
    public void Wake() => _pause.End();

    /// <summary>Looks until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested)
        {
            try
            {
                await LookAsync(_wish, cancel).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                return;
            }
            catch (Exception unexpected)
            {
                Log.Failed(_setup.Log, unexpected);
            }

            await _pause.WaitAsync(_wish.IsAny ? Interval : Timeout.InfiniteTimeSpan, cancel).ConfigureAwait(false);
        }
    }

    /// <summary>Ends what <see cref="RunAsync"/> has left.</summary>
    /// <param name="takesBack">Whether what is mapped is taken back.</param>
    public async Task EndAsync(bool takesBack)
    {
        await _asking.StopAsync().ConfigureAwait(false);
        await _announcements.StopAsync().ConfigureAwait(false);
        if (!takesBack)
        {
            return;
        }

        using var patience = new CancellationTokenSource(Farewell, _setup.Time);
        try
        {
            await _mappings.RemoveAllAsync(_mappings.Router, _wish.Options, patience.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Mappings end by themselves, and the next process knows of those that do not.
        }
    }

    public void Dispose() => _pause.Dispose();

    private async Task LookAsync(WayInWish now, CancellationToken cancel)
    {
        var options = now.Options;
        if (_looked != now)
        {
            _looked = now;
            await _asking.ForgetAsync(cancel).ConfigureAwait(false);
        }

        if (!now.IsAny)
        {
            await LeaveAsync(cancel).ConfigureAwait(false);
            return;
        }

        _hasLeft = false;
        _announcements.Start(OnAnnouncement, cancel);
        var own = OwnInterfaces.Public();
        var wanted = options.Maps ? _setup.Wanted(options) : [];

        // Who has a public address has nobody in between to ask.
        var router = options.Router ?? (own.Any(address => address.AddressFamily == AddressFamily.InterNetwork) ? null : DefaultGateway.Current());
        await _mappings.LookAsync(router, options, wanted, cancel).ConfigureAwait(false);
        var facts = new WayInFacts
        {
            Maps = options.Maps && router is not null,
            Publish = options.Publish,
            Own = own,
            Router = _mappings.Address,
            IsWithoutAddress = _mappings.IsWithoutAddress,
            IsMapped = IsMapped(wanted),
        };
        var before = _teller.State.Facts;
        if (before.IsMapped != facts.IsMapped || !Equals(before.Router, facts.Router) || !before.Own.SequenceEqual(facts.Own))
        {
            await _asking.ForgetAsync(cancel).ConfigureAwait(false);
        }

        _teller.Tell(_prover.Known(facts, options), options, router, _mappings);
        _asking.Ask(facts, options);
    }

    // A router that is silent for a while, as when it starts anew, or whose line is down, has refused nothing.
    private bool? IsMapped(ImmutableArray<WantedMapping> wanted)
    {
        if (wanted.FirstOrDefault(mapping => mapping.For == WantedMapping.ForHttps) is not { } https)
        {
            return null;
        }

        var status = _mappings.Mappings.FirstOrDefault(status => status.Wanted == https);
        return status is { IsMade: true } || ((status is null or { Outcome: MapOutcome.Silent } || _mappings.IsWithoutAddress) && _teller.State.Facts.IsMapped is true);
    }

    private void OnAnnouncement()
    {
        Log.Heard(_setup.Log);
        _mappings.DueNow();
        Wake();
    }

    // Off: what is mapped is taken back, with what a process before this one has left.
    private async Task LeaveAsync(CancellationToken cancel)
    {
        if (_hasLeft)
        {
            return;
        }

        _hasLeft = true;
        await _announcements.StopAsync().ConfigureAwait(false);
        await _mappings.RemoveAllAsync(_mappings.Router ?? _wish.Options.Router ?? DefaultGateway.Current(), _wish.Options, cancel).ConfigureAwait(false);
        _teller.TellOff();
    }

    private static partial class Log
    {
        [LoggerMessage(3423, LogLevel.Error, "The way in could not be looked at; the next look comes in seconds")]
        public static partial void Failed(ILogger log, Exception error);

        [LoggerMessage(3424, LogLevel.Debug, "The router says that something has changed")]
        public static partial void Heard(ILogger log);
    }
}
