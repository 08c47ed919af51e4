using Edge.Dns.Wire;
using Edge.Settings;

namespace Edge.AcmeDns;

/// <summary>The section <c>acme-dns</c> of edge.yaml: whether programs elsewhere may put answers to dns-01 challenges here.</summary>
internal sealed record AcmeDnsOptions
{
    private const int ShortestKey = 16;

    /// <summary>Below which name the answers stand, in a zone of ours; null for nowhere: it is off.</summary>
    public Name? Domain { get; init; }

    public RegistrationRight Register { get; init; }

    /// <summary>What whoever registers has to know; null for nothing.</summary>
    public string? Key { get; init; }

    /// <summary>All of it in one line, to be compared.</summary>
    public string Text => $"{Domain} {Register} {Key}";

    /// <summary>Reads the section: a mapping, a domain, or "off".</summary>
    /// <param name="root">All of edge.yaml.</param>
    public static AcmeDnsOptions Read(MapReader root)
    {
        switch (root.Node("acme-dns"))
        {
            case null or ScalarNode { Value: "off" or "false" }:
                return new AcmeDnsOptions();
            case ScalarNode:
                return new AcmeDnsOptions { Domain = root.List("acme-dns", "off, or a domain in a zone of this Edge, such as auth.example.com", DomainOf).FirstOrDefault() };
            case MapNode map:
                return Read(new MapReader(map, root.Problems), map);
            case var other:
                root.Problems.Add(other, "is neither \"off\" nor a domain nor a mapping", "known in it: domain, register, register-key");
                return new AcmeDnsOptions();
        }
    }

    private static AcmeDnsOptions Read(MapReader section, MapNode map)
    {
        var domains = section.List("domain", "a domain in a zone of this Edge, such as auth.example.com", DomainOf);
        if (section.Node("domain") is null)
        {
            section.Problems.Add(map, "needs domain", "the domain below which the answers stand, in a zone of this Edge: auth.example.com");
        }
        else if (domains.Count > 1)
        {
            section.Problems.Add(section.Node("domain")!, "is more than one domain");
        }

        var key = section.Text("register-key");
        if (key is not null && (key.Length < ShortestKey || key.Any(static letter => letter is <= ' ' or > '~')))
        {
            section.Problems.Add(section.Node("register-key")!, $"is not a key: {ShortestKey} or more letters and digits", "such as the output of: openssl rand -hex 16");
        }

        var who = section.Word("register", "closed", "lan", "open");
        section.Done();
        return new AcmeDnsOptions
        {
            Domain = domains.FirstOrDefault(),
            Key = key,
            Register = who switch { "open" => RegistrationRight.Everybody, "lan" => RegistrationRight.Lan, "closed" => RegistrationRight.Nobody, _ => key is null ? RegistrationRight.Nobody : RegistrationRight.Everybody },
        };
    }

    private static Name? DomainOf(string text) => Name.TryParse(text, Name.Root, out var name, out _) && name.LabelCount > 1 && !text.StartsWith('*') ? name : null;
}
