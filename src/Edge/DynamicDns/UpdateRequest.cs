using System.Net;
using System.Net.Sockets;
using Edge.Services;
using Edge.Settings;
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
    private const string PrefixKey = "ip6lanprefix", SuffixKey = "suffix";

    /// <summary>The prefix under which each name has a suffix of its own; null when none was sent.</summary>
    public IPNetwork? Prefix { get; init; }

    /// <summary>The suffix that they get; null for the one they have.</summary>
    public IPAddress? Suffix { get; init; }

    /// <summary>The addresses that were sent, in the form of an answer.</summary>
    /// <param name="address">What became of them: under a prefix each name has an IPv6 address of its own.</param>
    public string Said(DynamicAddress address) => string.Join(',', ((string?[])[IPv4, Prefix is null ? IPv6 : address.IPv6]).OfType<string>());

    /// <summary>The suffix that a name has after the update; null for none.</summary>
    public IPAddress? SuffixOf(DynamicAddress? had) => Suffix
        ?? (had?.Suffix is { } kept ? IPAddress.Parse(kept) : Prefix is not null && had?.IPv6 is { } whole ? IPAddress.Parse(whole) : null);

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
        var said = Texts(query, "myip", "myipv6");
        string[] texts = [.. said.Where(text => !text.Contains('/'))];
        string[] prefixes = [.. said.Where(text => text.Contains('/')), .. Texts(query, PrefixKey)];
        var isPrefixSaid = prefixes.Length > 0 || query.ContainsKey(PrefixKey);
        IPAddress?[] addresses = texts.Length == 0 && !isPrefixSaid ? [HostAddress.Usable(client)] : [.. texts.Select(text => IPAddress.TryParse(text, out var address) ? HostAddress.Usable(address) : null)];
        if (addresses.Contains(null) || addresses.CountBy(address => address!.AddressFamily).Any(family => family.Value > 1))
        {
            return null;
        }

        var suffix = query[SuffixKey].ToString() is { Length: > 0 } text ? AddressSuffix.Parse(text) : null;
        if (prefixes.Length > 1 || prefixes.Any(one => AddressSuffix.ParsePrefix(one) is null) || (suffix is null && query[SuffixKey].ToString().Length > 0) || (suffix is not null && !isPrefixSaid))
        {
            return null;
        }

        var ipv4 = addresses.FirstOrDefault(address => address!.AddressFamily == AddressFamily.InterNetwork)?.ToString();
        var ipv6 = addresses.FirstOrDefault(address => address!.AddressFamily == AddressFamily.InterNetworkV6)?.ToString();
        var isSaid = said.Length + prefixes.Length > 0 && query.ContainsKey("myip") && (query.ContainsKey("myipv6") || isPrefixSaid);
        return new UpdateRequest([.. Asked(query).Select(HostOf)], ipv4, isPrefixSaid ? null : ipv6, ipv4 is null && !isSaid, ipv6 is null && !isSaid && !isPrefixSaid)
        {
            Prefix = prefixes.Length == 0 ? null : AddressSuffix.ParsePrefix(prefixes[0]),
            Suffix = suffix,
        };
    }

    private static string[] Texts(IQueryCollection query, params string[] keys) =>
        [.. keys.SelectMany(key => query[key]).SelectMany(value => value!.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))];

    private static string? HostOf(string text) => HostName.Read(text, out _, out _) is { } host && host.Contains('.') && !host.StartsWith('*') ? host : null;
}
