using System.Net;
using System.Net.Sockets;
using Edge.Services;
using Microsoft.AspNetCore.Http;

namespace Edge.DynamicDns;

/// <summary>What a client asks for.</summary>
/// <param name="Hosts">The names in its order, lower case; null for what is none.</param>
/// <param name="IPv4">The address they get; null for none, or for the one they have.</param>
/// <param name="IPv6">The same for IPv6.</param>
/// <param name="KeepsIPv4">Nothing was said of IPv4: it stays.</param>
/// <param name="KeepsIPv6">The same for IPv6.</param>
internal sealed record UpdateRequest(string?[] Hosts, string? IPv4, string? IPv6, bool KeepsIPv4, bool KeepsIPv6)
{
    /// <summary>The addresses in the form of an answer.</summary>
    public string Addresses => string.Join(',', ((string?[])[IPv4, IPv6]).OfType<string>());

    /// <summary>The names that a query asks for, as they were written.</summary>
    public static string[] Asked(IQueryCollection query) =>
        [.. query["hostname"].SelectMany(value => value!.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))];

    /// <summary>Reads a query.</summary>
    /// <param name="query">Its parameters; those of dyndns2 that are about other things are passed over.</param>
    /// <param name="client">Where it came from: the address of who names none.</param>
    /// <returns>Null when an address is none that a name can have.</returns>
    public static UpdateRequest? Read(IQueryCollection query, IPAddress client)
    {
        // "myip" may have both, and clients that name each by itself leave a parameter empty when they have none (FRITZ!Box).
        string[] texts = [.. ((string[])["myip", "myipv6"]).SelectMany(key => query[key]).SelectMany(value => value!.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))];
        IPAddress?[] addresses = texts.Length == 0 ? [Usable(client)] : [.. texts.Select(text => IPAddress.TryParse(text, out var address) ? Usable(address) : null)];
        if (addresses.Contains(null) || addresses.CountBy(address => address!.AddressFamily).Any(family => family.Value > 1))
        {
            return null;
        }

        var ipv4 = addresses.FirstOrDefault(address => address!.AddressFamily == AddressFamily.InterNetwork)?.ToString();
        var ipv6 = addresses.FirstOrDefault(address => address!.AddressFamily == AddressFamily.InterNetworkV6)?.ToString();
        var isSaid = texts.Length > 0 && query.ContainsKey("myip") && query.ContainsKey("myipv6");
        return new UpdateRequest([.. Asked(query).Select(HostOf)], ipv4, ipv6, ipv4 is null && !isSaid, ipv6 is null && !isSaid);
    }

    private static string? HostOf(string text) => HostName.Read(text, out _, out _) is { } host && host.Contains('.') && !host.StartsWith('*') ? host : null;

    // What is no address of one host that others reach.
    private static IPAddress? Usable(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        if (plain.AddressFamily == AddressFamily.InterNetworkV6)
        {
            return plain.IsIPv6LinkLocal || plain.IsIPv6Multicast || IPAddress.IsLoopback(plain) || plain.Equals(IPAddress.IPv6Any) || plain.ScopeId != 0 ? null : plain;
        }

        var bytes = plain.GetAddressBytes();
        return bytes[0] is 0 or 127 or >= 224 || (bytes[0] == 169 && bytes[1] == 254) ? null : plain;
    }
}
