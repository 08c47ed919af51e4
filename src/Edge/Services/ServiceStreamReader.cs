using System.Collections.Immutable;
using Edge.Settings;

namespace Edge.Services;

/// <summary>Reads what a service says that is forwarded byte by byte: <c>to: tcp://…</c>, <c>listen</c>, <c>proxy-protocol</c>, <c>idle</c>.</summary>
internal static class ServiceStreamReader
{
    private const int MostDestinations = 100;
    private const int MostPorts = 100;

    private static readonly string[] Schemes = ["tcp://", "tls://", "udp://"];

    /// <summary>Whether this is such a service; HTTP otherwise.</summary>
    public static bool Takes(MapReader reader) =>
        reader.Items("to").OfType<ScalarNode>().Any(item => SchemeOf(item.Value ?? "") is not null);

    /// <summary>The stream; null when something about it is wrong, which <paramref name="reader"/> has been told.</summary>
    /// <param name="reader">The service.</param>
    /// <param name="by">Who says it: it may not open every port.</param>
    public static ServiceStream? Read(MapReader reader, Declarer by)
    {
        var to = Destinations(reader);
        var listen = reader.List("listen", "a port, or ADDRESS:PORT", StreamListen.Parse);
        var proxy = reader.Word("proxy-protocol", "v1", "v2");
        var idle = reader.Duration("idle");
        if (to.Length == 0)
        {
            return null;
        }

        var protocol = Enum.Parse<StreamProtocol>(to[0].Scheme, ignoreCase: true);
        if (listen.Count > MostPorts)
        {
            Told(reader, "listen", $"has {listen.Count} ports; {MostPorts} at most");
        }

        if (by is { Source: SourceKind.Api, Ports: { IsEmpty: true } })
        {
            Told(reader, "to", $"\"{to[0].OriginalString}\" is not an http or https URL", "tcp://, tls:// and udp:// need a token that may have ports opened: edge token create NAME --port 2222");
        }
        else if (by.Ports is { } allowed && listen.FirstOrDefault(port => !allowed.Contains(port.Port)) is { } other)
        {
            Told(reader, "listen", $"{by.Where} may not have port {other} opened", by.PortHint);
        }
        else if (listen.Count == 0 && protocol != StreamProtocol.Tls && reader.Node("listen") is null)
        {
            Told(reader, "listen", "is missing", $"say at which port clients connect, such as listen: {(to[0].Port > 0 ? to[0].Port : 2222)}");
        }

        if (proxy is not null && protocol == StreamProtocol.Udp)
        {
            Told(reader, "proxy-protocol", "is for tcp:// and tls:// only", "leave it out");
        }

        return new ServiceStream
        {
            Protocol = protocol,
            To = to,
            Listen = [.. listen.Distinct()],
            SendProxy = proxy switch { "v1" => ProxyProtocolVersion.V1, "v2" => ProxyProtocolVersion.V2, _ => ProxyProtocolVersion.None },
            Idle = idle,
        };
    }

    private static ImmutableArray<Uri> Destinations(MapReader reader)
    {
        var found = ImmutableArray.CreateBuilder<Uri>();
        var items = reader.Items("to");
        if (items.Count > MostDestinations)
        {
            Told(reader, "to", $"has {items.Count} values; {MostDestinations} at most");
            return [];
        }

        foreach (var item in items)
        {
            if (item is not ScalarNode { Value: { } text })
            {
                reader.Problems.Add(item, $"is {item.Kind}; a URL is needed here");
            }
            else if (Wrong(text, found) is { } wrong)
            {
                reader.Problems.Add(item, wrong, "such as tcp://192.168.1.10:22, all of one scheme");
            }
            else
            {
                found.Add(new Uri(text, UriKind.Absolute));
            }
        }

        return found.Count == items.Count ? found.ToImmutable() : [];
    }

    private static string? Wrong(string text, IReadOnlyList<Uri> before)
    {
        if (SchemeOf(text) is not { } scheme)
        {
            return $"\"{text}\" is not a tcp, tls or udp URL as the others are";
        }

        if (before.Count > 0 && !scheme.StartsWith(before[0].Scheme, StringComparison.Ordinal))
        {
            return $"\"{text}\" has another scheme than \"{before[0].OriginalString}\"";
        }

        if (text.Any(letter => char.IsWhiteSpace(letter) || char.IsControl(letter)) || !Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Host.Length == 0)
        {
            return $"\"{text}\" is not a URL";
        }

        if (uri.Port is < 1)
        {
            return $"\"{text}\" names no port";
        }

        return uri.UserInfo.Length > 0 || uri.PathAndQuery.Trim('/').Length > 0 || uri.Fragment.Length > 0
            ? $"\"{text}\" has more than a host and a port"
            : before.Any(other => other == uri) ? $"\"{text}\" stands here twice" : null;
    }

    private static string? SchemeOf(string text) => Schemes.FirstOrDefault(scheme => text.StartsWith(scheme, StringComparison.OrdinalIgnoreCase));

    private static void Told(MapReader reader, string key, string message, string? hint = null) =>
        reader.Problems.Add(new Problem(reader.Map.File, reader.Map.Find(key)?.Line ?? reader.Map.Line, reader.Map.Path.Length == 0 ? key : $"{reader.Map.Path}.{key}", message, hint));
}
