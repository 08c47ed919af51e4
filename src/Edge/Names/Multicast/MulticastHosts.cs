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
    private ImmutableArray<(HostSetting Setting, HeardHost Heard)> _known = [];

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
