using Edge.Dns.Wire;

namespace Edge.Admin;

/// <summary>Settings about zones that are not there: no mistake, since a zone may come later, but mostly a slip of the pen.</summary>
internal static class ZoneSettingsCheck
{
    /// <summary>A warning for each.</summary>
    public static IEnumerable<string> Of(EdgeOptions options)
    {
        // A catalog of another server brings zones that only it knows.
        if (options.Dns.Zones.Any(zone => zone.Followed is { IsCatalog: true }))
        {
            return [];
        }

        var known = Files(options).Concat(options.Dns.Catalogs.Select(catalog => catalog.Origin)).ToHashSet();
        return options.Dns.Zones.Where(zone => zone.Followed is null && (zone.Sign is not null || !zone.Secondaries.IsEmpty) && !known.Contains(zone.Origin))
            .Select(zone => zone.Origin.ToHostString())
            .Select(name => $"edge.yaml: dns.zones.{name}: there is no zone of that name; its records belong into {options.Zones}/{name}.zone");
    }

    /// <summary>The origins of all zone files.</summary>
    public static IEnumerable<Name> Files(EdgeOptions options)
    {
        var folder = options.PathOf(options.Zones);
        foreach (var file in Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*.zone", SearchOption.AllDirectories) : [])
        {
            if (Name.TryParse(Path.GetFileNameWithoutExtension(file), Name.Root, out var origin, out _))
            {
                yield return origin;
            }
        }
    }
}
