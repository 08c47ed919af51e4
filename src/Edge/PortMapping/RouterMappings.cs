using System.Collections.Immutable;
using System.Net;
using Microsoft.Extensions.Logging;

namespace Edge.PortMapping;

/// <summary>Keeps the mappings that are wanted at the router, and knows its address outside. One caller at a time.</summary>
internal sealed partial class RouterMappings(MappingFile file, RouterFinder finder, TimeProvider time, ILogger log) : IDisposable
{
    private static readonly TimeSpan AskAgain = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Permanent = TimeSpan.FromMinutes(30);

    private readonly Dictionary<(MappingProtocol, int), MappingStatus> _status = [];
    private readonly RouterSearch _search = new(finder, time, log);
    private readonly MappingRemover _remover = new(file, finder, log);
    private PortMappingOptions? _options;
    private IPAddress? _local;
    private volatile bool _isDue;

    /// <summary>The router; null for none.</summary>
    public IPAddress? Router { get; private set; }

    /// <summary>What it speaks; null while nothing was found.</summary>
    public string? Protocol => _search.Client?.Protocol;

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
        if (router is null)
        {
            return;
        }

        FollowOwnAddress(router);
        TakeDue();
        await _remover.RemoveOfOthersAsync(router, options, _search.Client, wanted, cancel).ConfigureAwait(false);
        if (!await _search.IsFoundAsync(router, options, wanted, cancel).ConfigureAwait(false))
        {
            return;
        }

        await RemoveUnwantedAsync(router, options, wanted, cancel).ConfigureAwait(false);
        await MapDueAsync(router, wanted, options, cancel).ConfigureAwait(false);
        if (wanted.IsEmpty && Protocol == "PCP" && options.Protocols.Length > 1)
        {
            // It tells the address with a mapping only; another protocol does without.
            Drop();
            return;
        }

        await AskAddressAsync(router, cancel).ConfigureAwait(false);
        if (_search.Client is not null && _search.TakeForgotten(router))
        {
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
        if (router is not null)
        {
            await _remover.RemoveAllAsync(router, _options ?? options, _search.Client, cancel).ConfigureAwait(false);
        }

        Drop();
        (Router, Address, IsWithoutAddress) = (null, null, false);
    }

    public void Dispose() => _search.Dispose();

    // Mappings lead to an address of this machine. When DHCP has given it another, they lead to nobody, or to somebody else.
    private void FollowOwnAddress(IPAddress router)
    {
        if (RouterFinder.LocalTo(router) is { } local && !local.Equals(_local))
        {
            if (_local is not null)
            {
                Log.Moved(log, _local, local);
                Drop();
            }

            _local = local;
        }
    }

    private void TakeDue()
    {
        if (_isDue)
        {
            _isDue = false;
            _search.DueNow();
            foreach (var (key, status) in _status.ToList())
            {
                _status[key] = status with { Next = default };
            }
        }
    }

    private async Task RemoveUnwantedAsync(IPAddress router, PortMappingOptions options, ImmutableArray<WantedMapping> wanted, CancellationToken cancel)
    {
        await _remover.RemoveUnwantedAsync(router, options, _search.Client!, wanted, cancel).ConfigureAwait(false);
        foreach (var (key, _) in _status.Where(pair => !wanted.Contains(pair.Value.Wanted)).ToList())
        {
            _status.Remove(key);
        }
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

            // Before it is asked for: what the router has must be known, whatever happens to this process.
            file.Asked(router, new KeptMapping(Protocol!, mapping.Protocol, mapping.Internal, mapping.External, mapping.For));
            var answer = await _search.Client!.MapAsync(mapping, options.Lifetime, cancel).ConfigureAwait(false);
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

    private async Task AskAddressAsync(IPAddress router, CancellationToken cancel)
    {
        var answer = await _search.Client!.AskAddressAsync([.. _status.Values.Where(status => status.IsMade).Select(status => status.Wanted)], cancel).ConfigureAwait(false);
        if (answer.HasAnswered)
        {
            _search.Heard();

            // A router whose line is down has none; what it had before is what comes to mind when it is up again.
            (Address, IsWithoutAddress) = (answer.Address ?? Address, answer.Address is null);
        }
        else if (!_status.Values.Any(status => status.IsMade) && Protocol == "PCP")
        {
            // It cannot be asked without a mapping, and it refuses them.
            _search.Heard();
        }
        else if (_search.HasFallenSilent(router))
        {
            Drop();
        }
    }

    // What was made stays made in what is told until its time is over; another search has it made anew.
    private void Drop()
    {
        _search.Drop();
        _status.Clear();
    }

    private void Tell(MappingStatus status, MappingStatus? before, IPAddress router)
    {
        if (status.IsMade && before is not { IsMade: true })
        {
            Log.Made(log, status.Wanted, router, Protocol!);
        }
        else if (!status.IsMade && (before is null || before.Outcome != status.Outcome || before.Reason != status.Reason))
        {
            Log.NotMade(log, status.Wanted, router, status.Reason ?? "");
        }
    }

    private static partial class Log
    {
        [LoggerMessage(3404, LogLevel.Information, "{Mapping} is mapped at the router {Router} by {Protocol}")]
        public static partial void Made(ILogger log, WantedMapping mapping, IPAddress router, string protocol);

        [LoggerMessage(3405, LogLevel.Warning, "{Mapping} is not mapped at the router {Router}: {Reason}")]
        public static partial void NotMade(ILogger log, WantedMapping mapping, IPAddress router, string reason);

        [LoggerMessage(3409, LogLevel.Information, "This machine was {Before} in the LAN and is {Now}; what is mapped at the router is made anew")]
        public static partial void Moved(ILogger log, IPAddress before, IPAddress now);
    }
}
