using System.Collections.Immutable;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Microsoft.Extensions.Logging;

namespace Edge.Names.Leases;

/// <summary>
/// The names that follow from DHCP leases, for the LAN: an address for the name and a name for the address. Whatever else
/// declares a name keeps it, and of two leases the older one.
/// </summary>
internal sealed partial class LeaseNames : IZoneSource
{
    private const int MostTold = 1000;

    private readonly ImmutableArray<IZoneSource> _zonesOfOthers;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Lock _gate = new();
    private readonly LeaseClaims _claims = new();
    private readonly LeaseZones _zones;
    private readonly HashSet<(Name, string)> _told = [];
    private readonly HashSet<Name> _toldRefused = [];
    private readonly List<LeaseClaim> _order = [];
    private volatile ZoneContribution _current = ZoneContribution.Empty;
    private ZoneManager? _served;

    /// <param name="node">The name of this box, which answers for the reverse zones.</param>
    /// <param name="domain">The domain of this box, in a zone of which names need none of their own.</param>
    /// <param name="zonesOfOthers">Where zones are declared, before which those made here give way.</param>
    /// <param name="time">The clock by which leases end.</param>
    /// <param name="log">Told of names that two want.</param>
    public LeaseNames(Name node, Name domain, ImmutableArray<IZoneSource> zonesOfOthers, TimeProvider time, ILogger log)
    {
        (_zonesOfOthers, _time, _log) = (zonesOfOthers, time, log);
        _zones = new LeaseZones(node, domain);
        foreach (var other in zonesOfOthers)
        {
            other.Changed += FollowZones;
        }
    }

    public string Name => "leases";

    public ZoneContribution Current => _current;

    public event Action? Changed;

    /// <summary>How many leases of a file have a name that is refused, and one of them with the reason; null when none has.</summary>
    public RefusedNames? RefusedIn(LeaseSetting setting)
    {
        lock (_gate)
        {
            return _claims.RefusedIn(setting);
        }
    }

    /// <summary>Begins to heed what is served of its records by a manager, which has this source among its own.</summary>
    public void Follow(ZoneManager zones)
    {
        _served = zones;
        zones.Changed += Heed;
        Heed();
    }

    /// <summary>Takes over files that have changed, forgets those that are followed no longer, and lets time pass.</summary>
    public void Update(IEnumerable<LeaseFile> changed, IEnumerable<LeaseSetting> forgotten)
    {
        bool isOther;
        lock (_gate)
        {
            var touched = new HashSet<Name>();
            foreach (var setting in forgotten)
            {
                _claims.Forget(setting.Path, touched);
            }

            foreach (var file in changed)
            {
                _claims.Take(file.Setting, file.Leases, touched);
            }

            TellRefused();

            _claims.Advance(_time.GetUtcNow(), touched);
            isOther = touched.Count > 0 && Settle(touched);
        }

        if (isOther)
        {
            Changed?.Invoke();
            Heed();
        }
    }

    /// <summary>The leases behind a name or behind the name of an address, for people.</summary>
    public ImmutableArray<ExplainedLease> Explain(Name name)
    {
        lock (_gate)
        {
            var claims = _claims.ByName.TryGetValue(name, out var claim) ? [claim]
                : _claims.ByName.Values.Where(one => one.Leases.Any(lease => lease.Reverse == name)).ToArray();
            return
            [
                .. claims.SelectMany(one => one.Leases, (one, lease) => new ExplainedLease(
                    lease.Lease, one.Owner, one.IsTaken ? LeaseStanding.HeldByOthers : one.Holders.Contains(lease) ? LeaseStanding.Holder : LeaseStanding.Later)),
            ];
        }
    }

    /// <summary>A lease whose client would have this name if it were not refused; null when there is none.</summary>
    public RefusedLease? ExplainRefused(Name name)
    {
        lock (_gate)
        {
            var now = _time.GetUtcNow();
            return _claims.Refused.FirstOrDefault(one => one.Key.Claimed == name && !(one.Value.Lease.Ends <= now)).Value;
        }
    }

    /// <summary>
    /// Leases in force without the name that their clients gave themselves, by file and line: what is no name here, what is
    /// held by an older lease or by what a zone file, a service or an update declares.
    /// </summary>
    /// <param name="most">How many at the most.</param>
    /// <param name="count">How many there are; of names that are none here up to a thousand are known.</param>
    public ImmutableArray<RefusedLease> Unnamed(int most, out int count)
    {
        lock (_gate)
        {
            var now = _time.GetUtcNow();
            var refused = _claims.Refused.Values.Where(one => !(one.Lease.Ends <= now));
            var losing = _claims.ByName.Values.SelectMany(claim => claim.IsTaken
                ? claim.Leases.Select(one => new RefusedLease(one.Lease, $"is {claim.Owner}, which a zone file, a service or an update declares"))
                : claim.Losers.Select(one => new RefusedLease(one.Lease, $"is {claim.Owner}, which an older lease holds: {string.Join(", ", claim.Holders.Select(holder => holder.Lease.Address))}")));
            var all = refused.Concat(losing).OrderBy(one => one.Lease.File, StringComparer.Ordinal).ThenBy(one => one.Lease.Line).ToList();
            count = all.Count;
            return [.. all.Take(most)];
        }
    }

    /// <summary>Where the lease stands now that a record was made for; null for records of others.</summary>
    public string? PlaceOf(ResourceRecord record) =>
        record.Source.Where?.StartsWith(LeaseClaim.SourceWord, StringComparison.Ordinal) == true
        && Explain(record.Owner).FirstOrDefault(one => one.Standing == LeaseStanding.Holder && (record.Type == RecordType.PTR ? ReverseName.Of(one.Lease.Address) == record.Owner : RData.Address(one.Lease.Address) == record.Data)) is { } found
            ? $"{LeaseClaim.SourceWord}{found.Lease.File}:{found.Lease.Line}{(found.Lease.Ends is { } ends ? $" until {ends:yyyy-MM-dd HH:mm:ss'Z'}" : ", which does not end")}"
            : null;

    // What has changed stands at the end: the zone manager looks at that alone.
    private bool Settle(HashSet<Name> touched)
    {
        _order.RemoveAll(claim => touched.Contains(claim.Owner));
        foreach (var owner in touched)
        {
            if (_claims.ByName.TryGetValue(owner, out var claim))
            {
                claim.Settle();
                Tell(claim);
                _order.Add(claim);
            }
        }

        return Declare();
    }

    private bool Declare()
    {
        var overlay = ImmutableArray.CreateBuilder<OverlayRecord>(_order.Count * 2);
        foreach (var claim in _order)
        {
            overlay.AddRange(claim.Forward);
            if (!claim.IsTaken)
            {
                overlay.AddRange(claim.Reverse);
            }
        }

        var zones = _zones.Of(_order, _zonesOfOthers.SelectMany(other => other.Current.Zones), _current.Zones);
        var records = overlay.ToImmutable();
        if (zones.SequenceEqual(_current.Zones) && records.SequenceEqual(_current.Overlay))
        {
            return false;
        }

        _current = new ZoneContribution(zones, records);
        return true;
    }

    // The name of an address leads to a name that leads back: where somebody else has the name, the address gets none.
    private void Heed()
    {
        if (_served is null)
        {
            return;
        }

        var taken = _served.Unplaced.Where(record => record.Mode == OverlayMode.Spare).Select(record => record.Record.Owner).ToHashSet();
        bool isOther;
        lock (_gate)
        {
            var changed = _order.Where(claim => claim.IsTaken != taken.Contains(claim.Owner)).ToHashSet();
            foreach (var claim in changed)
            {
                claim.IsTaken = !claim.IsTaken;
                Tell(claim);
            }

            _order.RemoveAll(changed.Contains);
            _order.AddRange(changed);
            isOther = changed.Count > 0 && Declare();
        }

        if (isOther)
        {
            Changed?.Invoke();
        }
    }

    private void FollowZones()
    {
        bool isOther;
        lock (_gate)
        {
            isOther = Declare();
        }

        if (isOther)
        {
            Changed?.Invoke();
        }
    }

    // Told once: a client that goes on claiming the name says nothing new.
    private void Tell(LeaseClaim claim)
    {
        foreach (var loser in claim.Losers)
        {
            if (_told.Count < MostTold && _told.Add((claim.Owner, loser.Lease.Device)))
            {
                var holder = claim.Holders.First(one => one.Lease.Address.AddressFamily == loser.Lease.Address.AddressFamily).Lease;
                Log.NameIsHeld(_log, claim.Owner, $"{loser.Lease.Address} ({loser.Lease.File}:{loser.Lease.Line})", $"{holder.Address} ({holder.File}:{holder.Line}), whose lease is older");
            }
        }

        if (claim.IsTaken && claim.Leases.Count > 0 && _told.Count < MostTold && _told.Add((claim.Owner, "")))
        {
            var lease = claim.Leases[0].Lease;
            Log.NameIsHeld(_log, claim.Owner, $"{lease.Address} ({lease.File}:{lease.Line})", "what a zone file, a service or an update declares");
        }
    }

    private void TellRefused()
    {
        foreach (var ((_, claimed), refused) in _claims.Refused)
        {
            if (_toldRefused.Count < MostTold && _toldRefused.Add(claimed))
            {
                Log.NameIsRefused(_log, $"{refused.Lease.Address} ({refused.Lease.File}:{refused.Lease.Line})", LeaseText.Shown(refused.Lease.HostName), refused.Reason);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(3104, LogLevel.Information, "The client at {Lease} gets no name: \"{Name}\" {Reason}")]
        public static partial void NameIsRefused(ILogger log, string lease, string name, string reason);

        [LoggerMessage(3102, LogLevel.Warning, "The name {Name} is not given to {Lease}: it is held by {Holder}")]
        public static partial void NameIsHeld(ILogger log, Name name, string lease, string holder);
    }
}
