using System.Collections.Immutable;
using Edge.Dns.Files;
using Edge.Dns.Resolver;
using Edge.Dns.Wire;
using Edge.Settings;

namespace Edge.Names.Leases;

/// <summary>The list "leases" of "dns": files of DHCP servers whose clients get names.</summary>
internal static class LeaseOptions
{
    // Single labels that nobody can own on the internet, or that are used as if it were so (ICANN has reserved "internal").
    private static readonly Name[] Private = [.. new[] { "lan", "home", "internal", "intranet", "private", "corp" }.Select(Name.Parse)];
    private static readonly Name Arpa = Name.Parse("arpa");
    private static readonly Name HomeArpa = Name.Parse("home.arpa");

    /// <param name="dns">The section "dns".</param>
    /// <param name="folder">Where relative files start.</param>
    /// <param name="domain">The domain of this box, where names go unless another is said.</param>
    public static ImmutableArray<LeaseSetting> ReadAll(MapReader dns, string folder, Name domain)
    {
        var settings = ImmutableArray.CreateBuilder<LeaseSetting>();
        foreach (var item in dns.Items("leases"))
        {
            if (Read(item, dns.Problems, folder, domain) is not { } setting)
            {
                continue;
            }

            if (settings.Any(other => other.Path == setting.Path))
            {
                dns.Problems.Add(item, $"{setting.ShownAs} stands twice");
            }

            NoteMissing(item, setting, dns.Problems);
            settings.Add(setting);
        }

        return settings.ToImmutable();
    }

    // A DHCP server may write it later.
    private static void NoteMissing(Node item, LeaseSetting setting, ProblemList problems)
    {
        if (Directory.Exists(setting.Path))
        {
            problems.Note(item, $"{setting.ShownAs} is a folder", "name the lease file in it");
        }
        else if (OrdinaryFile.ProblemOf(setting.Path, LeasePart.MostBytes) is { } problem)
        {
            problems.Note(item, $"{setting.ShownAs} cannot be read: {problem}", "name the lease file of your DHCP server, and let Edge's user read it", isMistake: true);
        }
        else if (!File.Exists(setting.Path))
        {
            problems.Note(item, $"{setting.ShownAs} is not there; names come as soon as a DHCP server writes it");
        }
    }

    private static LeaseSetting? Read(Node item, ProblemList problems, string folder, Name domain)
    {
        switch (item)
        {
            case ScalarNode { Value: { Length: > 0 } file }:
                return new LeaseSetting(Path.GetFullPath(file, folder), file, null, domain);
            case MapNode map:
                return Read(new MapReader(map, problems), folder, domain);
            default:
                problems.Add(item, $"is {item.Kind}; a lease file is a path, or a mapping with file, format and domain");
                return null;
        }
    }

    private static LeaseSetting? Read(MapReader section, string folder, Name domain)
    {
        var file = section.Text("file");
        LeaseFormat? format = section.Word("format", "dnsmasq", "kea", "isc") switch
        {
            "dnsmasq" => LeaseFormat.Dnsmasq,
            "kea" => LeaseFormat.Kea,
            "isc" => LeaseFormat.Isc,
            _ => null,
        };
        var into = Domain(section, domain) ?? domain;
        section.Done();
        if (string.IsNullOrEmpty(file))
        {
            section.Problems.Add(section.Map, "has no file", "add file: /var/lib/misc/dnsmasq.leases, the file that the DHCP server writes");
            return null;
        }

        return new LeaseSetting(Path.GetFullPath(file, folder), file, format, into);
    }

    private static Name? Domain(MapReader section, Name own)
    {
        if (section.Text("domain") is not { } text)
        {
            return null;
        }

        if (Name.TryParse(text, Name.Root, out var domain, out var error) && !domain.IsRoot)
        {
            if (Refusal(domain, own) is { } refusal)
            {
                section.Problems.Add(section.Node("domain")!, $"\"{text}\" {refusal}", $"take lan.{own.ToHostString()}, home.arpa or lan");
                return null;
            }

            return domain;
        }

        section.Problems.Add(section.Node("domain")!, $"\"{text}\" is not a domain: {error ?? "it is empty"}");
        return null;
    }

    // Edge answers for the whole domain: of what lies in it nobody else is asked any more.
    private static string? Refusal(Name domain, Name own) =>
        domain.IsAtOrBelow(own) || domain.IsAtOrBelow(HomeArpa) ? null
        : SpecialNames.Find(domain.Wire) is { } special ? $"lies in {special.Domain.ToHostString()}, which has a meaning of its own ({special.Reference})"
        : domain.IsAtOrBelow(Arpa) ? "lies in arpa, which is for the internet's own machinery (RFC 3172)"
        : domain.LabelCount == 1 && !Private.Contains(domain) ? "is a whole top-level domain, and all names in it would be taken from their owners" : null;
}
