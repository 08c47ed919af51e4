using Edge.Dns.Wire;

namespace Edge.Admin;

/// <summary>Settings about zones that are not there, or are ours: no mistake, since a zone may come later, but mostly a slip of the pen.</summary>
internal static class ZoneSettingsCheck
{
    /// <summary>A warning for each.</summary>
    public static IEnumerable<string> Of(EdgeOptions options) => Missing(options).Concat(ForwardedOwn(options));

    /// <summary>What cannot be meant.</summary>
    public static IEnumerable<string> Mistakes(EdgeOptions options) => options.AcmeDns.Domain is { } answers && !Own(options).Any(answers.IsAtOrBelow) && !Follows(options)
        ? [$"{options.Places.Of("acme-dns")}: {answers.ToHostString()} lies in no zone of this Edge, so that nothing below it would be answered (declare its zone as {options.Zones}/ZONE.zone, or name another domain)"]
        : [];

    // A catalog of another server brings zones that only it knows.
    private static bool Follows(EdgeOptions options) => options.Dns.Zones.Any(zone => zone.Followed is { IsCatalog: true });

    private static IEnumerable<string> Missing(EdgeOptions options)
    {
        if (Follows(options))
        {
            return [];
        }

        var known = Files(options).Concat(options.Dns.Catalogs.Select(catalog => catalog.Origin)).ToHashSet();
        return options.Dns.Zones.Where(zone => zone.Followed is null && (zone.Sign is not null || !zone.Secondaries.IsEmpty) && !known.Contains(zone.Origin))
            .Select(zone => zone.Origin.ToHostString())
            .Select(name => $"{options.Places.Of("dns", "zones", name)}: there is no zone of that name; its records belong into {options.Zones}/{name}.zone");
    }

    // A zone of ours goes first: what it does not delegate is never asked of others.
    private static IEnumerable<string> ForwardedOwn(EdgeOptions options)
    {
        var own = Own(options);
        foreach (var zone in options.Dns.Forwarding.Forward.Select(rule => rule.Zone))
        {
            if (own.Where(zone.IsAtOrBelow).MaxBy(origin => origin.LabelCount) is { } origin)
            {
                var (inner, outer) = (zone.ToHostString(), origin.ToHostString());
                yield return $"{options.Places.Of("dns", "forward", inner)}: " + (zone == origin
                    ? "is a zone of ours, which answers itself: nobody is asked"
                    : $"lies in {outer}, a zone of ours, which answers itself: its servers are asked only where {outer} delegates {inner} to others with NS records");
            }
        }
    }

    /// <summary>The zones of this Edge, as far as the settings and the files tell.</summary>
    public static Name[] Own(EdgeOptions options) =>
    [
        Name.Parse(options.Domain),
        .. Files(options),
        .. options.Dns.Catalogs.Select(catalog => catalog.Origin),
        .. options.Dns.Zones.Where(zone => zone.Followed is not null).Select(zone => zone.Origin),
        .. options.Dns.Leases.Select(leases => leases.Domain),
    ];

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
