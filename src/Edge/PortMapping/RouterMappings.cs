using System.Collections.Immutable;
using System.Net;
using Microsoft.Extensions.Logging;

namespace Edge.PortMapping;

/// <summary>Keeps the mappings that are wanted at the router, and knows its address outside. One caller at a time.</summary>
internal sealed partial class RouterMappings(MappingFile file, RouterFinder finder, TimeProvider time, ILogger log) : IDisposable
{
    private const int MostSilences = 3;

    private static readonly TimeSpan SearchAgain = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan AskAgain = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Permanent = TimeSpan.FromMinutes(30);

    private readonly Dictionary<(MappingProtocol, int), MappingStatus> _status = [];
    private IRouterClient? _client;
    private PortMappingOptions? _options;
    private DateTimeOffset _nextSearch;
    private int _silences;
    private bool _hasForgotten;
    private bool _isTold;
    private volatile bool _isDue;

    /// <summary>The router; null for none.</summary>
    public IPAddress? Router { get; private set; }

    /// <summary>What it speaks; null while nothing was found.</summary>
    public string? Protocol => _client?.Protocol;

    /// <summary>Its address outside, as it said last.</summary>
    public IPAddress? Address { get; private set; }

    /// <summary>Whether it says that it has none on the internet: its line is down, or it stands behind another router.</summary>
    public bool IsWithoutAddress { get; private set; }

    /// <summary>How it stands with each mapping.</summary>
    public ImmutableArray<MappingStatus> Mappings => [.. _status.Values];

    /// <summary>How often mappings were asked for, and how often that failed.</summary>
    public MappingCounters Counters { get; } = new();

    /// <summary>One look: finds the router, makes and prolongs what is wanted, takes back what is not, and asks for the address.</summary>
    public async Task LookAsync(IPAddress? router, PortMappingOptions options, ImmutableArray<WantedMapping> wanted, CancellationToken cancel)
    {
        if (!Equals(router, Router) || (_options is { } before && (!before.Protocols.SequenceEqual(options.Protocols) || before.Lifetime != options.Lifetime)))
        {
            Drop();
            (Address, IsWithoutAddress) = (null, false);
        }

        (Router, _options) = (router, options);
        TakeDue();
        await RemoveOfOthersAsync(router, options, wanted, cancel).ConfigureAwait(false);
        if (router is null || !await IsFoundAsync(router, options, wanted, cancel).ConfigureAwait(false))
        {
            return;
        }

        await RemoveUnwantedAsync(router, wanted, cancel).ConfigureAwait(false);
        await MapDueAsync(router, wanted, options, cancel).ConfigureAwait(false);
        if (wanted.IsEmpty && _client!.Protocol == "PCP" && options.Protocols.Length > 1)
        {
            // It tells the address with a mapping only; another protocol does without.
            Drop();
            return;
        }

        await AskAddressAsync(cancel).ConfigureAwait(false);
        if (_hasForgotten)
        {
            _hasForgotten = false;
            Log.Forgot(log, router, _client!.Protocol);
            DueNow();
            TakeDue();
            await MapDueAsync(router, wanted, options, cancel).ConfigureAwait(false);
        }
    }

    /// <summary>Has the router asked again at the next look, whatever it said before.</summary>
    public void DueNow() => _isDue = true;

    /// <summary>Takes all mappings back, those of a process before this one as well.</summary>
    public async Task RemoveAllAsync(IPAddress? router, PortMappingOptions options, CancellationToken cancel)
    {
        _options ??= options;
        var left = new List<KeptMapping>();
        foreach (var kept in router is null ? [] : file.At(router))
        {
            var isGone = kept.By == _client?.Protocol
                ? await _client.RemoveAsync(kept.Wanted, cancel).ConfigureAwait(false)
                : await RemoveByAnotherAsync(router!, kept, cancel).ConfigureAwait(false);
            if (isGone)
            {
                Log.Removed(log, kept.Wanted, router!);
            }
            else
            {
                left.Add(kept);
            }
        }

        if (router is not null)
        {
            // What the router did not hear, the next process tells it.
            file.Keep(router, [.. left]);
        }

        Drop();
        (Router, Address, IsWithoutAddress) = (null, null, false);
    }

    public void Dispose() => _client?.Dispose();

    // What a process before this one has made in another way.
    private async Task<bool> RemoveByAnotherAsync(IPAddress router, KeptMapping kept, CancellationToken cancel)
    {
        using var client = await finder.OpenAsync(kept.By, router, _options!, cancel).ConfigureAwait(false);
        return client is not null && await client.RemoveAsync(kept.Wanted, cancel).ConfigureAwait(false);
    }

    private void TakeDue()
    {
        if (_isDue)
        {
            (_isDue, _nextSearch) = (false, default);
            foreach (var (key, status) in _status.ToList())
            {
                _status[key] = status with { Next = default };
            }
        }
    }

    private async Task<bool> IsFoundAsync(IPAddress router, PortMappingOptions options, ImmutableArray<WantedMapping> wanted, CancellationToken cancel)
    {
        if (_client is not null)
        {
            return true;
        }

        if (time.GetUtcNow() < _nextSearch)
        {
            return false;
        }

        _client = await finder.FindAsync(router, options, wanted, cancel).ConfigureAwait(false);
        _nextSearch = time.GetUtcNow() + SearchAgain;
        if (_client is null)
        {
            if (!_isTold)
            {
                _isTold = true;
                Log.NotFound(log, router, string.Join(", ", options.Protocols));
            }

            return false;
        }

        (_isTold, _silences) = (false, 0);
        _client.Forgot += () => _hasForgotten = true;
        Log.Found(log, router, _client.Protocol);
        return true;
    }

    // What was made by a protocol that is not to be spoken any more, or that nobody wants while the router is looked for.
    private async Task RemoveOfOthersAsync(IPAddress? router, PortMappingOptions options, ImmutableArray<WantedMapping> wanted, CancellationToken cancel)
    {
        foreach (var kept in router is null ? [] : file.At(router))
        {
            if ((!options.Protocols.Contains(kept.By, StringComparer.OrdinalIgnoreCase) || (_client is null && !wanted.Contains(kept.Wanted)))
                && await RemoveByAnotherAsync(router!, kept, cancel).ConfigureAwait(false))
            {
                Log.Removed(log, kept.Wanted, router!);
                file.Keep(router!, [.. file.At(router!).Where(other => other != kept)]);
            }
        }
    }

    private async Task RemoveUnwantedAsync(IPAddress router, ImmutableArray<WantedMapping> wanted, CancellationToken cancel)
    {
        var left = new List<KeptMapping>();
        foreach (var kept in file.At(router).Where(kept => !wanted.Contains(kept.Wanted)))
        {
            if (kept.By == _client!.Protocol ? await _client.RemoveAsync(kept.Wanted, cancel).ConfigureAwait(false) : await RemoveByAnotherAsync(router, kept, cancel).ConfigureAwait(false))
            {
                Log.Removed(log, kept.Wanted, router);
            }
            else if (!wanted.Any(other => other.Protocol == kept.Protocol && other.External == kept.External))
            {
                // Asked again with the next look. Where the port is for something else by now, that would take it away.
                left.Add(kept);
            }
        }

        foreach (var (key, status) in _status.Where(pair => !wanted.Contains(pair.Value.Wanted)).ToList())
        {
            _status.Remove(key);
        }

        file.Keep(router, [.. file.At(router).Where(kept => wanted.Contains(kept.Wanted)), .. left]);
    }

    private async Task MapDueAsync(IPAddress router, ImmutableArray<WantedMapping> wanted, PortMappingOptions options, CancellationToken cancel)
    {
        foreach (var mapping in wanted)
        {
            var before = _status.GetValueOrDefault((mapping.Protocol, mapping.External));
            if (before is not null && time.GetUtcNow() < before.Next)
            {
                continue;
            }

            Keep(router, mapping);
            var answer = await _client!.MapAsync(mapping, options.Lifetime, cancel).ConfigureAwait(false);
            IsWithoutAddress = answer.IsWithoutAddress || (IsWithoutAddress && answer.Outcome != MapOutcome.Made);
            var status = StatusOf(mapping, answer, before);
            _status[(mapping.Protocol, mapping.External)] = status;
            Counters.Count(answer.Outcome);
            Address = answer.Address ?? Address;
            Tell(status, before, router);
            if (answer.Outcome is MapOutcome.Taken or MapOutcome.Refused)
            {
                file.Keep(router, [.. file.At(router).Where(kept => kept.Wanted != mapping)]);
            }
        }
    }

    private MappingStatus StatusOf(WantedMapping mapping, MapAnswer answer, MappingStatus? before)
    {
        var now = time.GetUtcNow();
        return answer.Outcome switch
        {
            // RFC 6887 section 11.2.1: prolonged at half of its life.
            MapOutcome.Made => new MappingStatus(mapping, MapOutcome.Made) { Until = now + answer.Lifetime, Next = now + (answer.Lifetime / 2 ?? Permanent) },
            MapOutcome.Silent or MapOutcome.NotSpoken when before is { IsMade: true } && (before.Until is null || before.Until > now) => before with { Next = now },
            MapOutcome.Silent or MapOutcome.NotSpoken => new MappingStatus(mapping, MapOutcome.Silent) { Reason = "the router does not answer", Next = now },

            // Whose line is down has refused nothing: as soon as it is up, the mapping is to be there.
            _ => new MappingStatus(mapping, answer.Outcome) { Reason = answer.Reason, Next = IsWithoutAddress ? now : now + AskAgain },
        };
    }

    private async Task AskAddressAsync(CancellationToken cancel)
    {
        var answer = await _client!.AskAddressAsync([.. _status.Values.Where(status => status.IsMade).Select(status => status.Wanted)], cancel).ConfigureAwait(false);
        if (answer.HasAnswered)
        {
            _silences = 0;

            // A router whose line is down has none; what it had before is what comes to mind when it is up again.
            (Address, IsWithoutAddress) = (answer.Address ?? Address, answer.Address is null);
        }
        else if (!_status.Values.Any(status => status.IsMade) && _client.Protocol == "PCP")
        {
            // It cannot be asked without a mapping, and it refuses them.
            _silences = 0;
        }
        else if (++_silences >= MostSilences)
        {
            Log.Silent(log, Router!, _client.Protocol);
            Drop();
        }
    }

    // What was made stays made in what is told until its time is over; another search has it made anew.
    private void Drop()
    {
        _client?.Dispose();
        _client = null;
        (_silences, _nextSearch, _hasForgotten) = (0, default, false);
        _status.Clear();
    }

    // Before it is asked for: what the router has must be known, whatever happens to this process.
    private void Keep(IPAddress router, WantedMapping mapping)
    {
        var kept = new KeptMapping(_client!.Protocol, mapping.Protocol, mapping.Internal, mapping.External, mapping.For);
        if (!file.At(router).Contains(kept))
        {
            file.Keep(router, [.. file.At(router).Where(one => one.Wanted != mapping), kept]);
        }
    }

    private void Tell(MappingStatus status, MappingStatus? before, IPAddress router)
    {
        if (status.IsMade && before is not { IsMade: true })
        {
            Log.Made(log, status.Wanted, router, _client!.Protocol);
        }
        else if (!status.IsMade && (before is null || before.Outcome != status.Outcome || before.Reason != status.Reason))
        {
            Log.NotMade(log, status.Wanted, router, status.Reason ?? "");
        }
    }

    private static partial class Log
    {
        [LoggerMessage(3402, LogLevel.Information, "The router {Router} speaks {Protocol}")]
        public static partial void Found(ILogger log, IPAddress router, string protocol);

        [LoggerMessage(3403, LogLevel.Warning, "The router {Router} makes no mappings (tried: {Protocols}); switch on UPnP, NAT-PMP or PCP in its settings, or forward the ports by hand")]
        public static partial void NotFound(ILogger log, IPAddress router, string protocols);

        [LoggerMessage(3404, LogLevel.Information, "{Mapping} is mapped at the router {Router} by {Protocol}")]
        public static partial void Made(ILogger log, WantedMapping mapping, IPAddress router, string protocol);

        [LoggerMessage(3405, LogLevel.Warning, "{Mapping} is not mapped at the router {Router}: {Reason}")]
        public static partial void NotMade(ILogger log, WantedMapping mapping, IPAddress router, string reason);

        [LoggerMessage(3406, LogLevel.Information, "{Mapping} was taken back from the router {Router}")]
        public static partial void Removed(ILogger log, WantedMapping mapping, IPAddress router);

        [LoggerMessage(3407, LogLevel.Warning, "The router {Router} has lost its mappings ({Protocol}), as after a restart; they are made again")]
        public static partial void Forgot(ILogger log, IPAddress router, string protocol);

        [LoggerMessage(3408, LogLevel.Warning, "The router {Router} does not answer any more by {Protocol}; it is looked for again")]
        public static partial void Silent(ILogger log, IPAddress router, string protocol);
    }
}
