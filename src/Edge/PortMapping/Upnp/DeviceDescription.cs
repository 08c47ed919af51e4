using System.Net;

namespace Edge.PortMapping.Upnp;

/// <summary>What the description of a gateway device says of its connections (UPnP InternetGatewayDevice).</summary>
internal static class DeviceDescription
{
    private static readonly string[] Kinds =
    [
        "urn:schemas-upnp-org:service:WANIPConnection:2", "urn:schemas-upnp-org:service:WANIPConnection:1", "urn:schemas-upnp-org:service:WANPPPConnection:1",
    ];

    /// <summary>The services that make mappings; those whose control is not at the router itself are left out.</summary>
    /// <param name="text">The description.</param>
    /// <param name="location">Where it came from.</param>
    /// <param name="router">The router.</param>
    public static IReadOnlyList<WanConnection> Read(string text, Uri location, IPAddress router)
    {
        if (RouterXml.Read(text) is not { } elements)
        {
            return [];
        }

        var root = elements.Find(element => element is { Name: "URLBase", Text.Length: > 0 }) is { Text: { Length: > 0 } stated } && Uri.TryCreate(stated, UriKind.Absolute, out var url) ? url : location;
        var found = new List<WanConnection>();
        string? type = null, control = null;
        foreach (var element in elements)
        {
            switch (element)
            {
                case { Name: "serviceType", Text.Length: > 0 }:
                    type = element.Text;
                    break;
                case { Name: "controlURL", Text.Length: > 0 }:
                    control = element.Text;
                    break;
                case { Name: "service", Text: "" }:
                    if (Kinds.Contains(type) && Uri.TryCreate(root, control, out var at) && RouterHttp.IsOfRouter(at, router))
                    {
                        found.Add(new WanConnection(type!, at));
                    }

                    (type, control) = (null, null);
                    break;
            }
        }

        return [.. found.OrderBy(connection => Array.IndexOf(Kinds, connection.Service))];
    }
}
