using System.Collections.Immutable;
using Edge.Dns.Wire;

namespace Edge.Dns.Resolver;

/// <summary>
/// Names whose meaning is local by standard. Asking the internet about them leaks what goes on in the house and
/// brings nothing back. A zone of ours with such a name goes first: it is looked up before the resolver is asked.
/// </summary>
public static class SpecialNames
{
    /// <summary>TTL in seconds of what is answered here (RFC 6303 §3).</summary>
    internal const uint Ttl = 10800;

    /// <summary>All of them.</summary>
    public static ImmutableArray<SpecialName> All { get; } =
    [
        Of("localhost", SpecialNameAnswer.Localhost, "RFC 6761 §6.3"),
        Of("invalid", SpecialNameAnswer.NxDomain, "RFC 6761 §6.4"),
        Of("test", SpecialNameAnswer.NxDomain, "RFC 6761 §6.2"),
        Of("local", SpecialNameAnswer.NxDomain, "RFC 6762 §22.1"),
        Of("onion", SpecialNameAnswer.NxDomain, "RFC 7686 §2"),
        Of("alt", SpecialNameAnswer.NxDomain, "RFC 9476 §2"),
        Of("home.arpa", SpecialNameAnswer.EmptyInsecureZone, "RFC 8375 §4"),
        Of("service.arpa", SpecialNameAnswer.EmptyInsecureZone, "RFC 9665 §10.1"),
        Of("resolver.arpa", SpecialNameAnswer.NoData, "RFC 9462 §6.4"),
        Of("ipv4only.arpa", SpecialNameAnswer.Ipv4Only, "RFC 8880 §7.1"),
        // Mozilla's canary: NXDOMAIN asks browsers not to go around the resolver that knows the inside names.
        Of("use-application-dns.net", SpecialNameAnswer.NxDomain, "support.mozilla.org, canary domain"),
        .. PrivateV4().Select(zone => Of($"{zone}.in-addr.arpa", SpecialNameAnswer.EmptyZone, "RFC 6303 §4.1, §4.2")),
        .. Enumerable.Range(64, 64).Select(i => Of($"{i}.100.in-addr.arpa", SpecialNameAnswer.EmptyZone, "RFC 7793 §2")),
        Of($"{Nibbles("0", 32)}.ip6.arpa", SpecialNameAnswer.EmptyZone, "RFC 6303 §4.3"),
        Of($"1.{Nibbles("0", 31)}.ip6.arpa", SpecialNameAnswer.EmptyZone, "RFC 6303 §4.3"),
        // fd00::/8, fe80::/10, 2001:db8::/32.
        .. new[] { "d.f", "8.e.f", "9.e.f", "a.e.f", "b.e.f", "8.b.d.0.1.0.0.2" }
            .Select(zone => Of($"{zone}.ip6.arpa", SpecialNameAnswer.EmptyZone, "RFC 6303 §4.4, §4.5, §4.6")),
    ];

    private static readonly int MaxLabels = All.Max(s => s.Domain.LabelCount);
    private static readonly Dictionary<int, SpecialName> ByHash = All.ToDictionary(s => s.Domain.GetHashCode());

    /// <summary>The special domain at or above a name in wire form; null when it is an ordinary name. Allocates nothing.</summary>
    public static SpecialName? Find(ReadOnlySpan<byte> name)
    {
        var labels = 0;
        for (var i = 0; name[i] != 0; i += name[i] + 1)
        {
            labels++;
        }

        for (; labels > 0; labels--, name = name[(name[0] + 1)..])
        {
            if (labels <= MaxLabels && ByHash.TryGetValue(NameComparison.Hash(name), out var special)
                && NameComparison.Equal(name, special.Domain.Wire))
            {
                return special;
            }
        }

        return null;
    }

    private static IEnumerable<string> PrivateV4() =>
        ((string[])["10", "168.192", "0", "127", "254.169", "2.0.192", "100.51.198", "113.0.203", "255.255.255.255"])
        .Concat(Enumerable.Range(16, 16).Select(i => $"{i}.172"));

    private static string Nibbles(string nibble, int count) => string.Join('.', Enumerable.Repeat(nibble, count));

    private static SpecialName Of(string domain, SpecialNameAnswer answer, string reference) => new(Name.Parse(domain), answer, reference);
}
