using System.Collections.Immutable;
using Edge.Dns.Wire;

namespace Edge.Dns.Resolver.Validation;

/// <summary>The keys of the root that this version of Edge was made with, as IANA publishes them (RFC 9718).</summary>
public static class RootAnchors
{
    private const uint Ttl = 86400;

    /// <summary>DS records of KSK-2017 and KSK-2024.</summary>
    public static ImmutableArray<ResourceRecord> Records { get; } =
    [
        Anchor("4F6608 02 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D"),
        Anchor("972808 02 683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16"),
    ];

    /// <summary>These, and the anchors of a file; its own for the root stand in their place.</summary>
    /// <param name="own">DS and DNSKEY records.</param>
    public static ImmutableArray<ResourceRecord> With(ImmutableArray<ResourceRecord> own) =>
        own.Any(record => record.Owner.IsRoot) ? own : [.. Records, .. own];

    private static ResourceRecord Anchor(string data) =>
        new(Name.Root, RecordType.DS, Ttl, new RData(Convert.FromHexString(data.Replace(" ", "", StringComparison.Ordinal))), new RecordSource("the root's keys (built in)"));
}
