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
                root.Problems.Add(other, "is neither \"on\" nor \"off\" nor a mapping", "known in it: publish, interfaces, browse");
                return new MulticastOptions();
        }
    }

    public bool Equals(MulticastOptions? other) =>
        other is not null && Publish == other.Publish && Asks == other.Asks && Interfaces.SequenceEqual(other.Interfaces) && Browse.SequenceEqual(other.Browse);

    public override int GetHashCode() => HashCode.Combine(Publish, Asks, Interfaces.Length, Browse.Length);

    private static MulticastOptions ReadMap(MapReader section)
    {
        var publish = section.Switch("publish") ?? true;
        var interfaces = section.List("interfaces", "the name of an interface, such as eth0", text => text.Length is > 0 and < 16 && !text.Any(char.IsWhiteSpace) ? text : null);
        var browse = section.Node("browse") is ScalarNode { Value: var said } && SwitchText.Parse(said) is { } isOn
            ? (isOn ? Web : [])
            : section.List("browse", "on, off or a type of services such as _http._tcp", Type);
        section.Done();
        return new MulticastOptions { Publish = publish, Interfaces = [.. interfaces.Distinct()], Browse = [.. browse.Distinct()] };
    }

    // RFC 6335 §5.1: up to 15 letters, digits and hyphens.
    private static string? Type(string text) =>
        text.ToLowerInvariant().Split('.') is [['_', .. { Length: > 0 and <= 15 } name], "_tcp" or "_udp"] labels && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '-')
            ? string.Join('.', labels) : null;
}
