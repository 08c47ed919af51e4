using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Edge.Dns.Wire;

namespace Edge.Dns.Resolver.Recursion;

/// <summary>Where to begin: the names and addresses of the root's servers (RFC 8109 §2). They only serve to ask who the servers are now.</summary>
public sealed class RootHints
{
    // As IANA publishes them in named.root; the letters keep their addresses for many years.
    private const string Published = """
        a 198.41.0.4 2001:503:ba3e::2:30
        b 170.247.170.2 2801:1b8:10::b
        c 192.33.4.12 2001:500:2::c
        d 199.7.91.13 2001:500:2d::d
        e 192.203.230.10 2001:500:a8::e
        f 192.5.5.241 2001:500:2f::f
        g 192.112.36.4 2001:500:12::d0d
        h 198.97.190.53 2001:500:1::53
        i 192.36.148.17 2001:7fe::53
        j 192.58.128.30 2001:503:c27::2:30
        k 193.0.14.129 2001:7fd::1
        l 199.7.83.42 2001:500:9f::42
        m 202.12.27.33 2001:dc3::35
        """;

    private RootHints(ImmutableArray<NameServer> servers) => Servers = servers;

    /// <summary>The thirteen servers of the public root.</summary>
    public static RootHints BuiltIn { get; } = new([.. Published.Split('\n').Select(line => line.Trim().Split(' ')).Select(words =>
        new NameServer(Name.Parse(words[0] + ".root-servers.net."), [IPAddress.Parse(words[1]), IPAddress.Parse(words[2])]))]);

    internal ImmutableArray<NameServer> Servers { get; }

    internal bool SaysTheSame(RootHints other) => this == other
        || (Servers.Select(server => server.Name).SequenceEqual(other.Servers.Select(server => server.Name))
            && Servers.SelectMany(server => server.Addresses).SequenceEqual(other.Servers.SelectMany(server => server.Addresses)));

    /// <summary>Reads a file in the form of IANA's named.root: NS records of the root, A and AAAA records of the servers.</summary>
    /// <param name="path">The file's path as the user knows it.</param>
    /// <param name="lines">Its lines.</param>
    /// <param name="problems">What is wrong, each as FILE:LINE: and words; empty when nothing is.</param>
    /// <returns>The hints; null when there are problems.</returns>
    public static RootHints? Parse(string path, IReadOnlyList<string> lines, out ImmutableArray<string> problems)
    {
        var wrong = ImmutableArray.CreateBuilder<string>();
        var names = new List<Name>();
        var addresses = new List<(Name Owner, IPAddress Address)>();
        for (var i = 0; i < lines.Count; i++)
        {
            var words = lines[i].Split(';')[0].Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (words.Length > 0 && ReadRecord(words, names, addresses) is { } error)
            {
                wrong.Add($"{path}:{i + 1}: {error}");
            }
        }

        ImmutableArray<NameServer> servers = [.. names.Distinct().Select(name => new NameServer(name, [.. addresses.Where(a => a.Owner == name).Select(a => a.Address)]))];
        if (wrong.Count == 0 && !servers.Any(server => server.Addresses.Length > 0))
        {
            wrong.Add($"{path}: no NS record of the root whose server has an A or AAAA record; take the file from https://www.internic.net/domain/named.root");
        }

        problems = wrong.ToImmutable();
        return problems.IsEmpty ? new RootHints(servers) : null;
    }

    private static string? ReadRecord(string[] words, List<Name> names, List<(Name Owner, IPAddress Address)> addresses)
    {
        if (!Name.TryParse(words[0], Name.Root, out var owner, out var error))
        {
            return error;
        }

        // TTL and class may stand between the owner and the type, and mean nothing here.
        var rest = words.Skip(1).SkipWhile(word => uint.TryParse(word, out _) || word.Equals("IN", StringComparison.OrdinalIgnoreCase)).ToArray();
        switch (rest)
        {
            case [var type, var data] when type.Equals("NS", StringComparison.OrdinalIgnoreCase):
                if (!owner.IsRoot)
                {
                    return "NS records here are of the root, with the owner \".\"";
                }

                if (!Name.TryParse(data, Name.Root, out var server, out error))
                {
                    return error;
                }

                names.Add(server);
                return null;
            case [var type, var data] when type.ToUpperInvariant() is "A" or "AAAA" && IPAddress.TryParse(data, out var address)
                && IsWritten(data, address, type.Length == 1):
                addresses.Add((owner, address));
                return null;
            default:
                return "expected \"OWNER TTL TYPE DATA\" with the type NS, A or AAAA";
        }
    }

    // "192.0.2" is an address to the framework too, and to nobody else.
    private static bool IsWritten(string text, IPAddress address, bool isIPv4) =>
        isIPv4 ? address.AddressFamily == AddressFamily.InterNetwork && text.Count(c => c == '.') == 3 : address.AddressFamily == AddressFamily.InterNetworkV6;
}
