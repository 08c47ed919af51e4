using System.Net;

namespace Edge.Services;

/// <summary>Some clients, as a service's <c>allow</c> names them: the view "lan", a network, or wherever a host is now.</summary>
internal sealed record AllowedClients
{
    private const string Dynamic = "ddns:";

    private AllowedClients(string text) => Text = text;

    /// <summary>As it is written: "lan", "203.0.113.0/24", "ddns:host.example.net".</summary>
    public string Text { get; }

    /// <summary>The clients of the view "lan".</summary>
    public bool IsLan => Network is null && Host is null;

    /// <summary>A network; IPv4 as IPv4.</summary>
    public IPNetwork? Network { get; private init; }

    /// <summary>A host whose addresses are looked up again and again.</summary>
    public string? Host { get; private init; }

    /// <summary>Null when it is none of these.</summary>
    public static AllowedClients? Parse(string text)
    {
        if (text == "lan")
        {
            return new AllowedClients(text);
        }

        if (text.StartsWith(Dynamic, StringComparison.Ordinal))
        {
            return HostName.Read(text[Dynamic.Length..], out _, out _) is { } host && host[0] != '*' ? new AllowedClients(Dynamic + host) { Host = host } : null;
        }

        if (IPAddress.TryParse(text, out var address) && !text.Contains('%'))
        {
            address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
            return new AllowedClients(text) { Network = new IPNetwork(address, address.GetAddressBytes().Length * 8) };
        }

        // Bits behind the prefix are a slip: who wrote them meant another network, or one address.
        return IPNetwork.TryParse(text, out var network) && IPAddress.TryParse(text[..text.IndexOf('/')], out var said) && said.Equals(network.BaseAddress)
            ? new AllowedClients(text) { Network = network }
            : null;
    }
}
