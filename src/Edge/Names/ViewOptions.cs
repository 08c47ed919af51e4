using System.Collections.Immutable;
using System.Net;
using Edge.Dns.Views;
using Edge.Settings;

namespace Edge.Names;

/// <summary>One horizon: who sees it, and where the services of this gateway are for those who do.</summary>
/// <param name="Name">The view's name; "lan" and "public" have a meaning of their own.</param>
/// <param name="Clients">The networks whose clients see it; empty for "lan" means the on-link prefixes, "public" has none.</param>
/// <param name="Addresses">Addresses of the gateway in this horizon; empty for "lan" means this machine's own.</param>
/// <param name="Recursion">Whether its clients may ask for names that are not ours.</param>
internal sealed record ViewOptions(string Name, ImmutableArray<IPNetwork> Clients, ImmutableArray<IPAddress> Addresses, bool Recursion)
{
    /// <summary>Addresses of this machine at which everybody sees this view.</summary>
    public ImmutableArray<IPAddress> AskedAt { get; init; } = [];

    /// <summary>Whether the addresses of the gateway are, beside those that are named, those that are found: in "lan" this machine's own, elsewhere the public ones.</summary>
    public bool FindsAddresses { get; init; }

    private const string Auto = "auto";

    /// <summary>The view of the home network: what <c>expose: lan</c> means.</summary>
    public const string Lan = View.LanName;

    /// <summary>The view of everybody who is in no other.</summary>
    public const string Public = View.PublicName;

    /// <summary>What is served when edge.yaml says nothing of views.</summary>
    public static readonly ImmutableArray<ViewOptions> Default = [new(Lan, [], [], true), new(Public, [], [], false)];

    /// <summary>Reads the "views" section: a mapping from view name to its clients and addresses. "public" is always last.</summary>
    public static ImmutableArray<ViewOptions> ReadAll(MapReader section)
    {
        var views = new List<ViewOptions>();
        var networks = new Dictionary<IPNetwork, string>();
        foreach (var (name, _) in section.Map.Entries)
        {
            var view = section.Section(name);
            views.Add(view is not null ? Read(name, view) : new ViewOptions(name, [], [], name != Public));
            TellShared(name, view?.Items("clients") ?? [], networks, section.Problems);
        }

        foreach (var twice in views.SelectMany(view => view.AskedAt.Select(address => (view.Name, address))).GroupBy(asked => asked.address).Where(group => group.Count() > 1))
        {
            section.Problems.Add(section.Map, $"{twice.Key} is under asked-at of {string.Join(" and ", twice.Select(asked => asked.Name))}", "an address can show one view only");
        }

        views.AddRange(Default.Where(view => views.All(found => found.Name != view.Name)));
        return [.. views.Where(view => view.Name != Public), views.Single(view => view.Name == Public)];
    }

    public bool Equals(ViewOptions? other) =>
        other is not null && Name == other.Name && Recursion == other.Recursion && Clients.SequenceEqual(other.Clients) && Addresses.SequenceEqual(other.Addresses)
        && AskedAt.SequenceEqual(other.AskedAt) && FindsAddresses == other.FindsAddresses;

    public override int GetHashCode() => HashCode.Combine(Name, Clients.Length, Addresses.Length, Recursion);

    private static void TellShared(string view, IReadOnlyList<Node> clients, Dictionary<IPNetwork, string> networks, ProblemList problems)
    {
        foreach (var item in clients)
        {
            if (item is ScalarNode { Value: { } text } && NetworkText.Parse(text, out _) is { } network && !networks.TryAdd(network, view) && networks[network] != view)
            {
                problems.Add(item, $"{network} is among the clients of {networks[network]} already", "a network can be in one view only; parts of it may be in others");
            }
        }
    }

    private static ViewOptions Read(string name, MapReader section)
    {
        if (name.Length > 32 || name.Any(c => !char.IsAsciiLetterOrDigit(c) && c != '-'))
        {
            section.Problems.Add(section.Map, "a view's name is at most 32 letters, digits and hyphens: it is also the name of a folder");
        }

        var clients = NetworkList.Read(section, "clients");
        if (name == Public && clients.Length > 0)
        {
            section.Problems.Add(section.Map, "\"public\" cannot list clients", "it is everybody who is in no other view; remove \"clients\"");
        }

        var askedAt = section.List("asked-at", "an IP address", text => IPAddress.TryParse(text, out var address) ? address : null);
        if (name is not (Public or Lan) && clients.Length == 0 && askedAt.Count == 0)
        {
            section.Problems.Add(section.Map, "has no clients, so nobody would ever see it", "add clients: [NETWORK, …], or asked-at: [ADDRESS, …] for an address of this machine that shows it");
        }

        var addresses = section.List("addresses", "an IP address, or auto", text => text == Auto || IPAddress.TryParse(text, out _) ? text : null);
        var recursion = section.Switch("recursion") ?? (name != Public && askedAt.Count == 0);
        if (name == Public && recursion)
        {
            section.Problems.Note(section.Node("recursion")!, "makes this an open resolver: the whole internet may use it, for attacks on others as well", "list those who may in a view of their own, with recursion: true");
        }

        section.Done();
        return new ViewOptions(name, clients, [.. addresses.Where(text => text != Auto).Select(IPAddress.Parse)], recursion) { AskedAt = [.. askedAt], FindsAddresses = addresses.Contains(Auto) };
    }
}
