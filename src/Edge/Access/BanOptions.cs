using System.Collections.Immutable;
using System.Net;
using Edge.Settings;

namespace Edge.Access;

/// <summary>When an address is banned, and for how long: <c>access.bans</c>.</summary>
internal sealed record BanOptions
{
    public static readonly ImmutableArray<(OffenceKind Kind, string Word, int Most)> Kinds =
    [
        (OffenceKind.Auth, "auth", 10),
        (OffenceKind.Denied, "denied", 50),
        (OffenceKind.NotFound, "not-found", 200),
        (OffenceKind.Malformed, "malformed", 100),
        (OffenceKind.Rate, "rate", 500),
        (OffenceKind.Dns, "dns", 1000),
    ];

    public static readonly ImmutableArray<IPNetwork> Loopback = [IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("::1/128")];

    /// <summary>Whether offences ban anybody; bans by hand and from a feed hold in any case.</summary>
    public bool On { get; init; } = true;

    /// <summary>How many of each kind are too many; 0 for a kind that does not matter.</summary>
    public ImmutableDictionary<OffenceKind, int> After { get; init; } = Kinds.ToImmutableDictionary(kind => kind.Kind, kind => kind.Most);

    /// <summary>In how long a time.</summary>
    public TimeSpan Within { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>The length of a first ban.</summary>
    public TimeSpan For { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>The length of the longest.</summary>
    public TimeSpan AtMost { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Who is never banned, beside the clients of the view "lan".</summary>
    public ImmutableArray<IPNetwork> Never { get; init; } = Loopback;

    /// <summary>Where more bans come from; null for nowhere.</summary>
    public CrowdSecOptions? CrowdSec { get; init; }

    public static string Word(OffenceKind kind) => Kinds.First(known => known.Kind == kind).Word;

    public static BanOptions Read(MapReader access, string folder)
    {
        switch (access.Node("bans"))
        {
            case null or ScalarNode { Value: "on" or "true" }:
                return new BanOptions();
            case ScalarNode { Value: "off" or "false" }:
                return new BanOptions { On = false };
            case MapNode map:
                return Read(new MapReader(map, access.Problems), new BanOptions(), folder);
            case var other:
                access.Problems.Add(other, "is neither on, off nor a mapping");
                return new BanOptions();
        }
    }

    private static BanOptions Read(MapReader section, BanOptions defaults, string folder)
    {
        var options = defaults with
        {
            After = section.Section("after") is { } after ? ReadAfter(after, defaults.After) : defaults.After,
            Within = section.Duration("within") ?? defaults.Within,
            For = section.Duration("for") ?? defaults.For,
            AtMost = section.Duration("at-most") ?? defaults.AtMost,
            Never = [.. Loopback, .. NetworkList.Read(section, "never")],
            CrowdSec = section.Section("crowdsec") is { } feed ? CrowdSecOptions.Read(feed, folder) : null,
        };
        section.Done();
        foreach (var (key, time) in (ReadOnlySpan<(string, TimeSpan)>)[("within", options.Within), ("for", options.For), ("at-most", options.AtMost)])
        {
            if (time <= TimeSpan.Zero || time > TimeSpan.FromDays(3650))
            {
                section.Problems.Add(section.Node(key)!, "is not a time from 1s to ten years");
            }
        }

        return options;
    }

    private static ImmutableDictionary<OffenceKind, int> ReadAfter(MapReader section, ImmutableDictionary<OffenceKind, int> defaults)
    {
        foreach (var (kind, word, _) in Kinds)
        {
            if (section.Number(word, 0, 1_000_000) is { } most)
            {
                defaults = defaults.SetItem(kind, most);
            }
        }

        section.Done();
        return defaults;
    }
}
