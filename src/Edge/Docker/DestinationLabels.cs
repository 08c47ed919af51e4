using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Edge.Settings;

namespace Edge.Docker;

/// <summary>
/// Puts addresses into the destinations of labels: "8080" and "http://:8080" are this container, with the port as the
/// container knows it. A URL with a host is left as it is, where the settings allow it.
/// </summary>
internal sealed class DestinationLabels(Container container, Reach reach, LabelDestinations others, ProblemList problems)
{
    // Whoever says one of these says what becomes of requests.
    private static readonly string[] OtherWays = ["routes", "redirect", "respond", "files", "maintenance"];

    public MapNode Resolve(MapNode service)
    {
        var map = Walk(service);
        if (map.Find("to") is { } to and not ScalarNode { Value: null } || OtherWays.Any(key => map.Find(key) is not null))
        {
            return map;
        }

        var place = $"{service.Path}.to";
        if (container.Exposed.Length != 1)
        {
            problems.Add(new Problem(container.Where, 0, place, "is missing", container.Exposed.IsEmpty
                ? $"its image exposes no port: say at which port it listens, such as {place}=8080"
                : $"it exposes the ports {string.Join(", ", container.Exposed)}: say which, such as {place}={container.Exposed[0]}"));
            return map;
        }

        var only = new ScalarNode(container.Where, 0, place, container.Exposed[0].ToString(CultureInfo.InvariantCulture));
        return map with { Entries = [.. map.Entries.Where(entry => entry.Key != "to"), KeyValuePair.Create<string, Node>("to", One(only))] };
    }

    private MapNode Walk(MapNode map) => map with
    {
        Entries =
        [
            .. map.Entries.Select(entry => KeyValuePair.Create(entry.Key, entry.Key switch
            {
                "to" => Each(entry.Value),
                "routes" when entry.Value is ListNode list => list with { Items = [.. list.Items.Select(item => item is MapNode route ? Walk(route) : item)] },
                "routes" when entry.Value is MapNode only => Walk(only),
                _ => entry.Value,
            })),
        ],
    };

    private Node Each(Node node) => node switch
    {
        ScalarNode scalar => One(scalar),
        ListNode list => list with { Items = [.. list.Items.Select(Each)] },
        // { url: …, weight: … }
        MapNode map => map with { Entries = [.. map.Entries.Select(entry => entry is { Key: "url", Value: ScalarNode url } ? KeyValuePair.Create<string, Node>("url", One(url)) : entry)] },
        _ => node,
    };

    private ScalarNode One(ScalarNode scalar)
    {
        var text = scalar.Value ?? "";
        var bare = text.All(char.IsAsciiDigit);
        var start = text.IndexOf("://", StringComparison.Ordinal);

        // Of its own container only where nothing before or behind could make another host of it: http://:80@HOST, http://HOST/://:80.
        var own = start > 0 && text[..start].All(char.IsAsciiLetter) && text[(start + 3)..].StartsWith(':');
        if (text.Length == 0 || (!bare && !own))
        {
            CheckOther(scalar, text);
            return scalar;
        }

        var (scheme, rest) = bare ? ("http", text) : (text[..start], text[(start + 4)..]);
        var digits = rest.TakeWhile(char.IsAsciiDigit).Count();
        var endsThere = rest.Length == digits || rest[digits] is '/' or '?' or '#';
        if (!endsThere || !ushort.TryParse(rest.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port == 0)
        {
            problems.Add(scalar, $"\"{text}\" names no port from 1 to 65535");
            return scalar with { Value = "http://127.0.0.1:1" };
        }

        if (reach.Find(port, scheme.Equals("udp", StringComparison.OrdinalIgnoreCase)) is not { } at)
        {
            problems.Add(scalar, $"port {port} cannot be reached from here: it is not published, and it would be {reach.How}", $"publish it (-p 127.0.0.1:{port}:{port}), or put the container into a network of this machine");
            return scalar with { Value = "http://127.0.0.1:1" };
        }

        return scalar with { Value = $"{scheme}://{Shown(at)}{rest[digits..]}" };
    }

    // What is no URL is told by who reads it next.
    private void CheckOther(ScalarNode scalar, string text)
    {
        if (Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Host.Length > 0 && !others.Allow(uri))
        {
            problems.Add(scalar, $"labels may not name the destination {text}", others.Networks.IsEmpty
                ? "say a port of the container without a host, such as http://:8080, or name it in docker: destinations of edge.yaml, which says own"
                : $"docker: destinations of edge.yaml lets them have addresses in {others.Text}");
        }
    }

    private static string Shown(IPEndPoint at) => at.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{at.Address}]:{at.Port}" : at.ToString();
}
