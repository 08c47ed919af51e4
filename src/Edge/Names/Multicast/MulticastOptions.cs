using System.Collections.Immutable;
using Edge.Settings;

namespace Edge.Names.Multicast;

/// <summary>The section <c>mdns</c> of edge.yaml: what is said on the LAN without a server, and where.</summary>
internal sealed record MulticastOptions
{
    private static readonly ImmutableArray<string> Web = ["_http._tcp", "_https._tcp"];

    /// <summary>Whether services are told of.</summary>
    public bool Publish { get; init; } = true;

    /// <summary>Whether anything is asked: hosts and services of others.</summary>
    public bool Asks { get; init; } = true;

    /// <summary>The interfaces on which it is spoken; none for those of the LAN.</summary>
    public ImmutableArray<string> Interfaces { get; init; } = [];

    /// <summary>The types of which instances are looked for.</summary>
    public ImmutableArray<string> Browse { get; init; } = [];

    /// <summary>Parts of the types of the web under which our services are found as well.</summary>
    public ImmutableArray<string> Subtypes { get; init; } = [];

    /// <summary>Which services of neighbours are served by themselves.</summary>
    public ImmutableArray<AdoptionRule> Adopt { get; init; } = [];

    /// <summary>The types of which instances are looked for, to be listed or to be served.</summary>
    public ImmutableArray<string> Types => [.. Browse.Concat(Adopt.SelectMany(rule => rule.Types)).Distinct()];

    /// <summary>Reads the section: a mapping, "on" or "off".</summary>
    /// <param name="root">All of edge.yaml.</param>
    public static MulticastOptions Read(MapReader root)
    {
        switch (root.Node("mdns"))
        {
            case null:
                return new MulticastOptions();
            case ScalarNode { Value: var text } when SwitchText.Parse(text) is { } isOn:
                return new MulticastOptions { Publish = isOn, Asks = isOn };
            case MapNode map:
                return ReadMap(new MapReader(map, root.Problems));
            case var other:
                root.Problems.Add(other, "is neither \"on\" nor \"off\" nor a mapping", "known in it: publish, interfaces, browse, adopt, subtypes");
                return new MulticastOptions();
        }
    }

    public bool Equals(MulticastOptions? other) =>
        other is not null && Publish == other.Publish && Asks == other.Asks && Interfaces.SequenceEqual(other.Interfaces) && Browse.SequenceEqual(other.Browse) && Adopt.SequenceEqual(other.Adopt) && Subtypes.SequenceEqual(other.Subtypes);

    public override int GetHashCode() => HashCode.Combine(Publish, Asks, Interfaces.Length, Browse.Length);

    private static MulticastOptions ReadMap(MapReader section)
    {
        var publish = section.Switch("publish") ?? true;
        var interfaces = section.List("interfaces", "the name of an interface, such as eth0", text => text.Length is > 0 and < 16 && !text.Any(char.IsWhiteSpace) ? text : null);
        var browse = section.Node("browse") is ScalarNode { Value: var said } && SwitchText.Parse(said) is { } isOn
            ? (isOn ? Web : [])
            : section.List("browse", "on, off or a type of services such as _http._tcp", Type);
        var adopt = AdoptionRules.Read(section);
        var subtypes = section.List("subtypes", "a subtype, such as _printer", text => text.StartsWith('_') && IsLabel(text) ? text.ToLowerInvariant() : null);
        section.Done();
        return new MulticastOptions { Publish = publish, Interfaces = [.. interfaces.Distinct()], Browse = [.. browse.Distinct()], Adopt = adopt, Subtypes = [.. subtypes.Distinct()] };
    }

    // RFC 6763 §7.1: a subtype stands before its type, as "_printer._sub._http._tcp".
    private static string? Type(string text) => text.ToLowerInvariant().Split('.') switch
    {
        [['_', ..] sub, "_sub", .. { Length: 2 } type] when IsLabel(sub) && IsType(type) => text.ToLowerInvariant(),
        { Length: 2 } type when IsType(type) => text.ToLowerInvariant(),
        _ => null,
    };

    // RFC 6335 §5.1: up to 15 letters, digits and hyphens.
    private static bool IsType(string[] labels) => labels is [['_', .. { Length: > 0 and <= 15 } name], "_tcp" or "_udp"] && IsLabel(name);

    private static bool IsLabel(string name) => name.Length <= 63 && name.TrimStart('_') is { Length: > 0 } rest && rest.All(c => char.IsAsciiLetterOrDigit(c) || c == '-');
}
