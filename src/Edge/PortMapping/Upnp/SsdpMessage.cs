using System.Net;
using System.Text;

namespace Edge.PortMapping.Upnp;

/// <summary>The search for a gateway device (UPnP Device Architecture 1.1, section 1.3).</summary>
internal static class SsdpMessage
{
    /// <summary>Where searches are sent to.</summary>
    public static readonly IPEndPoint Group = new(new IPAddress([239, 255, 255, 250]), 1900);

    // Who has only one of them answers one only.
    private static readonly string[] Targets =
    [
        "urn:schemas-upnp-org:device:InternetGatewayDevice:1", "urn:schemas-upnp-org:device:InternetGatewayDevice:2",
        "urn:schemas-upnp-org:service:WANIPConnection:1", "urn:schemas-upnp-org:service:WANPPPConnection:1",
    ];

    /// <summary>The searches, one for each kind of device.</summary>
    public static IEnumerable<byte[]> Searches() => Targets.Select(target => Encoding.ASCII.GetBytes(
        $"M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: \"ssdp:discover\"\r\nMX: 1\r\nST: {target}\r\n\r\n"));

    /// <summary>Where an answer says that the device describes itself; null for anything that is not of a gateway.</summary>
    public static Uri? ReadLocation(ReadOnlySpan<byte> bytes)
    {
        var lines = Encoding.ASCII.GetString(bytes).Split('\n');
        if (!lines[0].StartsWith("HTTP/1.1 200", StringComparison.OrdinalIgnoreCase) && !lines[0].StartsWith("HTTP/1.0 200", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        return Field(lines, "ST") is { } target && Targets.Any(known => known.Equals(target, StringComparison.OrdinalIgnoreCase))
            && Uri.TryCreate(Field(lines, "LOCATION"), UriKind.Absolute, out var location)
            ? location
            : null;
    }

    private static string? Field(string[] lines, string name) => lines
        .Where(line => line.Length > name.Length && line[name.Length] == ':' && line.StartsWith(name, StringComparison.OrdinalIgnoreCase))
        .Select(line => line[(name.Length + 1)..].Trim())
        .FirstOrDefault();
}
