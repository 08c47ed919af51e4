using System.Collections.Immutable;
using Edge.Dns.Multicast;
using Edge.Dns.Wire;
using Edge.Settings;

namespace Edge.Names.Multicast;

/// <summary>The section <c>hosts</c> of edge.yaml: names of the LAN, each with where its addresses come from.</summary>
internal static class HostSettings
{
    private const int Most = 256;

    /// <param name="root">All of edge.yaml.</param>
    /// <param name="domain">The domain of this box, below which the names stand.</param>
    /// <param name="node">This box.</param>
    /// <param name="mdns">Whether mDNS asks at all.</param>
    public static ImmutableArray<HostSetting> ReadAll(MapReader root, Name domain, Name node, MulticastOptions mdns)
    {
        if (root.Section("hosts") is not { } section)
        {
            return [];
        }

        var hosts = ImmutableArray.CreateBuilder<HostSetting>();
        foreach (var (key, at) in section.Map.Entries)
        {
            section.Node(key);
            if (PrefixOptions.SuffixOf(at) is null && Owner(key, at, domain, node, root.Problems) is { } owner && Local(section, key, at, owner) is { } local)
            {
                hosts.Add(new HostSetting(key, owner, local));
            }
        }

        if (hosts.Count > 0 && !mdns.Asks)
        {
            root.Problems.Add(section.Map, "needs mDNS, which is off", "remove \"mdns: off\", or say mdns: {publish: off} to ask without telling");
        }

        if (hosts.Count > Most)
        {
            root.Problems.Add(section.Map, $"has {hosts.Count} names; {Most} at most can be followed");
        }

        foreach (var twice in hosts.GroupBy(host => host.Owner).Where(same => same.Count() > 1))
        {
            root.Problems.Add(section.Map, $"has {twice.Key.ToHostString()} twice");
        }

        return hosts.ToImmutable();
    }

    internal static Name? Owner(string key, Node at, Name domain, Name node, ProblemList problems)
    {
        // Whoever writes a whole name means it, with the dot at its end or without.
        var isWhole = !key.EndsWith('.') && key.Contains('.') && Name.TryParse(key + ".", Name.Root, out _, out _);
        if (!Name.TryParse(isWhole ? key + "." : key, domain, out var owner, out var error) || !key.TrimEnd('.').Split('.').All(IsLabel))
        {
            problems.Add(at, $"\"{key}\" is not a host name: {error ?? "letters, digits and hyphens, in labels separated by dots"}");
            return null;
        }

        if (owner == node || owner == domain || !owner.IsAtOrBelow(domain))
        {
            problems.Add(at, owner == node ? "is this box itself, whose addresses Edge knows" : $"is not a name below {domain.ToHostString()}",
                owner != node && isWhole ? $"a name with dots in it is a whole one: say {key.Split('.')[0]}, or {key.Split('.')[0]}.{domain.ToHostString()}" : "name a host of your LAN, such as tv: mdns");
            return null;
        }

        return owner;
    }

    private static Name? Local(MapReader section, string key, Node at, Name owner)
    {
        switch (at)
        {
            case ScalarNode { Value: "mdns" }:
                return DnsSdNames.Local.Prepend(owner.FirstLabel);
            case MapNode map:
                var reader = new MapReader(map, section.Problems);
                var said = reader.Text("mdns");
                reader.Done();
                if (said is null)
                {
                    section.Problems.Add(at, "does not say which host", $"{key}: mdns, or {key}: {{mdns: NAME}} for NAME.local");
                    return null;
                }

                return Local(section, reader, said);
            default:
                section.Problems.Add(at, at is ScalarNode { Value: { } value } ? $"\"{value}\" is not known here" : $"is {at.Kind}", $"{key}: mdns takes the addresses of {DnsSdNames.Local.Prepend(owner.FirstLabel).ToHostString()}, {key}: \"::1234\" the IPv6 prefix of this home; an address of its own belongs into a zone file");
                return null;
        }
    }

    private static Name? Local(MapReader section, MapReader reader, string said)
    {
        var label = said.EndsWith(".local", StringComparison.OrdinalIgnoreCase) ? said[..^".local".Length] : said;
        if (IsLabel(label))
        {
            return DnsSdNames.Local.Prepend(label);
        }

        section.Problems.Add(reader.Node("mdns")!, $"\"{said}\" is not the name of a host in mDNS", "one label, such as living-room-tv or living-room-tv.local");
        return null;
    }

    private static bool IsLabel(string label) => label.Length is > 0 and <= 63 && label[0] != '-' && label[^1] != '-' && label.All(c => char.IsAsciiLetterOrDigit(c) || c == '-');
}
