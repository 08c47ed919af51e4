using System.Collections.Immutable;
using Edge.Dns.Transfer;

namespace Edge.Names;

/// <summary>What the settings say about who may transfer which zone.</summary>
internal static class TransferRights
{
    /// <summary>The zones that we have from others.</summary>
    public static ImmutableArray<SecondarySetting> Followed(DnsOptions dns) => [.. dns.Zones.Select(zone => zone.Followed).OfType<SecondarySetting>()];

    public static TransferPolicy Of(DnsOptions dns) => new(
        dns.Zones.Where(zone => !zone.Secondaries.IsEmpty).Select(zone => KeyValuePair.Create(zone.Origin, zone.Secondaries)),
        dns.Keys.Where(key => key.Transfer is not null).Select(key => KeyValuePair.Create(key.Key.Name, key.Transfer!)),
        dns.Catalogs);
}
