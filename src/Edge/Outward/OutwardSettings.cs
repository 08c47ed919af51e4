using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Edge.Dns.Tsig;
using Edge.Dns.Wire;
using Edge.Services;
using Edge.Settings;

namespace Edge.Outward;

/// <summary>The section <c>outward</c> of edge.yaml: names that others serve, each with how it gets the address of this box.</summary>
internal static class OutwardSettings
{
    private const int Most = 100;
    private const int DnsPort = 53;

    private static readonly ImmutableDictionary<string, OutwardKind> Kinds = new Dictionary<string, OutwardKind>
    {
        ["dyndns2"] = OutwardKind.Dyndns2, ["rfc2136"] = OutwardKind.Rfc2136, ["desec"] = OutwardKind.Desec, ["cloudflare"] = OutwardKind.Cloudflare,
    }.ToImmutableDictionary();

    /// <param name="root">All of edge.yaml.</param>
    /// <param name="folder">Where relative files start.</param>
    public static ImmutableArray<OutwardName> ReadAll(MapReader root, string folder)
    {
        if (root.Section("outward") is not { } section)
        {
            return [];
        }

        var names = ImmutableArray.CreateBuilder<OutwardName>();
        foreach (var (key, at) in section.Map.Entries)
        {
            if (section.Section(key) is { } entry)
            {
                if (Read(key, at, entry, folder) is { } name)
                {
                    names.Add(name);
                }
            }
            else if (at is ScalarNode)
            {
                section.Problems.Add(at, "does not say how it is sent", $"{key}: {{by: dyndns2, url: https://HOST/nic/update, user: NAME, password-file: FILE}}, or by: rfc2136, desec, cloudflare");
            }
        }

        foreach (var twice in names.GroupBy(name => name.Host).Where(same => same.Count() > 1))
        {
            section.Problems.Add(section.Map, $"has {twice.Key} twice");
        }

        if (names.Count > Most)
        {
            section.Problems.Add(section.Map, $"has {names.Count} names; {Most} at most are sent");
        }

        return names.ToImmutable();
    }

    private static OutwardName? Read(string key, Node at, MapReader entry, string folder)
    {
        if (HostName.Read(key, out var message, out var hint) is not { } host || host.StartsWith('*') || !host.Contains('.'))
        {
            entry.Problems.Add(at, message.Length > 0 ? message : $"\"{key}\" is not the full name of a host", hint ?? "write it in full, such as home.example.net");
            host = null;
        }

        var by = entry.Word("by", [.. Kinds.Keys.Order()]);
        if (entry.Node("by") is null)
        {
            entry.Problems.Add(entry.Map, "does not say how it is sent", "by: dyndns2, rfc2136, desec or cloudflare");
        }

        var only = entry.Word("only", "ipv4", "ipv6");
        var stated = Fixed(entry);
        if (stated is not null && ((only == "ipv6" && stated.IPv4 is not null) || (only == "ipv4" && stated.IPv6 is not null)))
        {
            entry.Problems.Note(entry.Node("addresses")!, $"has an address that \"only: {only}\" leaves out, so that it is never sent", "take out one of them", isMistake: true);
        }

        OutwardName? name = host is null || by is null ? null : Way(host, Kinds[by], entry, folder);
        if (name is not null)
        {
            entry.Done();
        }

        return name is null ? null : name with { HasIPv4 = only != "ipv6", HasIPv6 = only != "ipv4", Fixed = stated };
    }

    private static OutwardName? Way(string host, OutwardKind kind, MapReader entry, string folder)
    {
        var file = entry.Text(kind switch { OutwardKind.Dyndns2 => "password-file", OutwardKind.Rfc2136 => "secret-file", _ => "token-file" });
        var user = kind switch { OutwardKind.Dyndns2 => entry.Text("user"), OutwardKind.Rfc2136 => entry.Text("key"), _ => "" };
        var zone = kind == OutwardKind.Dyndns2 ? host : entry.Text("zone") ?? host[(host.IndexOf('.') + 1)..];
        var url = kind == OutwardKind.Rfc2136 ? null : Url(entry, kind);
        var server = kind == OutwardKind.Rfc2136 ? Server(entry) : null;
        var algorithm = kind == OutwardKind.Rfc2136 ? entry.Word("algorithm", [.. TsigAlgorithm.Texts]) : null;
        (string Field, bool IsMissing, string Example)[] needs = kind switch
        {
            OutwardKind.Dyndns2 => [("url", entry.Node("url") is null, "url: https://HOST/nic/update"), ("user", user is null, "user: NAME"), ("password-file", file is null, "password-file: secrets/dyndns")],
            OutwardKind.Rfc2136 => [("server", entry.Node("server") is null, "server: 192.0.2.53"), ("key", user is null, "key: NAME"), ("secret-file", file is null, "secret-file: secrets/tsig, with the secret in base64")],
            _ => [("token-file", file is null, "token-file: secrets/token")],
        };
        foreach (var need in needs.Where(need => need.IsMissing))
        {
            entry.Problems.Add(entry.Map, $"has no {need.Field}", need.Example);
        }

        zone = HostName.Read(zone, out _, out _);
        if (zone is null || (host != zone && !host.EndsWith("." + zone, StringComparison.Ordinal)))
        {
            entry.Problems.Add(entry.Node("zone") ?? entry.Map, $"{host} does not lie in this zone", "zone: the zone that the other side has, such as example.net");
            return null;
        }

        if (kind == OutwardKind.Rfc2136 && user is not null && !Name.TryParse(user, Name.Root, out _, out var error))
        {
            entry.Problems.Add(entry.Node("key")!, $"\"{user}\" cannot be the name of a key: {error}");
        }

        return file is null || user is null || (url is null && server is null) ? null : new OutwardName(host, kind, Path.GetFullPath(file, folder))
        {
            Zone = zone,
            Url = url,
            Server = server,
            User = user,
            Algorithm = algorithm is null ? TsigAlgorithm.HmacSha256 : TsigAlgorithm.Find(algorithm)!,
        };
    }

    private static IPEndPoint? Server(MapReader entry)
    {
        var servers = entry.EndPoints("server", DnsPort);
        if (servers.Count > 1)
        {
            entry.Problems.Add(entry.Node("server")!, "are several; updates go to one, the primary");
        }

        return servers.Count == 0 ? null : servers[0];
    }

    private static Uri? Url(MapReader entry, OutwardKind kind)
    {
        var text = entry.Text("url") ?? kind switch { OutwardKind.Desec => "https://desec.io/api/v1/", OutwardKind.Cloudflare => "https://api.cloudflare.com/client/v4/", _ => null };
        if (text is null)
        {
            return null;
        }

        if (!Uri.TryCreate(kind == OutwardKind.Dyndns2 ? text : text.TrimEnd('/') + "/", UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") || url.Host.Length == 0 || url.UserInfo.Length > 0)
        {
            entry.Problems.Add(entry.Node("url")!, "is not an http or https URL without a user in it", "https://HOST/nic/update");
            return null;
        }

        if (url is { Scheme: "http", IsLoopback: false })
        {
            entry.Problems.Note(entry.Node("url")!, "sends the password where everybody on the way can read it", "https, if the other side has it");
        }

        return url;
    }

    private static PushedAddresses? Fixed(MapReader entry)
    {
        entry.TellEmpty("addresses", "so that the address is sent by which this box is reached; leave it out for that");
        var addresses = entry.List("addresses", "an IP address", text => IPAddress.TryParse(text, out var address) ? address : null);
        if (addresses.CountBy(address => address.AddressFamily).Any(family => family.Value > 1))
        {
            entry.Problems.Add(entry.Node("addresses")!, "has several of one kind; a name gets one IPv4 and one IPv6 address");
        }

        return addresses.Count == 0 ? null : PushedAddresses.Of([.. addresses.OrderBy(address => address.AddressFamily != AddressFamily.InterNetwork)]);
    }
}
