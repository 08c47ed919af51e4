using System.Collections.Immutable;
using System.Net;
using Edge.Acme;
using Edge.Settings;

namespace Edge.Certificates;

/// <summary>The section <c>certificates</c> of edge.yaml.</summary>
internal sealed record CertificateOptions
{
    /// <summary>Where public certificates come from, the CA that is asked first in front; none: all come from Edge's own CA.</summary>
    public ImmutableArray<AcmeOptions> Issuers { get; init; } = [];

    /// <summary>Public addresses of this box that get a certificate of their own.</summary>
    public ImmutableArray<string> Addresses { get; init; } = [];

    /// <summary>Whether our zones say which CA may issue, where their files do not.</summary>
    public bool Caa { get; init; } = true;

    /// <summary>Everything that is set, so that two readings can be compared.</summary>
    public override string ToString() => $"{string.Join('|', Issuers)} {string.Join(' ', Addresses)} {Caa}";

    /// <summary>Reads the section; null (no section) gives the defaults.</summary>
    public static CertificateOptions Read(MapReader? section)
    {
        if (section is null)
        {
            return new CertificateOptions();
        }

        var issuers = section.Items("acme").Select(item => ReadIssuer(section, item)).OfType<AcmeOptions>().ToImmutableArray();
        var addresses = section.List("addresses", "an address of this box that the internet reaches, such as 203.0.113.10", PublicAddress);
        var caa = section.Switch("caa") ?? true;
        section.Done();
        if (issuers.GroupBy(issuer => CaName.Of(issuer.Directory)).FirstOrDefault(same => same.Count() > 1)?.Select(issuer => issuer.Directory).Distinct().ToList() is { } twice)
        {
            section.Problems.Add(section.Node("acme")!, twice is [var one] ? $"{one} is there twice" : $"{string.Join(" and ", twice)} would have the same folder: one of them can be here");
        }

        return new CertificateOptions { Issuers = [.. issuers.DistinctBy(issuer => CaName.Of(issuer.Directory))], Addresses = [.. addresses], Caa = caa };
    }

    private static AcmeOptions? ReadIssuer(MapReader section, Node item)
    {
        if (item is MapNode map)
        {
            return AcmeOptions.Read(new MapReader(map, section.Problems));
        }

        section.Problems.Add(item, $"is {item.Kind}; a mapping with \"directory\" is needed here");
        return null;
    }

    // No CA certifies an address that belongs to many (RFC 1918, RFC 4193, loopback, link-local).
    private static string? PublicAddress(string text) =>
        IPAddress.TryParse(text, out var address) && !IsPrivate(address) ? address.ToString() : null;

    private static bool IsPrivate(IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        return IPAddress.IsLoopback(address) || address.IsIPv6LinkLocal || address.IsIPv6UniqueLocal || address.IsIPv6Multicast || address.IsIPv4MappedToIPv6
            || address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any)
            || (bytes.Length == 4 && (bytes is [10, ..] or [172, >= 16 and <= 31, ..] or [192, 168, ..] or [169, 254, ..] or [100, >= 64 and <= 127, ..] or [>= 224, ..]));
    }
}
