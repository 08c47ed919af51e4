using System.Net;

namespace Edge.Services;

/// <summary>A port that a service wants.</summary>
/// <param name="Address">At which address; null for those of the gateway.</param>
/// <param name="Port">1 to 65535.</param>
internal sealed record StreamListen(IPAddress? Address, int Port)
{
    /// <summary>Reads "2222", "192.168.1.10:2222" or "[::]:2222"; null for anything else.</summary>
    public static StreamListen? Parse(string text)
    {
        if (ushort.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var port))
        {
            return port == 0 ? null : new StreamListen(null, port);
        }

        return Settings.EndPointText.Parse(text, null) is { Port: > 0 } endPoint ? new StreamListen(endPoint.Address, endPoint.Port) : null;
    }

    public override string ToString() => Address is null ? $"{Port}" : new IPEndPoint(Address, Port).ToString();
}
