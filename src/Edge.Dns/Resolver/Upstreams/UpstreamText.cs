using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;

namespace Edge.Dns.Resolver.Upstreams;

/// <summary>
/// How upstreams are written: <c>9.9.9.9</c>, <c>9.9.9.9:53</c>, <c>tcp://9.9.9.9</c>, <c>tls://9.9.9.9#dns.quad9.net</c>,
/// <c>tls://dns.quad9.net@9.9.9.9,149.112.112.112</c>, <c>https://dns.quad9.net/dns-query@9.9.9.9</c>.
/// </summary>
internal static class UpstreamText
{
    private const string Forms = "9.9.9.9, tcp://9.9.9.9, tls://dns.quad9.net@9.9.9.9 or https://dns.quad9.net/dns-query@9.9.9.9";

    public static UpstreamServer? Parse(string text, out string? error)
    {
        var scheme = text.IndexOf("://", StringComparison.Ordinal);
        var rest = scheme < 0 ? text : text[(scheme + 3)..];
        UpstreamProtocol? protocol = (scheme < 0 ? "udp" : text[..scheme].ToLowerInvariant()) switch
        {
            "udp" => UpstreamProtocol.Plain,
            "tcp" => UpstreamProtocol.Tcp,
            "tls" => UpstreamProtocol.Tls,
            "https" => UpstreamProtocol.Https,
            _ => null,
        };
        error = protocol is null ? $"\"{text[..scheme]}\" is no protocol known here; write {Forms}" : null;
        return protocol switch
        {
            null => null,
            UpstreamProtocol.Plain or UpstreamProtocol.Tcp => ParsePlain(protocol.Value, rest, ref error),
            _ => ParseEncrypted(protocol.Value, rest, ref error),
        };
    }

    public static string Format(UpstreamServer server)
    {
        switch (server.Protocol)
        {
            case UpstreamProtocol.Plain or UpstreamProtocol.Tcp:
                return (server.Protocol == UpstreamProtocol.Tcp ? "tcp://" : "") + new IPEndPoint(server.Addresses[0], server.Port);
            default:
                var host = IPAddress.TryParse(server.Name, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{address}]" : server.Name;
                var port = server.Port == DefaultPort(server.Protocol) ? "" : $":{server.Port}";
                var at = server.Addresses.IsEmpty || (address is not null && server.Addresses is [var only] && only.Equals(address)) ? "" : "@" + string.Join(',', server.Addresses);
                return $"{(server.Protocol == UpstreamProtocol.Tls ? "tls" : "https")}://{host}{port}{server.Path}{at}";
        }
    }

    private static int DefaultPort(UpstreamProtocol protocol) => protocol switch
    {
        UpstreamProtocol.Tls => 853,
        UpstreamProtocol.Https => 443,
        _ => 53,
    };

    private static UpstreamServer? ParsePlain(UpstreamProtocol protocol, string text, ref string? error)
    {
        if (TryReadHost(text, DefaultPort(protocol), out var host, out var port) && IPAddress.TryParse(host, out var address))
        {
            return new UpstreamServer { Protocol = protocol, Addresses = [address], Port = port };
        }

        error = $"\"{text}\" is not ADDRESS or ADDRESS:PORT; a name can be given for tls:// and https:// only";
        return null;
    }

    // HOST[:PORT][/PATH][@ADDRESS,ADDRESS], or for TLS ADDRESS[:PORT]#NAME.
    private static UpstreamServer? ParseEncrypted(UpstreamProtocol protocol, string text, ref string? error)
    {
        var at = text.IndexOf('@', StringComparison.Ordinal);
        var sharp = text.IndexOf('#', StringComparison.Ordinal);
        var target = at >= 0 ? text[..at] : sharp >= 0 ? text[..sharp] : text;
        var slash = target.IndexOf('/', StringComparison.Ordinal);
        var path = slash < 0 ? "" : target[slash..];
        if (!TryReadHost(slash < 0 ? target : target[..slash], DefaultPort(protocol), out var host, out var port))
        {
            error = $"\"{target}\" is not HOST or HOST:PORT";
            return null;
        }

        if (protocol == UpstreamProtocol.Tls && path.Length > 0)
        {
            error = $"\"{path}\": there are no paths in tls://";
            return null;
        }

        ImmutableArray<IPAddress> addresses = IPAddress.TryParse(host, out var literal) ? [literal] : [];
        if (sharp >= 0)
        {
            if (literal is null || at >= 0)
            {
                error = "#NAME stands behind an address: tls://9.9.9.9#dns.quad9.net";
                return null;
            }

            host = text[(sharp + 1)..];
        }

        if (at >= 0 && !TryReadAddresses(text[(at + 1)..], out addresses))
        {
            error = $"\"{text[(at + 1)..]}\" is not a list of addresses: NAME@ADDRESS,ADDRESS";
            return null;
        }

        if (Uri.CheckHostName(host) is not (UriHostNameType.Dns or UriHostNameType.IPv4 or UriHostNameType.IPv6))
        {
            error = $"\"{host}\" is not a host name";
            return null;
        }

        path = protocol == UpstreamProtocol.Https && path is "" or "/" ? "/dns-query" : path;
        return new UpstreamServer { Protocol = protocol, Name = host.TrimEnd('.').ToLowerInvariant(), Addresses = addresses, Port = port, Path = path };
    }

    private static bool TryReadAddresses(string text, out ImmutableArray<IPAddress> addresses)
    {
        var found = ImmutableArray.CreateBuilder<IPAddress>();
        foreach (var part in text.Split(','))
        {
            if (IPAddress.TryParse(part.Trim(), out var address))
            {
                found.Add(address);
            }
        }

        addresses = found.ToImmutable();
        return addresses.Length == text.Split(',').Length;
    }

    // An IPv6 address with a port stands in brackets; one without may stand bare.
    private static bool TryReadHost(string text, int defaultPort, out string host, out int port)
    {
        (host, port) = (text, defaultPort);
        if (text.Length == 0)
        {
            return false;
        }

        if (IPAddress.TryParse(text, out var bare) && !text.StartsWith('['))
        {
            host = bare.ToString();
            return true;
        }

        var colon = text.StartsWith('[') ? text.IndexOf(']', StringComparison.Ordinal) + 1 : text.IndexOf(':', StringComparison.Ordinal);
        if (colon > 0 && colon < text.Length)
        {
            host = text[..colon];
            if (text[colon] != ':' || !int.TryParse(text.AsSpan(colon + 1), System.Globalization.NumberStyles.None, null, out port) || port is < 1 or > 65535)
            {
                return false;
            }
        }

        host = host.StartsWith('[') && host.EndsWith(']') ? host[1..^1] : host;
        return host.Length > 0;
    }
}
