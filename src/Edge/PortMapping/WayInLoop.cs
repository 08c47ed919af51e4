using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Edge.PortMapping;

/// <summary>Looks again and again at router and addresses, and tells what follows.</summary>
/// <param name="setup">The rest of the program.</param>
/// <param name="wish">The settings.</param>
/// <param name="mappings">The router.</param>
/// <param name="prover">Has it tried whether an address leads here.</param>
/// <param name="teller">Tells what follows.</param>
internal sealed partial class WayInLoop(PortMappingSetup setup, WayInWish wish, RouterMappings mappings, WayInProver prover, WayInTeller teller) : IDisposable
{
    // A change of the router's address is seen outside within five seconds, also when the router says nothing by itself.
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(200);

    // The end of the process waits no longer for a router.
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(3);

    private readonly Announcements _announcements = new(() => mappings.Router, setup.Time);
    private readonly SemaphoreSlim _wake = new(0, 1);
    private volatile WayInWish _wish = wish;
    private WayInWish? _looked;
    private Task _asking = Task.CompletedTask;
    private CancellationTokenSource? _askingEnd;
    private bool _hasLeft;

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
    public void Wake()
    {
        try
        {
            _wake.Release();
        }
        catch (SemaphoreFullException)
        {
            // Somebody has done so already.
        }
    }

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
                Log.Failed(setup.Log, unexpected);
            }

            await WaitAsync(cancel).ConfigureAwait(false);
        }
    }

    /// <summary>Ends what <see cref="RunAsync"/> has left.</summary>
    /// <param name="takesBack">Whether what is mapped is taken back.</param>
    public async Task EndAsync(bool takesBack)
    {
        await StopAskingAsync().ConfigureAwait(false);
        await _announcements.StopAsync().ConfigureAwait(false);
        if (!takesBack)
        {
            return;
        }

        using var patience = new CancellationTokenSource(Farewell, setup.Time);
        try
        {
            await mappings.RemoveAllAsync(mappings.Router, _wish.Options, patience.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Mappings end by themselves, and the next process knows of those that do not.
        }
    }

    public void Dispose() => _wake.Dispose();

    private async Task LookAsync(WayInWish now, CancellationToken cancel)
    {
        var options = now.Options;
        if (_looked != now)
        {
            _looked = now;
            await ForgetAsync(cancel).ConfigureAwait(false);
        }

        if (!now.IsAny)
        {
            await LeaveAsync(cancel).ConfigureAwait(false);
            return;
        }

        _hasLeft = false;
        _announcements.Start(OnAnnouncement, cancel);
        var own = OwnInterfaces.Public();
        var wanted = options.Maps ? setup.Wanted(options) : [];

        // Who has a public address has nobody in between to ask.
        var router = options.Router ?? (own.Any(address => address.AddressFamily == AddressFamily.InterNetwork) ? null : DefaultGateway.Current());
        await mappings.LookAsync(router, options, wanted, cancel).ConfigureAwait(false);
        var facts = new WayInFacts
        {
            Maps = options.Maps && router is not null,
            Publish = options.Publish,
            Own = own,
            Router = mappings.Address,
            IsWithoutAddress = mappings.IsWithoutAddress,
            IsMapped = IsMapped(wanted),
        };
        var before = teller.State.Facts;
        if (before.IsMapped != facts.IsMapped || !Equals(before.Router, facts.Router) || !before.Own.SequenceEqual(facts.Own))
        {
            await ForgetAsync(cancel).ConfigureAwait(false);
        }

        teller.Tell(prover.Known(facts, options), options, router, mappings);
        if (_asking.IsCompleted)
        {
            _asking = AskAsync(facts, options, _askingEnd!.Token);
        }
    }

    // A router that is silent for a while, as when it starts anew, or whose line is down, has refused nothing.
    private bool? IsMapped(ImmutableArray<WantedMapping> wanted)
    {
        if (wanted.FirstOrDefault(mapping => mapping.For == WantedMapping.ForHttps) is not { } https)
        {
            return null;
        }

        var status = mappings.Mappings.FirstOrDefault(status => status.Wanted == https);
        return status is { IsMade: true } || ((status is null or { Outcome: MapOutcome.Silent } || mappings.IsWithoutAddress) && teller.State.Facts.IsMapped is true);
    }

    // Beside the looks: who is tried may take seconds to answer.
    private async Task AskAsync(WayInFacts facts, PortMappingOptions options, CancellationToken cancel)
    {
        try
        {
            if (await prover.AskAsync(facts, options, cancel).ConfigureAwait(false))
            {
                Wake();
            }
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // It is another address by now.
        }
        catch (Exception unexpected)
        {
            Log.Failed(setup.Log, unexpected);
        }
    }

    private async Task ForgetAsync(CancellationToken cancel)
    {
        await StopAskingAsync().ConfigureAwait(false);
        _askingEnd = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        prover.Forget();
    }

    private async Task StopAskingAsync()
    {
        if (_askingEnd is { } before)
        {
            await before.CancelAsync().ConfigureAwait(false);
            await _asking.ConfigureAwait(false);
            before.Dispose();
            _askingEnd = null;
        }
    }

    private void OnAnnouncement()
    {
        Log.Heard(setup.Log);
        mappings.DueNow();
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
        await mappings.RemoveAllAsync(mappings.Router ?? _wish.Options.Router ?? DefaultGateway.Current(), _wish.Options, cancel).ConfigureAwait(false);
        teller.TellOff();
    }

    private async Task WaitAsync(CancellationToken cancel)
    {
        // Whoever is in the LAN can speak in the router's name, as often as he likes.
        await Task.Delay(Breath, setup.Time, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        using var pause = new CancellationTokenSource(_wish.IsAny ? Interval : Timeout.InfiniteTimeSpan, setup.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, pause.Token);
        try
        {
            await _wake.WaitAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Time for the next look, or for the end.
        }
    }

    private static partial class Log
    {
        [LoggerMessage(3423, LogLevel.Error, "The way in could not be looked at; the next look comes in seconds")]
        public static partial void Failed(ILogger log, Exception error);

        [LoggerMessage(3424, LogLevel.Debug, "The router says that something has changed")]
        public static partial void Heard(ILogger log);
    }
}
