using System.Collections.Immutable;
using System.Net.Sockets;
using Edge.Dns.Multicast;
using Edge.Dns.Wire;
using Edge.Dns.Zones;

namespace Edge.Names.Multicast;

/// <summary>
/// The names of the LAN that have the addresses of a host in mDNS. A name that a zone file, a service or an update declares stays
/// theirs: what anybody in the LAN can say never covers what somebody has written down.
/// </summary>
internal sealed class MulticastHosts : IZoneSource
{
    // A host that moves is found again soon, and whoever asks often is answered from memory.
    private const uint Ttl = 10;

    private readonly Lock _gate = new();
    private readonly HashSet<Name> _told = [];
    private ImmutableArray<(HostSetting Setting, HeardHost Heard)> _known = [];
    private volatile ImmutableHashSet<Name> _unserved = [];
    private ZoneManager? _served;
    private Action<Name> _tell = _ => { };

    public string Name => "mdns";

    public ZoneContribution Current { get; private set; } = ZoneContribution.Empty;

    public event Action? Changed;

    /// <summary>What is known of the hosts now, for people.</summary>
    public ImmutableArray<(HostSetting Setting, HeardHost Heard)> Known
    {
        get
        {
            lock (_gate)
            {
                return _known;
            }
        }
    }

    /// <summary>Takes what is known of each host.</summary>
    public void Update(ImmutableArray<HostSetting> hosts, Func<Name, HeardHost> heard)
    {
        lock (_gate)
        {
            _known = [.. hosts.Select(host => (host, heard(host.Local)))];
            ImmutableArray<OverlayRecord> records = [.. _known.SelectMany(one => Records(one.Setting, one.Heard))];
            if (records.SequenceEqual(Current.Overlay))
            {
                return;
            }

            Current = new ZoneContribution([], records);
        }

        Changed?.Invoke();
        Heed();
    }

    /// <summary>Begins to heed what is served of its records by a manager, which has this source among its own.</summary>
    /// <param name="zones">The manager.</param>
    /// <param name="unserved">Told once of each name that is declared otherwise.</param>
    public void Follow(ZoneManager zones, Action<Name> unserved)
    {
        (_served, _tell) = (zones, unserved);
        zones.Changed += Heed;
        Heed();
    }

    /// <summary>Why a name has no addresses although the settings say where they come from, for people; null when it has, or is not meant.</summary>
    public string? Explain(Name name) =>
        Known.FirstOrDefault(one => one.Setting.Owner == name) is not ({ } setting, { } heard) ? null
        : heard.Addresses.IsEmpty ? $"hosts.{setting.Key} in edge.yaml takes its addresses from {setting.Local.ToHostString()}, of which nothing is heard in the LAN"
        : _unserved.Contains(name) ? $"hosts.{setting.Key} in edge.yaml has no effect: the name is declared otherwise, and what {setting.Local.ToHostString()} says ({string.Join(", ", heard.Addresses)}) does not cover that"
        : null;

    private void Heed()
    {
        if (_served is null)
        {
            return;
        }

        var mine = Current.Overlay;
        var taken = _served.Unplaced.Where(record => mine.Contains(record)).Select(record => record.Record.Owner).ToImmutableHashSet();
        _unserved = taken;
        List<Name> news;
        lock (_gate)
        {
            news = [.. taken.Where(_told.Add)];
        }

        news.ForEach(_tell);
    }

    private static IEnumerable<OverlayRecord> Records(HostSetting setting, HeardHost heard)
    {
        var source = new RecordSource($"{setting.Local.ToHostString()} by mDNS on {string.Join(", ", heard.Interfaces)}{(heard.IsSilent ? ", silent now" : "")} (edge.yaml: hosts.{setting.Key})");
        return heard.Addresses.Select(address => new OverlayRecord(
            ViewOptions.Lan,
            new ResourceRecord(setting.Owner, address.AddressFamily == AddressFamily.InterNetwork ? RecordType.A : RecordType.AAAA, Ttl, RData.Address(address), source),
            OverlayMode.Spare));
    }
}
