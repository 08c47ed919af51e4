using System.Collections.Immutable;
using Edge.Dns.Filtering;
using Edge.Settings;

namespace Edge.Names.Filtering;

/// <summary>Clients for whom the same holds.</summary>
/// <param name="Name">What the group is called.</param>
/// <param name="Clients">Its addresses and networks; empty for everyone.</param>
/// <param name="Lists">The lists that count for it at any hour.</param>
/// <param name="Block">Rules for it alone that block.</param>
/// <param name="Allow">Rules for it alone that allow.</param>
/// <param name="Schedule">What counts for it at some hours only.</param>
internal sealed record FilterGroupOptions(
    string Name,
    ImmutableArray<ClientNetwork> Clients,
    ImmutableArray<string> Lists,
    ImmutableArray<string> Block,
    ImmutableArray<string> Allow,
    ImmutableArray<FilterHours> Schedule)
{
    /// <summary>Whoever is in no other group, when nothing is said of them: every list counts.</summary>
    public static FilterGroupOptions OfEveryone(ImmutableArray<string> lists) => new(FilterOptions.Everyone, [], lists, [], [], []);

    /// <summary>Reads "groups": a mapping from a group's name to its clients and rules.</summary>
    /// <param name="section">The section; null when there is none.</param>
    /// <param name="lists">The names of the lists.</param>
    public static ImmutableArray<FilterGroupOptions> ReadAll(MapReader? section, ImmutableArray<string> lists)
    {
        if (section is null)
        {
            return [OfEveryone(lists)];
        }

        var everyone = section.Section(FilterOptions.Everyone) is { } all ? Read(FilterOptions.Everyone, all, lists, lists) : OfEveryone(lists);
        var groups = new List<FilterGroupOptions> { everyone };
        foreach (var (name, _) in section.Map.Entries)
        {
            if (name != FilterOptions.Everyone && section.Section(name) is { } group)
            {
                groups.Add(Read(name, group, lists, everyone.Lists));
            }
        }

        foreach (var twice in groups.SelectMany(group => group.Clients.Select(client => (group.Name, client))).GroupBy(pair => pair.client).Where(pairs => pairs.Select(pair => pair.Name).Distinct().Count() > 1))
        {
            section.Problems.Add(section.Map, $"the same clients are in {string.Join(" and ", twice.Select(pair => pair.Name))}", "a client is in one group: in the one with the smallest network that holds it");
        }

        return [.. groups];
    }

    private static FilterGroupOptions Read(string name, MapReader section, ImmutableArray<string> lists, ImmutableArray<string> usual)
    {
        ImmutableArray<ClientNetwork> clients = [.. NetworkList.Read(section, "clients").Select(ClientNetwork.From)];
        if (name == FilterOptions.Everyone && clients.Length > 0)
        {
            section.Problems.Add(section.Node("clients")!, "\"everyone\" cannot list clients", "it is whoever is in no other group; remove \"clients\"");
        }
        else if (name != FilterOptions.Everyone && clients.Length == 0)
        {
            section.Problems.Add(section.Map, "has no clients, so nothing of it would ever count", "add clients: [ADDRESS or NETWORK, …]");
        }

        var chosen = section.Node("lists") is null ? usual : ListNames.Read(section, "lists", lists);
        var group = new FilterGroupOptions(
            name,
            clients,
            chosen,
            RuleReader.Read(section, "block", RuleReader.Blocks),
            RuleReader.Read(section, "allow", RuleReader.Allows),
            section.Section("schedule") is { } schedule ? FilterHours.ReadAll(schedule, lists) : []);
        section.Done();
        return group;
    }
}
