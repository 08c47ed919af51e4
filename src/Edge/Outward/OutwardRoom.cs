using System.Collections.Immutable;
using System.Text.Json;
using Edge.Stores;
using Microsoft.Extensions.Logging;

namespace Edge.Outward;

/// <summary>Tells others where this box is: looks each second at what each name is to have, and pushes what changed.</summary>
internal sealed partial class OutwardRoom : IDisposable
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private readonly OutwardSetup _setup;
    private readonly HttpClient _http;
    private readonly KnownAddresses _addresses;
    private readonly PushSchedule _schedule;
    private readonly Dictionary<string, Task> _busy = [];
    private OwnershipMark? _mark;
    private string? _noMark;
    private ImmutableDictionary<string, PushState> _known = ImmutableDictionary<string, PushState>.Empty;
    private volatile OutwardName[] _wanted;
    private volatile OutwardTarget[] _targets = [];

    public OutwardRoom(OutwardSetup setup, ImmutableArray<OutwardName> names)
    {
        (_setup, _wanted) = (setup, [.. names]);
        _http = ApiClient.Create(setup.UserAgent);
        _addresses = new KnownAddresses(setup.Addresses, setup.Time);
        _schedule = new PushSchedule(Random.Shared.NextDouble);
    }

    /// <summary>The names, and what is known of each.</summary>
    public IReadOnlyList<OutwardTarget> Targets => _targets;

    /// <summary>Takes over other names at the next look.</summary>
    public void Use(ImmutableArray<OutwardName> names) => _wanted = [.. names];

    /// <summary>Pushes a name now, whatever was said of it before. False when there is no such name.</summary>
    public async Task<bool> PushAsync(string host, CancellationToken cancel)
    {
        if (_targets.FirstOrDefault(target => target.Name.Host == host) is not { } target)
        {
            return false;
        }

        await target.LookAsync(isAsked: true, cancel);
        return true;
    }

    /// <summary>Looks and pushes, until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        await LoadAsync();
        using var timer = new PeriodicTimer(LookEvery, _setup.Time);
        try
        {
            do
            {
                _mark ??= await MarkAsync(cancel);
                LookOnce(cancel);
            }
            while (await timer.WaitForNextTickAsync(cancel));
        }
        catch (OperationCanceledException)
        {
            // The end of the run.
        }

        await Task.WhenAll(_busy.Values).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Dispose() => _http.Dispose();

    private void LookOnce(CancellationToken cancel)
    {
        try
        {
            Look(cancel);
        }
        catch (Exception unexpected) when (unexpected is not OperationCanceledException)
        {
            Log.LookFailed(_setup.Log, unexpected);
        }
    }

    private async Task LoadAsync()
    {
        try
        {
            var listing = await _setup.Store.ListAsync(OutwardTarget.Prefix, CancellationToken.None);
            _known = listing.Entries.Select(entry => JsonSerializer.Deserialize(entry.Value.Span, OutwardJson.Default.PushState)).OfType<PushState>().ToImmutableDictionary(state => state.Host);
        }
        catch (Exception lost) when (lost is StoreUnavailableException or JsonException)
        {
            // Each name is sent once more.
            Log.NotKnown(_setup.Log, lost.Message);
        }
    }

    // Without an id of its own this box cannot say what is its own: no name is marked then. It is asked for only when there is one to mark.
    private async Task<OwnershipMark?> MarkAsync(CancellationToken cancel)
    {
        if (!_wanted.Any(NeedsMark))
        {
            return null;
        }

        try
        {
            return new OwnershipMark(await BoxId.OfAsync(_setup.Store, cancel), _setup.Owner);
        }
        catch (StoreUnavailableException away)
        {
            if (_noMark != away.Message)
            {
                Log.NoMark(_setup.Log, away.Message);
            }

            _noMark = away.Message;
            return null;
        }
    }

    private static bool NeedsMark(OutwardName name) => name.Kind != OutwardKind.Dyndns2;

    private void Look(CancellationToken cancel)
    {
        var wanted = _wanted.Where(name => _mark is not null || !NeedsMark(name)).ToArray();
        if (!_targets.Select(target => target.Name).SequenceEqual(wanted))
        {
            _targets = [.. wanted.Select(TargetOf)];
        }

        if (_targets.Length == 0)
        {
            return;
        }

        _addresses.Look();
        foreach (var target in _targets.Where(target => (_addresses.IsSettled || target.Name.Fixed is not null) && (!_busy.TryGetValue(target.Name.Host, out var busy) || busy.IsCompleted)))
        {
            _busy[target.Name.Host] = target.LookAsync(isAsked: false, cancel);
        }
    }

    private OutwardTarget TargetOf(OutwardName name)
    {
        var had = _targets.FirstOrDefault(target => target.Name.Host == name.Host);
        return had?.Name == name ? had : new OutwardTarget(_setup, _addresses, name, WayOf(name), _schedule, had?.State ?? _known.GetValueOrDefault(name.Host));
    }

    private IOutwardWay WayOf(OutwardName name) => name.Kind switch
    {
        OutwardKind.Rfc2136 => new Rfc2136Way(_mark!, _setup.Time),
        OutwardKind.Desec => new DesecWay(_mark!, new ApiClient(_http, "Token")),
        OutwardKind.Cloudflare => new CloudflareWay(_mark!, new ApiClient(_http, "Bearer")),
        _ => new Dyndns2Way(_http),
    };

    private static partial class Log
    {
        [LoggerMessage(3490, LogLevel.Error, "outward: the id of this box, by which its records are marked, can neither be read nor kept; only dyndns2 is sent meanwhile: {Reason}")]
        public static partial void NoMark(ILogger log, string reason);

        [LoggerMessage(3461, LogLevel.Error, "outward: the names could not be looked through; the next look comes in seconds")]
        public static partial void LookFailed(ILogger log, Exception error);

        [LoggerMessage(3460, LogLevel.Warning, "outward: what was sent before cannot be read, so it is sent once more: {Reason}")]
        public static partial void NotKnown(ILogger log, string reason);
    }
}
