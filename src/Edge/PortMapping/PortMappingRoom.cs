using System.Net.NetworkInformation;
using Edge.PortMapping.Reach;
using Microsoft.AspNetCore.Http;

namespace Edge.PortMapping;

/// <summary>The way in from outside, put together: what is looked after by itself, what others ask, and what is told of it.</summary>
internal sealed class PortMappingRoom : IAsyncDisposable
{
    private readonly RouterMappings _mappings;
    private readonly WayInTokens _tokens = new();
    private readonly DialBack _dial = new();
    private readonly EchoClient _echoes;
    private readonly AddressEcho _echo;
    private readonly WayInTeller _teller;
    private readonly WayInLoop _loop;
    private readonly CancellationTokenSource _end = new();
    private Task _running = Task.CompletedTask;

    /// <param name="setup">The rest of the program.</param>
    /// <param name="wish">The settings.</param>
    public PortMappingRoom(PortMappingSetup setup, WayInWish wish)
    {
        var file = MappingFile.Open(Path.Combine(setup.Data, "port-mappings.json"), setup.Log);
        _mappings = new RouterMappings(file, new RouterFinder(file.Nonce, RouterSocket.Port, setup.Time), setup.Time, setup.Log);
        _echoes = new EchoClient(setup.Resolve);
        _teller = new WayInTeller(setup);
        _loop = new WayInLoop(setup, wish, _mappings, new WayInProver(setup.Host, _tokens, _echoes, _dial, setup.Time), _teller);
        _echo = new AddressEcho(() => _loop.Wish.Echo, _dial, setup.Allows);
    }

    /// <summary>How it stands.</summary>
    public WayInState State => _loop.Wish is { IsAny: true, Options: var wish } && _teller.Of != wish
        ? _teller.State with { Beginning = wish, Router = wish.Router ?? DefaultGateway.Current() }
        : _teller.State;

    /// <summary>How often the router was asked.</summary>
    public MappingCounters Counters => _mappings.Counters;

    /// <summary>How often the addresses that are told outside have changed.</summary>
    public long Changes => _teller.Changes;

    /// <summary>Whether another process goes on with what is mapped.</summary>
    public bool IsHandedOver { get; set; }

    /// <summary>Whether a request under the name of this box is for this room.</summary>
    public bool Takes(HttpContext context) => _tokens.Takes(context) || _echo.Takes(context);

    /// <summary>Answers it.</summary>
    public Task AnswerAsync(HttpContext context) => _tokens.Takes(context) ? _tokens.AnswerAsync(context) : _echo.AnswerAsync(context);

    /// <summary>Takes other settings.</summary>
    public void Use(WayInWish wish) => _loop.Use(wish);

    /// <summary>Begins, once the gateway is there.</summary>
    public void Start()
    {
        NetworkChange.NetworkAddressChanged += OnNetworkChanged;
        _running = _loop.RunAsync(_end.Token);
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
        await _loop.EndAsync(takesBack: !IsHandedOver).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync().ConfigureAwait(false);
        _loop.Dispose();
        _mappings.Dispose();
        _echoes.Dispose();
        _dial.Dispose();
        _end.Dispose();
    }

    private void OnNetworkChanged(object? sender, EventArgs e) => _loop.Wake();
}
