using System.Collections.Immutable;
using System.Net;
using Edge.Dns.Filtering;
using Edge.Dns.Wire;
using Edge.Settings;

namespace Edge.Names.Filtering;

/// <summary>The "filter" section of edge.yaml: what is blocked for whom, and what is answered instead.</summary>
internal sealed record FilterOptions
{
    /// <summary>The group of everybody who is in no other.</summary>
    public const string Everyone = "everyone";

    // Each is a bit in the engine, as are two for the settings and two for each group.
    private const int MostSources = 128;
    private const int SettingsSources = 2;

    /// <summary>Nothing is filtered; names from outside may not have inside addresses.</summary>
    public static readonly FilterOptions Default = new();

    public ImmutableArray<FilterListOptions> Lists { get; init; } = [];

    /// <summary>Rules of the settings that block.</summary>
    public ImmutableArray<string> Block { get; init; } = [];

    /// <summary>Rules of the settings that allow.</summary>
    public ImmutableArray<string> Allow { get; init; } = [];

    public ImmutableArray<CustomAnswer> Answers { get; init; } = [];

    public FilterReply Reply { get; init; } = FilterReply.ZeroAddress;

    /// <summary>The groups; the first one is <see cref="Everyone"/>.</summary>
    public ImmutableArray<FilterGroupOptions> Groups { get; init; } = [FilterGroupOptions.OfEveryone([])];

    /// <summary>Whether a name from outside may not have an address of a private network.</summary>
    public bool RebindingProtection { get; init; } = true;

    /// <summary>Domains that may all the same.</summary>
    public ImmutableArray<Name> RebindingExceptions { get; init; } = [];

    /// <summary>The section as it was written: two that say the same are the same.</summary>
    public string Stated { get; init; } = "";

    /// <summary>Reads the section.</summary>
    /// <param name="section">The section.</param>
    /// <param name="folder">Where relative files start: the folder of edge.yaml.</param>
    public static FilterOptions Read(MapReader section, string folder)
    {
        var lists = section.Section("lists") is { } listed ? FilterListOptions.ReadAll(listed, folder) : [];
        ImmutableArray<string> names = [.. lists.Select(list => list.Name)];
        var groups = FilterGroupOptions.ReadAll(section.Section("groups"), names);
        if (lists.Length + SettingsSources + (2 * groups.Length) > MostSources)
        {
            section.Problems.Add(section.Map, $"has {lists.Length} lists and {groups.Length} groups: lists and twice the groups may be {MostSources - SettingsSources} together");
        }

        var rebinding = section.Section("rebinding");
        var options = new FilterOptions
        {
            Lists = lists,
            Block = RuleReader.Read(section, "block", RuleReader.Blocks),
            Allow = RuleReader.Read(section, "allow", RuleReader.Allows),
            Answers = section.Section("answers") is { } answers ? CustomAnswerReader.ReadAll(answers) : [],
            Reply = ReadReply(section),
            Groups = groups,
            RebindingProtection = rebinding?.Switch("protect") ?? true,
            RebindingExceptions = [.. rebinding?.List("allow", "a domain, such as plex.direct", text => Name.TryParse(text, Name.Root, out var name, out _) && !name.IsRoot ? name : null) ?? []],
            Stated = NodeText.Of(section.Map),
        };
        rebinding?.Done();
        section.Done();
        return options;
    }

    public bool Equals(FilterOptions? other) => other is not null && Stated == other.Stated;

    public override int GetHashCode() => Stated.GetHashCode(StringComparison.Ordinal);

    private static FilterReply ReadReply(MapReader section)
    {
        const string Expected = "zero-address, nxdomain, refused, or an address to be told instead";
        var addresses = ImmutableArray.CreateBuilder<IPAddress>();
        var items = section.Items("reply");
        foreach (var item in items)
        {
            switch ((item as ScalarNode)?.Value)
            {
                case "zero-address" or "nxdomain" or "refused" when items.Count > 1:
                    section.Problems.Add(item, $"\"{((ScalarNode)item).Value}\" cannot stand in a list", "write it alone, or addresses alone");
                    break;
                case "zero-address":
                    break;
                case "nxdomain":
                    return FilterReply.NxDomain;
                case "refused":
                    return FilterReply.Refused;
                case { } text when StatedAddress.TryParse(text, out var address):
                    addresses.Add(address);
                    break;
                default:
                    section.Problems.Add(item, $"is not {Expected}");
                    break;
            }
        }

        return addresses.Count == 0 ? FilterReply.ZeroAddress : FilterReply.WithAddresses(addresses.ToImmutable());
    }
}
