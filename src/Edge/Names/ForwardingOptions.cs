using System.Collections.Immutable;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Edge.Dns.Resolver.Upstreams;
using Edge.Dns.Wire;
using Edge.Settings;

namespace Edge.Names;

/// <summary>The part of the "dns" section of edge.yaml that says whom names are asked of that are not ours.</summary>
internal sealed record ForwardingOptions
{
    /// <summary>Resolvers for all names; empty means those of /etc/resolv.conf.</summary>
    public ImmutableArray<UpstreamServer> Upstreams { get; init; } = [];

    /// <summary>Resolvers that find the addresses of upstreams given by name.</summary>
    public ImmutableArray<IPEndPoint> Bootstrap { get; init; } = [];

    /// <summary>Zones with servers of their own.</summary>
    public ImmutableArray<ForwardRule> Forward { get; init; } = [];

    /// <summary>Roots in PEM for the certificates of upstreams, beside those of the system; null for none.</summary>
    public string? Roots { get; init; }

    /// <summary>Reads its keys.</summary>
    /// <param name="dns">The "dns" section.</param>
    /// <param name="folder">Where relative files start.</param>
    public static ForwardingOptions Read(MapReader dns, string folder)
    {
        var options = new ForwardingOptions
        {
            Upstreams = Servers(dns.Items("upstreams"), dns.Problems),
            Bootstrap = [.. dns.EndPoints("bootstrap", defaultPort: 53)],
            Forward = dns.Section("forward") is { } zones ? Rules(zones) : [],
            Roots = dns.Text("upstream-ca") is { } file ? ReadRoots(Path.GetFullPath(file, folder), dns) : null,
        };
        if (options.Bootstrap.IsEmpty && !options.Upstreams.IsEmpty && !options.Upstreams.Any(server => server.Protocol == UpstreamProtocol.Plain))
        {
            foreach (var item in dns.Items("upstreams").Concat(dns.Section("forward")?.Map.Entries.SelectMany(entry => Items(entry.Value)) ?? []))
            {
                ReportNameless(item, dns.Problems);
            }
        }

        if (dns.Node("upstreams") is ListNode { Items.Count: 0 } none)
        {
            dns.Problems.Note(none, "is empty, so those of /etc/resolv.conf are asked", "name some, or write resolve: recursive to ask none");
        }

        return options;
    }

    public bool Equals(ForwardingOptions? other) =>
        other is not null && Upstreams.SequenceEqual(other.Upstreams) && Bootstrap.SequenceEqual(other.Bootstrap)
        && Forward.SequenceEqual(other.Forward) && Roots == other.Roots;

    public override int GetHashCode() => HashCode.Combine(Upstreams.Length, Bootstrap.Length, Forward.Length);

    private static ImmutableArray<UpstreamServer> Servers(IEnumerable<Node> items, ProblemList problems)
    {
        var servers = ImmutableArray.CreateBuilder<UpstreamServer>();
        foreach (var item in items)
        {
            var error = $"is {item.Kind}; an upstream is needed here, such as 9.9.9.9 or tls://dns.quad9.net@9.9.9.9";
            if (item is ScalarNode { Value: { } text } && UpstreamServer.Parse(text, out error) is { } server)
            {
                servers.Add(server);
            }
            else
            {
                problems.Add(item, error!);
            }
        }

        if (servers.Count > UpstreamServer.MaxCount)
        {
            problems.Add(items.First(), $"{servers.Count} upstreams; more than {UpstreamServer.MaxCount} are not used");
        }

        return servers.ToImmutable();
    }

    private static ImmutableArray<ForwardRule> Rules(MapReader zones)
    {
        var rules = ImmutableArray.CreateBuilder<ForwardRule>();
        foreach (var (zone, value) in zones.Map.Entries)
        {
            if (!Name.TryParse(zone, Name.Root, out var name, out var error))
            {
                zones.Problems.Add(value, $"\"{zone}\" is not a zone: {error}");
            }
            else if (name.IsRoot)
            {
                zones.Problems.Add(value, "the root is everything", "write these servers in dns.upstreams");
            }
            else if (rules.Any(rule => rule.Zone == name))
            {
                zones.Problems.Add(value, $"\"{zone}\" is there twice");
            }
            else if (Items(value).Count == 0)
            {
                zones.Problems.Add(value, "has no server", $"name one, such as {zone}: 192.168.1.1, or remove the line");
            }
            else if (Servers(Items(value), zones.Problems) is { IsEmpty: false } servers)
            {
                rules.Add(new ForwardRule(name, servers));
            }
        }

        return rules.ToImmutable();
    }

    private static IReadOnlyList<Node> Items(Node value) => value is ListNode list ? list.Items : [value];

    private static void ReportNameless(Node item, ProblemList problems)
    {
        if (item is ScalarNode { Value: { } text } && UpstreamServer.Parse(text, out _) is { NeedsBootstrap: true } server)
        {
            problems.Add(item, $"nobody is there to find the address of {server.Name}", $"write its address as well, {server}@ADDRESS, or a resolver in dns.bootstrap");
        }
    }

    private static string? ReadRoots(string path, MapReader dns)
    {
        if (SettingFile.ReadText(dns.Node("upstream-ca")!, path, dns.Problems) is not { } pem)
        {
            return null;
        }

        try
        {
            var roots = new X509Certificate2Collection();
            roots.ImportFromPem(pem);
            if (roots.Count > 0)
            {
                return pem;
            }

            dns.Problems.Add(dns.Node("upstream-ca")!, $"{path} holds no certificate in PEM");
        }
        catch (CryptographicException wrong)
        {
            dns.Problems.Add(dns.Node("upstream-ca")!, $"is not a file of certificates in PEM: {wrong.Message}");
        }

        return null;
    }
}
