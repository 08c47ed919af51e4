using System.Collections.Immutable;
using Edge.Dns.Transfer;
using Edge.Dns.Views;
using Edge.Dns.Wire;
using Edge.Settings;

namespace Edge.Names;

/// <summary>The "catalogs" section of "dns": a mapping from a catalog's name to what it lists and for whom.</summary>
internal static class CatalogOptions
{
    /// <param name="section">The section.</param>
    /// <param name="keys">The keys there are.</param>
    /// <param name="views">The names of the views.</param>
    public static ImmutableArray<CatalogSetting> ReadAll(MapReader section, ImmutableArray<KeyOptions> keys, ImmutableArray<string> views)
    {
        var catalogs = ImmutableArray.CreateBuilder<CatalogSetting>();
        foreach (var (text, node) in section.Map.Entries)
        {
            if (!Name.TryParse(text, Name.Root, out var origin, out var error) || origin.IsRoot)
            {
                section.Problems.Add(node, $"\"{text}\" is not the name of a catalog: {error ?? "it is empty"}");
            }

            if (section.Section(text) is { } catalog)
            {
                catalogs.Add(Read(origin ?? Name.Root, catalog, keys, views));
            }
        }

        return catalogs.ToImmutable();
    }

    private static CatalogSetting Read(Name origin, MapReader section, ImmutableArray<KeyOptions> keys, ImmutableArray<string> views)
    {
        var view = section.Word("view", [.. views]) ?? View.PublicName;
        var members = section.Node("members") is null
            ? (ImmutableArray<Name>?)null
            : [.. section.List("members", "the name of a zone", text => Name.TryParse(text, Name.Root, out var zone, out _) ? zone : null)];
        var secondaries = SecondaryOptions.ReadAll(section, keys);
        if (secondaries.IsEmpty)
        {
            section.Problems.Add(section.Map, "has no secondaries, so nobody would ever read it", "add secondaries: [{address: ADDRESS, key: NAME}]");
        }

        section.Done();
        return new CatalogSetting(origin, view, members, secondaries);
    }
}
