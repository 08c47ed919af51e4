using System.Globalization;
using Edge.Settings;

namespace Edge.Docker;

/// <summary>
/// Turns labels into the nodes that a file would have: <c>edge.KEY</c> for the container's service,
/// <c>edge.NAME.KEY</c> for one of several. A value in brackets or braces is read as YAML.
/// </summary>
internal sealed class LabelReader(Container container, ProblemList problems)
{
    private const string NameLabel = Container.LabelPrefix + "name";

    /// <summary>The services, the container's own first.</summary>
    public IReadOnlyList<LabelledService> Read()
    {
        var own = new List<KeyValuePair<string, Node>>();
        var named = new SortedDictionary<string, List<KeyValuePair<string, Node>>>(StringComparer.Ordinal);
        foreach (var (label, value) in container.Labels.Where(label => label.Key.StartsWith(Container.LabelPrefix, StringComparison.Ordinal) && label.Key != NameLabel))
        {
            var words = label[Container.LabelPrefix.Length..].Split('.');
            if (words.Length > 2)
            {
                problems.Add(new Problem(container.Where, 0, label, "is no label of a service", "edge.KEY or edge.NAME.KEY; what is nested is said in braces, such as edge.request-headers={set: {X-Via: edge}}"));
                continue;
            }

            var keys = words.Length == 1 ? own : named.TryGetValue(words[0], out var known) ? known : named[words[0]] = [];
            if (Value(label, value) is { } node)
            {
                keys.Add(new(words[^1], node));
            }
        }

        var services = named.Select(pair => Service(pair.Key, Container.LabelPrefix + pair.Key, pair.Value)).ToList();
        if (own.Count > 0 || container.Labels.ContainsKey(NameLabel))
        {
            services.Insert(0, Service(OwnName(), Container.LabelPrefix.TrimEnd('.'), own));
        }

        return services;
    }

    private LabelledService Service(string name, string label, List<KeyValuePair<string, Node>> keys)
    {
        var network = keys.Find(key => key.Key == "network");
        keys.RemoveAll(key => key.Key == "network");
        if (network.Value is not null and not ScalarNode { Value: not null })
        {
            problems.Add(network.Value, $"is {network.Value.Kind}; the name of a network is needed here");
        }

        return new LabelledService(name.ToLowerInvariant(), new MapNode(container.Where, 0, label, keys), (network.Value as ScalarNode)?.Value);
    }

    // Names of containers may have characters that names of services may not.
    private string OwnName() => container.Labels.TryGetValue(NameLabel, out var said) ? said
        : (container.Labels.TryGetValue(Container.ComposeService, out var service) ? service : container.Name).Replace('_', '-').Replace('.', '-');

    private Node? Value(string label, string value)
    {
        var text = value.Trim();
        if (text.Length == 0 || text[0] is not ('[' or '{'))
        {
            return new ScalarNode(container.Where, 0, label, text.Length == 0 ? null : text);
        }

        var told = new ProblemList();
        if (YamlDocumentReader.Read("value: " + text, "", told) is { Entries: [{ Key: "value", Value: var node }] } && !told.Any)
        {
            return Placed(node, label);
        }

        problems.Add(new Problem(container.Where, 0, label, told.All.Select(problem => problem.Message).FirstOrDefault() ?? "is more than one value", "as in a file, in one line: [a, b] or {key: value}"));
        return null;
    }

    // The same pieces, with the label for their place: "edge.routes[0].path".
    private Node Placed(Node node, string label) => node switch
    {
        MapNode map => new MapNode(container.Where, 0, Place(map, label), [.. map.Entries.Select(entry => KeyValuePair.Create(entry.Key, Placed(entry.Value, label)))]),
        ListNode list => new ListNode(container.Where, 0, Place(list, label), [.. list.Items.Select(item => Placed(item, label))]),
        ScalarNode scalar => new ScalarNode(container.Where, 0, Place(scalar, label), scalar.Value),
        _ => throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"{node.Kind} is no piece of YAML")),
    };

    private static string Place(Node node, string label) => label + node.Path["value".Length..];
}
