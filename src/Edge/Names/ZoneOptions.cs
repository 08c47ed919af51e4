using System.Collections.Immutable;
using Edge.Dns.Wire;
using Edge.Settings;

namespace Edge.Names;

/// <summary>One entry of "dns.zones": what is special about a zone.</summary>
/// <param name="Origin">The zone's apex.</param>
internal sealed record ZoneOptions(Name Origin)
{
    /// <summary>Reads the "zones" section of "dns": a mapping from origin to what is special about that zone.</summary>
    public static ImmutableArray<ZoneOptions> ReadAll(MapReader section)
    {
        var zones = ImmutableArray.CreateBuilder<ZoneOptions>();
        foreach (var (text, node) in section.Map.Entries)
        {
            if (!Name.TryParse(text, Name.Root, out var origin, out var error))
            {
                section.Problems.Add(node, $"\"{text}\" is not the name of a zone: {error}");
            }
            else if (zones.Any(zone => zone.Origin == origin))
            {
                section.Problems.Add(node, "stands twice");
            }

            if (section.Section(text) is { } zone)
            {
                var read = Read(origin ?? Name.Root, zone);
                if (origin is not null)
                {
                    zones.Add(read);
                }
            }
        }

        return zones.ToImmutable();
    }

    private static ZoneOptions Read(Name origin, MapReader section)
    {
        section.Done();
        return new ZoneOptions(origin);
    }
}
