using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Edge.Settings;

namespace Edge.PortMapping;

/// <summary>The section <c>port-mapping</c> of edge.yaml: whether the router is asked to let the internet in, and what is believed of its address.</summary>
internal sealed record PortMappingOptions
{
    private static readonly ImmutableArray<string> AllProtocols = ["pcp", "nat-pmp", "upnp"];

    /// <summary>Whether ports of the router are mapped at all. A router that opens by surprise is a hole: not unless it was said.</summary>
    public bool Maps { get; init; }

    /// <summary>The port outside of the gateway's HTTPS; null for none.</summary>
    public int? Https { get; init; } = 443;

    /// <summary>The port outside of its plain HTTP; null for none.</summary>
    public int? Http { get; init; } = 80;

    /// <summary>Whether services for everywhere that have ports of their own get those as well.</summary>
    public bool Streams { get; init; }

    /// <summary>What is spoken, the first one first.</summary>
    public ImmutableArray<string> Protocols { get; init; } = AllProtocols;

    /// <summary>The router; null for the way that this machine sends by.</summary>
    public IPAddress? Router { get; init; }

    /// <summary>How long a mapping is asked for; it is prolonged at half of that.</summary>
    public TimeSpan Lifetime { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Who is asked where we come from; null for nobody.</summary>
    public Uri? Echo { get; init; }

    public PublishRule Publish { get; init; }

    /// <summary>Reads the section: "on", "off" or a mapping.</summary>
    /// <param name="root">All of edge.yaml.</param>
    public static PortMappingOptions Read(MapReader root)
    {
        switch (root.Node("port-mapping"))
        {
            case null:
                return new PortMappingOptions();
            case ScalarNode { Value: var text } when SwitchText.Parse(text) is { } isOn:
                return new PortMappingOptions { Maps = isOn };
            case MapNode map:
                return Read(new MapReader(map, root.Problems), new PortMappingOptions());
            case var other:
                root.Problems.Add(other, "is neither \"on\" nor \"off\" nor a mapping", "known in it: map, https, http, streams, protocols, router, lifetime, echo, publish");
                return new PortMappingOptions();
        }
    }

    public bool Equals(PortMappingOptions? other) =>
        other is not null && Maps == other.Maps && Https == other.Https && Http == other.Http && Streams == other.Streams && Protocols.SequenceEqual(other.Protocols)
        && Equals(Router, other.Router) && Lifetime == other.Lifetime && Echo == other.Echo && Publish == other.Publish;

    public override int GetHashCode() => HashCode.Combine(Maps, Https, Http, Streams, Protocols.Length, Lifetime, Echo, Publish);

    private static PortMappingOptions Read(MapReader section, PortMappingOptions defaults)
    {
        var lifetime = section.Duration("lifetime");
        if (lifetime is { } time && (time < TimeSpan.FromMinutes(2) || time > TimeSpan.FromDays(1)))
        {
            // RFC 6887 section 15: less than two minutes is refused, more than a day is not to be expected.
            section.Problems.Add(section.Node("lifetime")!, "must lie between 2m and 1d");
            lifetime = null;
        }

        var router = section.List("router", "the router's IPv4 address", static text => IPAddress.TryParse(text, out var address) && address.AddressFamily == AddressFamily.InterNetwork ? address : null);
        if (router.Count > 1)
        {
            section.Problems.Add(section.Node("router")!, "names more than one router", "the one that has the way to the internet");
        }

        section.TellEmpty("router", "so that the one is asked that this machine sends by; leave it out for that");
        section.TellEmpty("protocols", $"so that all are spoken; leave it out for that, or say map: off to ask the router for nothing");
        var protocols = section.List("protocols", $"one of {string.Join(", ", AllProtocols)}", static text => AllProtocols.Contains(text) ? text : null);
        var options = defaults with
        {
            Maps = section.Switch("map") ?? true,
            Https = PortOf(section, "https", defaults.Https),
            Http = PortOf(section, "http", defaults.Http),
            Streams = section.Switch("streams") ?? false,
            Protocols = protocols.Count == 0 ? AllProtocols : [.. protocols.Distinct()],
            Router = router.FirstOrDefault(),
            Lifetime = lifetime ?? defaults.Lifetime,
            Echo = EchoOf(section),
            Publish = section.Word("publish", "unless-disproved", "proven", "always") switch { "proven" => PublishRule.Proven, "always" => PublishRule.Always, _ => PublishRule.UnlessDisproved },
        };
        section.Done();
        if (options.Https is { } https && https == options.Http)
        {
            section.Problems.Add(section.Node("http") ?? section.Map, $"http and https are both {https}: each needs a port of its own");
        }

        return options;
    }

    private static int? PortOf(MapReader section, string key, int? otherwise)
    {
        switch (section.Node(key))
        {
            case null:
                return otherwise;
            case ScalarNode { Value: { } text } when SwitchText.Parse(text) is { } isOn:
                return isOn ? otherwise : null;
            case ScalarNode { Value: { } text } when ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port > 0:
                return port;
            case var other:
                section.Problems.Add(other, "is neither a port from 1 to 65535 nor \"off\"", "the port of the router");
                return otherwise;
        }
    }

    private static Uri? EchoOf(MapReader section)
    {
        if (section.Text("echo") is not { } text)
        {
            return null;
        }

        if (Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.UserInfo.Length == 0)
        {
            return url;
        }

        section.Problems.Add(section.Node("echo")!, $"\"{text}\" is not an URL", "such as https://edge.example.net/.well-known/edge-address, of an Edge with address-echo: on");
        return null;
    }
}
