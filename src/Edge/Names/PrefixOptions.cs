using System.Collections.Immutable;
using System.Net;
using Edge.Dns.Wire;
using Edge.Names.Multicast;
using Edge.Settings;

namespace Edge.Names;

/// <summary>The IPv6 prefix of this home (<c>ipv6-prefix</c>), and the hosts that have an end under it (<c>hosts</c>).</summary>
/// <param name="Fixed">The prefix that the settings name; null for the one that an interface has.</param>
/// <param name="Interface">The interface that has it; null for every one.</param>
/// <param name="Hosts">The hosts.</param>
internal sealed record PrefixOptions(IPNetwork? Fixed, string? Interface, ImmutableArray<SuffixHost> Hosts)
{
    private const string Key = "ipv6-prefix", Auto = "auto";

    public static readonly PrefixOptions Default = new(null, null, []);

    /// <param name="root">All of edge.yaml.</param>
    /// <param name="domain">The domain of this box, below which the hosts stand.</param>
    /// <param name="node">This box.</param>
    public static PrefixOptions Read(MapReader root, Name domain, Name node)
    {
        var text = root.Text(Key);
        IPNetwork? stated = text?.Contains(':') == true ? AddressSuffix.ParsePrefix(text) : null;
        if (stated is { } prefix && (prefix.PrefixLength != AddressSuffix.PrefixLength || prefix.BaseAddress is { IsIPv6LinkLocal: true } or { IsIPv6Multicast: true } || prefix.BaseAddress.Equals(System.Net.IPAddress.IPv6Any)))
        {
            root.Problems.Add(root.Node(Key)!, $"\"{text}\" is no prefix of a home: 64 bits, not link-local, multicast or empty", "such as \"2001:db8:1:2::/64\"");
            stated = null;
        }
        else if (text?.Contains(':') == true && stated is null)
        {
            root.Problems.Add(root.Node(Key)!, $"\"{text}\" is not an IPv6 prefix", "such as \"2001:db8:1:2::/64\", the name of an interface, or auto");
        }

        var name = text is null or Auto || text.Contains(':') ? null : text;
        return new PrefixOptions(stated, name, root.Node("hosts") is MapNode hosts ? [.. Read(hosts, domain, node, root.Problems)] : []);
    }

    /// <summary>The end that an entry of <c>hosts</c> names; null where it names something else.</summary>
    public static string? SuffixOf(Node at) => at switch
    {
        ScalarNode { Value: { } text } when text.StartsWith("::", StringComparison.Ordinal) => text,
        MapNode map when map.Find("suffix") is ScalarNode { Value: { } text } => text,
        _ => null,
    };

    /// <summary>The prefixes now: none while no router gives one, two while a new one comes and the old one goes.</summary>
    public ImmutableArray<IPNetwork> Current(Func<IReadOnlyList<InterfaceAddress>> addresses) => Fixed is { } stated
        ? [stated]
        :
        [
            .. addresses().Where(one => one.IsPreferred && one.PrefixLength == AddressSuffix.PrefixLength && (Interface is null || one.Interface == Interface))
                .Select(one => AddressSuffix.ParsePrefix(one.Address.ToString())!.Value).Distinct().OrderBy(prefix => prefix.ToString(), StringComparer.Ordinal),
        ];

    public bool Equals(PrefixOptions? other) => other is not null && Fixed.Equals(other.Fixed) && Interface == other.Interface && Hosts.SequenceEqual(other.Hosts);

    public override int GetHashCode() => HashCode.Combine(Fixed, Interface, Hosts.Length);

    private static IEnumerable<SuffixHost> Read(MapNode hosts, Name domain, Name node, ProblemList problems)
    {
        foreach (var (key, at) in hosts.Entries)
        {
            if (SuffixOf(at) is not { } text || HostSettings.Owner(key, at, domain, node, problems) is not { } owner)
            {
                continue;
            }

            var expose = "lan";
            if (at is MapNode map)
            {
                var reader = new MapReader(map, problems);
                reader.Node("suffix");
                expose = reader.Word("expose", "lan", "everywhere") ?? "lan";
                reader.Done();
            }

            if (AddressSuffix.Parse(text) is { } suffix)
            {
                yield return new SuffixHost(key, owner, suffix, expose == "everywhere");
            }
            else
            {
                problems.Add(at, $"\"{text}\" is not the end of an IPv6 address", "64 bits at most after a prefix of zeros, such as \"::1234\" or \"::a:b:c:d\"; a whole address belongs into a zone file");
            }
        }
    }
}
