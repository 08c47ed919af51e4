using System.Collections.Immutable;
using System.Net;
using System.Net.NetworkInformation;
using Edge.PortMapping.Reach;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Edge.PortMapping;

/// <summary>The way in from outside: keeps ports of the router mapped, knows the public address, and finds out whether it leads here.</summary>
internal sealed partial class PortMappingRoom : IAsyncDisposable
{
    // A change of the router's address is seen outside within five seconds, also when the router says nothing by itself.
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(200);

    // The end of the process waits no longer for a router.
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(3);

    private readonly PortMappingSetup _setup;
    private readonly MappingFile _file;
    private readonly RouterMappings _mappings;
    private readonly WayInTokens _tokens = new();
    private readonly DialBack _dial = new();
    private readonly EchoClient _echoes;
    private readonly AddressEcho _echo;
    private readonly WayInProver _prover;
    private readonly SemaphoreSlim _wake = new(0, 1);
    private readonly CancellationTokenSource _end = new();
    private volatile Wish _wish;
    private volatile WayInState _state = WayInState.Off;
    private Task _running = Task.CompletedTask;
    private string _told = "";
    private Wish? _looked;
    private Task _asking = Task.CompletedTask;
    private CancellationTokenSource? _askingEnd;
    private bool _hasLeft;

    /// <param name="setup">The rest of the program.</param>
    /// <param name="options">The settings of the way in.</param>
    /// <param name="echo">Whether others are told where they come from.</param>
    /// <param name="isAsked">Whether somebody wants to know our address, though nothing is to be mapped.</param>
    public PortMappingRoom(PortMappingSetup setup, PortMappingOptions options, AddressEchoOptions echo, bool isAsked)
    {
        _setup = setup;
        _wish = new Wish(options, echo, isAsked);
        _file = MappingFile.Open(Path.Combine(setup.Data, "port-mappings.json"), setup.Log);
        _mappings = new RouterMappings(_file, new RouterFinder(_file.Nonce, RouterSocket.Port, setup.Time), setup.Time, setup.Log);
        _echoes = new EchoClient(setup.Resolve);
        _echo = new AddressEcho(() => _wish.Echo, _dial, setup.Allows);
        _prover = new WayInProver(setup.Host, _tokens, _echoes, _dial, setup.Time);
    }

    /// <summary>How it stands.</summary>
    public WayInState State => _state;

    /// <summary>How often the router was asked.</summary>
    public MappingCounters Counters => _mappings.Counters;

    /// <summary>How often the addresses that are told outside have changed.</summary>
    public long Changes { get; private set; }

    /// <summary>Whether another process goes on with what is mapped.</summary>
    public bool IsHandedOver { get; set; }

    /// <summary>Whether a request under the name of this box is for this room.</summary>
    public bool Takes(HttpContext context) => _tokens.Takes(context) || _echo.Takes(context);

    /// <summary>Answers it.</summary>
    public Task AnswerAsync(HttpContext context) => _tokens.Takes(context) ? _tokens.AnswerAsync(context) : _echo.AnswerAsync(context);

    /// <summary>Takes other settings.</summary>
    public void Use(PortMappingOptions options, AddressEchoOptions echo, bool isAsked)
    {
        var before = _wish;
        _wish = new Wish(options, echo, isAsked);
        if (before != _wish)
        {
            Wake();
        }
    }

    /// <summary>Begins, once the gateway is there.</summary>
    public void Start()
    {
        NetworkChange.NetworkAddressChanged += OnNetworkChanged;
        _running = Task.WhenAll(RunAsync(_end.Token), new Announcements(() => _mappings.Router, OnAnnouncement).RunAsync(_setup.Time, _end.Token));
    }

    /// <summary>Ends, and takes back what is mapped unless another process goes on with it.</summary>
    public async Task EndAsync()
    {
        if (_end.IsCancellationRequested)
        {
            return;
        }

        NetworkChange.NetworkAddressChanged -= OnNetworkChanged;
        await _end.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        await StopAskingAsync().ConfigureAwait(false);
        if (!IsHandedOver)
        {
            await RemoveAllAsync().ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync().ConfigureAwait(false);
        _mappings.Dispose();
        _echoes.Dispose();
        _dial.Dispose();
        _wake.Dispose();
        _end.Dispose();
    }

    private async Task RemoveAllAsync()
    {
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

    private async Task RunAsync(CancellationToken cancel)
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

            await WaitAsync(cancel).ConfigureAwait(false);
        }
    }

    private async Task LookAsync(Wish wish, CancellationToken cancel)
    {
        var options = wish.Options;
        if (_looked != wish)
        {
            _looked = wish;
            await ForgetAsync(cancel).ConfigureAwait(false);
        }

        if (!wish.IsAny)
        {
            await LeaveAsync(cancel).ConfigureAwait(false);
            return;
        }

        _hasLeft = false;
        var own = OwnInterfaces.Public();
        var wanted = options.Maps ? _setup.Wanted(options) : [];

        // Who has a public address has nobody in between to ask.
        var router = options.Router ?? (own.Any(address => address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork) ? null : DefaultGateway.Current());
        await _mappings.LookAsync(router, options, wanted, cancel).ConfigureAwait(false);
        var facts = new WayInFacts
        {
            Maps = options.Maps && router is not null,
            Publish = options.Publish,
            Own = own,
            Router = _mappings.Address,
            IsMapped = IsMapped(wanted),
        };
        var before = _state.Facts;
        if (before.IsMapped != facts.IsMapped || !Equals(before.Router, facts.Router) || !before.Own.SequenceEqual(facts.Own))
        {
            await ForgetAsync(cancel).ConfigureAwait(false);
        }

        Take(_prover.Known(facts, options), options, router);
        if (_asking.IsCompleted)
        {
            _asking = AskAsync(facts, options, _askingEnd!.Token);
        }
    }

    // A router that is silent for a while, as when it starts anew, has refused nothing.
    private bool? IsMapped(ImmutableArray<WantedMapping> wanted)
    {
        if (wanted.FirstOrDefault(mapping => mapping.For == WantedMapping.ForHttps) is not { } https)
        {
            return null;
        }

        var status = _mappings.Mappings.FirstOrDefault(status => status.Wanted == https);
        return status is { IsMade: true } || (status is null or { Outcome: MapOutcome.Silent } && _state.Facts.IsMapped is true);
    }

    // Beside the looks: who is tried may take seconds to answer.
    private async Task AskAsync(WayInFacts facts, PortMappingOptions options, CancellationToken cancel)
    {
        try
        {
            if (await _prover.AskAsync(facts, options, cancel).ConfigureAwait(false))
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
            Log.Failed(_setup.Log, unexpected);
        }
    }

    private async Task ForgetAsync(CancellationToken cancel)
    {
        await StopAskingAsync().ConfigureAwait(false);
        _askingEnd = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        _prover.Forget();
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

    // Off: what is mapped is taken back, with what a process before this one has left.
    private async Task LeaveAsync(CancellationToken cancel)
    {
        if (_hasLeft)
        {
            return;
        }

        _hasLeft = true;
        await _mappings.RemoveAllAsync(_mappings.Router ?? DefaultGateway.Current(), _wish.Options, cancel).ConfigureAwait(false);
        if (!_state.IsOff)
        {
            _state = WayInState.Off;
            _told = "";
            _setup.Publish([]);
        }
    }

    private void Take(WayInFacts facts, PortMappingOptions options, IPAddress? router)
    {
        // A line that is down takes no name away, and neither does an echo that has not answered yet.
        var isWaiting = options is { Echo: not null, Https: not null } && facts.Candidate is not null && facts.Proofs.IsEmpty;
        var published = isWaiting || (facts.Candidate is null && facts.Candidate6 is null && !facts.IsDoubleNat) ? _state.Published : facts.Published;
        if (!published.SequenceEqual(_state.Published))
        {
            Changes++;
            Log.Published(_setup.Log, published.IsEmpty ? "nothing" : string.Join(", ", published));
        }

        _state = new WayInState(facts) { Router = router, Protocol = _mappings.Protocol, Echo = options.Echo, Mappings = _mappings.Mappings, Published = published };
        _setup.Publish(published);
        var words = WayInWords.Of(_state);
        if (words != _told && (_state.Verdict is not WayInVerdict.Unproven || facts.Proofs.Length > 0))
        {
            _told = words;
            Tell(_state.Verdict, words);
        }
    }

    private void Tell(WayInVerdict verdict, string words)
    {
        if (verdict is WayInVerdict.Proven or WayInVerdict.Direct)
        {
            Log.Open(_setup.Log, words);
        }
        else
        {
            Log.NotOpen(_setup.Log, words);
        }
    }

    private async Task WaitAsync(CancellationToken cancel)
    {
        // Whoever is in the LAN can speak in the router's name, as often as he likes.
        await Task.Delay(Breath, _setup.Time, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        using var pause = new CancellationTokenSource(Interval, _setup.Time);
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

    private void OnNetworkChanged(object? sender, EventArgs e) => Wake();

    private void OnAnnouncement()
    {
        Log.Heard(_setup.Log);
        _mappings.DueNow();
        Wake();
    }

    private void Wake()
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

    private sealed record Wish(PortMappingOptions Options, AddressEchoOptions Echo, bool IsAsked)
    {
        public bool IsAny => Options.Maps || Options.Echo is not null || IsAsked;
    }

    private static partial class Log
    {
        [LoggerMessage(3420, LogLevel.Information, "The way in: {Words}")]
        public static partial void Open(ILogger log, string words);

        [LoggerMessage(3421, LogLevel.Warning, "The way in: {Words}")]
        public static partial void NotOpen(ILogger log, string words);

        [LoggerMessage(3422, LogLevel.Information, "The outside view has {Addresses} for addresses: auto")]
        public static partial void Published(ILogger log, string addresses);

        [LoggerMessage(3423, LogLevel.Error, "The way in could not be looked at; the next look comes in seconds")]
        public static partial void Failed(ILogger log, Exception error);

        [LoggerMessage(3424, LogLevel.Debug, "The router says that something has changed")]
        public static partial void Heard(ILogger log);
    }
}
