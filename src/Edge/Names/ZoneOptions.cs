using System.Collections.Immutable;
using Edge.Dns.Signing;
using Edge.Dns.Transfer;
using Edge.Dns.Wire;
using Edge.Settings;

namespace Edge.Names;

/// <summary>One entry of "dns.zones": what is special about a zone.</summary>
/// <param name="Origin">The zone's apex.</param>
internal sealed record ZoneOptions(Name Origin)
{
    /// <summary>How it is signed; null when it is not.</summary>
    public ZoneSigningOptions? Sign { get; init; }

    /// <summary>The servers that have the zone from us, and are told when it changes.</summary>
    public ImmutableArray<TransferPeer> Secondaries { get; init; } = [];

    /// <summary>Where we have the zone from; null for a zone of our own.</summary>
    public SecondarySetting? Followed { get; init; }

    /// <summary>Reads the "zones" section of "dns": a mapping from origin to what is special about that zone.</summary>
    /// <param name="section">The section.</param>
    /// <param name="keys">The keys there are.</param>
    /// <param name="folder">Where relative files start.</param>
    /// <param name="views">The names of the views.</param>
    public static ImmutableArray<ZoneOptions> ReadAll(MapReader section, ImmutableArray<KeyOptions> keys, string folder, ImmutableArray<string> views)
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
                var read = Read(origin ?? Name.Root, zone, keys, folder, views);
                if (origin is not null)
                {
                    zones.Add(read);
                }
            }
        }

        return zones.ToImmutable();
    }

    public bool Equals(ZoneOptions? other) => other is not null && Origin == other.Origin && Secondaries.SequenceEqual(other.Secondaries)
        && Equals(Followed, other.Followed) && Sign == other.Sign;

    public override int GetHashCode() => HashCode.Combine(Origin, Secondaries.Length);

    private static ZoneOptions Read(Name origin, MapReader section, ImmutableArray<KeyOptions> keys, string folder, ImmutableArray<string> views)
    {
        var sign = SignOption.Read(section);
        var secondaries = SecondaryOptions.ReadAll(section, keys);
        var primaries = PrimaryOptions.ReadAll(section, keys, folder);
        var view = section.Word("view", [.. views]);
        var catalog = section.Switch("catalog") ?? false;
        if (primaries.IsEmpty && (view is not null || catalog))
        {
            section.Problems.Add(section.Node(view is null ? "catalog" : "view")!, "means nothing without primaries", "add primaries: [ADDRESS], the servers to have the zone from");
        }

        section.Done();
        return new ZoneOptions(origin)
        {
            Sign = sign,
            Secondaries = secondaries,
            Followed = primaries.IsEmpty ? null : new SecondarySetting(origin, view, primaries, catalog),
        };
    }
}
