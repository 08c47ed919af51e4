using System.Net;

namespace Edge.Settings;

/// <summary>ADDRESS:PORT as people write it, with [ ] around an IPv6 address that has a port.</summary>
internal static class EndPointText
{
    public static IPEndPoint? Parse(string text, int? defaultPort = null)
    {
        // IPAddress reads "[::1]:53" as well, and drops the port: with one, it is read below.
        var withPort = text.StartsWith('[') && !text.EndsWith(']');
        if (defaultPort is { } port && !withPort && IPAddress.TryParse(text, out var address))
        {
            return new IPEndPoint(address, port);
        }

        var colon = text.LastIndexOf(':');
        return colon > 0 && colon < text.Length - 1 && IPEndPoint.TryParse(text, out var endPoint) && (endPoint.Port != 0 || text.EndsWith(":0", StringComparison.Ordinal))
            ? endPoint
            : null;
    }
}
