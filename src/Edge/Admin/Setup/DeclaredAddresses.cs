using System.Collections.Immutable;
using System.Net;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Edge.Names;
using Microsoft.Extensions.Logging.Abstractions;

namespace Edge.Admin.Setup;

/// <summary>What zone files tell clients of the LAN of the addresses of a name.</summary>
internal static class DeclaredAddresses
{
    /// <summary>The records; the view's own file goes before the one for all.</summary>
    public static ImmutableArray<ResourceRecord> Of(EdgeOptions options, Name name)
    {
        var files = new ZoneFileSource(options.PathOf(options.Zones), options.Zones, [.. options.Views.Select(view => view.Name)], NullLogger.Instance, TimeProvider.System);
        files.Load();
        return In(files, ViewOptions.Lan, name) is { IsEmpty: false } own ? own : In(files, null, name);
    }

    /// <summary>The records that contradict addresses that clients are given: of the same type, and for another address.</summary>
    public static ImmutableArray<ResourceRecord> Contradicting(ImmutableArray<ResourceRecord> declared, ImmutableArray<IPAddress> given)
    {
        var (data, sizes) = (given.Select(RData.Address).ToHashSet(), given.Select(address => address.GetAddressBytes().Length).ToHashSet());
        return
        [
            .. declared.GroupBy(record => record.Type)
                .Where(type => sizes.Contains(type.First().Data.Wire.Length) && !type.Any(record => data.Contains(record.Data)))
                .SelectMany(type => type),
        ];
    }

    private static ImmutableArray<ResourceRecord> In(ZoneFileSource files, string? view, Name name) =>
    [
        .. files.Current.Zones.Where(zone => zone.View == view && name.IsAtOrBelow(zone.Origin))
            .SelectMany(zone => zone.Records)
            .Where(record => record.Owner == name && record.Type is (RecordType.A or RecordType.AAAA)),
    ];
}
