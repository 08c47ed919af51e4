using System.Net;
using Microsoft.Extensions.Primitives;

namespace Edge.Gateway;

/// <summary>Reads <c>Forwarded</c> (RFC 7239 section 4) and <c>X-Forwarded-For</c>, the first hop first.</summary>
internal static class ForwardedHeader
{
    // RFC 9110 section 5.6.1.2: elements may be empty, and are none then.
    private const string Between = " \t,";

    /// <summary>The hops of <c>Forwarded</c>; null when the header is not well-formed.</summary>
    public static List<ForwardedHop>? Parse(StringValues values)
    {
        var hops = new List<ForwardedHop>();
        foreach (var line in values)
        {
            for (var rest = line.AsSpan().TrimStart(Between); !rest.IsEmpty; rest = rest.TrimStart(Between))
            {
                if (Element(ref rest) is not { } hop)
                {
                    return null;
                }

                hops.Add(hop);
            }
        }

        return hops;
    }

    /// <summary>The last hops of <c>X-Forwarded-For</c>, with the schemes of <c>X-Forwarded-Proto</c>; what is left of more than may be was written by a stranger.</summary>
    public static List<ForwardedHop> Parse(StringValues addresses, StringValues schemes)
    {
        var (hops, protos) = (LastOf(addresses), LastOf(schemes));

        // Proxies either set one scheme for all, or append one each.
        return [.. hops.Select((hop, i) => new ForwardedHop(Node(hop), protos.Length == 0 ? null : Scheme(protos.Length == hops.Length ? protos[i] : protos[^1]), true))];
    }

    private static string[] LastOf(StringValues values)
    {
        var text = values.ToString();
        var begin = text.Length;
        for (var i = 0; i <= TrustedProxies.MostHops && begin > 0; i++)
        {
            begin = text.LastIndexOf(',', begin - 1);
        }

        return text[Math.Max(begin, 0)..].Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
    }

    // for=192.0.2.43;proto=https, up to the next comma.
    private static ForwardedHop? Element(ref ReadOnlySpan<char> rest)
    {
        var hop = new ForwardedHop(null, null, false);
        while (true)
        {
            // Pairs may be empty.
            rest = rest.TrimStart(" \t;");
            if (rest.IsEmpty || rest[0] == ',')
            {
                return hop;
            }

            var equals = rest.IndexOf('=');
            if (equals <= 0 || !PairName(rest[..equals]))
            {
                return null;
            }

            var name = rest[..equals];
            rest = rest[(equals + 1)..];
            if (Value(ref rest) is not { } value)
            {
                return null;
            }

            hop = name.Equals("for", StringComparison.OrdinalIgnoreCase) ? hop with { For = Node(value), IsNamed = true }
                : name.Equals("proto", StringComparison.OrdinalIgnoreCase) ? hop with { Proto = Scheme(value) }
                : hop;
            rest = rest.TrimStart(" \t");
            if (rest.IsEmpty || rest[0] == ',')
            {
                return hop;
            }

            if (rest[0] != ';')
            {
                return null;
            }

            rest = rest[1..];
        }
    }

    private static bool PairName(ReadOnlySpan<char> name) => name.IndexOfAnyExcept("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_".AsSpan()) < 0;

    // A token, or a quoted string (RFC 9110 section 5.6.4).
    private static string? Value(ref ReadOnlySpan<char> rest)
    {
        if (!rest.StartsWith('"'))
        {
            var end = rest.IndexOfAny(";, \t\"");
            end = end < 0 ? rest.Length : end;
            var token = rest[..end].ToString();
            rest = rest[end..];
            return token;
        }

        var text = new System.Text.StringBuilder();
        for (var i = 1; i < rest.Length; i++)
        {
            if (rest[i] == '"')
            {
                rest = rest[(i + 1)..];
                return text.ToString();
            }

            if (rest[i] == '\\' && ++i == rest.Length)
            {
                return null;
            }

            text.Append(rest[i]);
        }

        return null;
    }

    // 192.0.2.43, 192.0.2.43:47011, [2001:db8::17]:4711 and, in X-Forwarded-For, 2001:db8::17.
    private static IPAddress? Node(string text)
    {
        var host = text.StartsWith('[') && text.IndexOf(']') is > 0 and var close ? text[1..close]
            : text.AsSpan().Count(':') == 1 ? text[..text.IndexOf(':')]
            : text;
        return IPAddress.TryParse(host, out var address) && (host.Contains(':') || host.AsSpan().Count('.') == 3)
            ? address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address
            : null;
    }

    private static string? Scheme(string text) =>
        text.Equals("https", StringComparison.OrdinalIgnoreCase) ? "https" : text.Equals("http", StringComparison.OrdinalIgnoreCase) ? "http" : null;
}
