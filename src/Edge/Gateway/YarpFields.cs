using System.Globalization;
using Edge.Settings;

namespace Edge.Gateway;

/// <summary>
/// Reads the keys of one mapping in YARP's schema. Unlike edge.yaml its keys may be written in any case, as .NET's
/// configuration allows. What is wrong is collected; <see cref="Done"/> reports unknown keys.
/// </summary>
internal sealed class YarpFields(MapNode map, ProblemList problems)
{
    private readonly HashSet<string> _known = new(StringComparer.OrdinalIgnoreCase);

    public MapNode Map => map;

    /// <summary>The piece under a key; null when absent or null.</summary>
    public Node? Node(string key)
    {
        _known.Add(key);
        foreach (var (name, node) in map.Entries)
        {
            if (name.Equals(key, StringComparison.OrdinalIgnoreCase))
            {
                return node is ScalarNode { Value: null } ? null : node;
            }
        }

        return null;
    }

    public string? Text(string key) => Read(key, "text", static text => text);

    public int? Number(string key) => Read<int?>(key, "a whole number", static text => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null);

    public long? Long(string key) => Read<long?>(key, "a whole number", static text => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null);

    public bool? Switch(string key) => Read<bool?>(key, "true or false", SwitchText.Parse);

    /// <summary>A time as .NET's configuration writes it, 00:01:40, or as edge.yaml does, 100s.</summary>
    public TimeSpan? Time(string key) => Read(key, "a time such as 00:01:40 or 100s", static text =>
        text.Contains(':') ? TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var time) ? time : null : DurationText.Parse(text));

    public T? Word<T>(string key)
        where T : struct, Enum =>
        Read<T?>(key, "one of " + string.Join(", ", Enum.GetNames<T>()), static text => Enum.TryParse<T>(text, ignoreCase: true, out var value) && Enum.IsDefined(value) ? value : null);

    /// <summary>A list of texts; null when absent.</summary>
    public string[]? Texts(string key)
    {
        switch (Node(key))
        {
            case null:
                return null;
            case ListNode list:
                return [.. list.Items.Select(TextOf).OfType<string>()];
            case var other:
                problems.Add(other, $"is {other.Kind}; a list is needed here", "write [ … ] around it");
                return null;
        }
    }

    /// <summary>A mapping from names to texts; null when absent.</summary>
    public Dictionary<string, string>? TextMap(string key) => Section(key) is { } section ? TextsOf(section.Map) : null;

    /// <summary>A mapping to read further; null when absent.</summary>
    public YarpFields? Section(string key) => Node(key) switch
    {
        null => null,
        MapNode section => new YarpFields(section, problems),
        var other => Wrong(other),
    };

    /// <summary>The mappings of a list, each to be read further.</summary>
    public IEnumerable<YarpFields> Sections(string key)
    {
        switch (Node(key))
        {
            case null:
                return [];
            case ListNode list:
                return [.. list.Items.Select(item => item is MapNode section ? new YarpFields(section, problems) : Wrong(item)).OfType<YarpFields>()];
            case var other:
                problems.Add(other, $"is {other.Kind}; a list is needed here");
                return [];
        }
    }

    /// <summary>The named mappings of a mapping.</summary>
    public IEnumerable<(string Name, YarpFields Fields)> Named(string key) => Section(key) is { } section
        ? [.. section.Map.Entries.Where(entry => entry.Value is MapNode || Wrong(entry.Value) is not null).Select(entry => (entry.Key, new YarpFields((MapNode)entry.Value, problems)))]
        : [];

    /// <summary>This mapping as names and texts.</summary>
    public Dictionary<string, string> AsTexts() => TextsOf(map);

    public void Done()
    {
        foreach (var (key, node) in map.Entries)
        {
            if (!_known.Contains(key))
            {
                var nearest = NearestWord.Of(key, _known);
                problems.Add(node, "is not a known key", nearest is null ? $"known here: {string.Join(", ", _known.Order())}" : $"did you mean \"{nearest}\"?");
            }
        }
    }

    private Dictionary<string, string> TextsOf(MapNode texts)
    {
        var found = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, node) in texts.Entries)
        {
            if (TextOf(node) is { } text)
            {
                found[name] = text;
            }
        }

        return found;
    }

    private string? TextOf(Node node)
    {
        if (node is ScalarNode { Value: { } text })
        {
            return text;
        }

        problems.Add(node, $"is {node.Kind}; text is needed here");
        return null;
    }

    private YarpFields? Wrong(Node node)
    {
        problems.Add(node, $"is {node.Kind}; a mapping is needed here");
        return null;
    }

    private T? Read<T>(string key, string expected, Func<string, T?> parse)
    {
        if (Node(key) is not { } node)
        {
            return default;
        }

        if (node is ScalarNode { Value: { } text })
        {
            var value = parse(text);
            if (value is null)
            {
                problems.Add(node, $"\"{text}\" is not {expected}");
            }

            return value;
        }

        problems.Add(node, $"is {node.Kind}; {expected} is needed here");
        return default;
    }
}
