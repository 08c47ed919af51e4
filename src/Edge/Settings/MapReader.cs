using System.Globalization;
using System.Net;

namespace Edge.Settings;

/// <summary>
/// Reads the known keys of one mapping, each as the type it should have, and collects a problem for each that is
/// not. <see cref="Done"/> then reports the keys nobody asked for, with the nearest known word.
/// </summary>
internal sealed class MapReader(MapNode map, ProblemList problems)
{
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);

    public MapNode Map => map;

    public ProblemList Problems => problems;

    /// <summary>The piece itself, for a reader with a shape of its own; null when absent or null.</summary>
    public Node? Node(string key)
    {
        _known.Add(key);
        return map.Find(key) is { } node and not ScalarNode { Value: null } ? node : null;
    }

    public string? Text(string key) => Read(key, "text", static value => value);

    public int? Number(string key, int least, int most) => Read<int?>(key, $"a whole number from {least} to {most}",
        value => int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most ? number : null);

    public bool? Switch(string key) => Read(key, "true or false", static value => SwitchText.Parse(value));

    /// <summary>True or false, or one of a few words: "true", "false" or the word.</summary>
    public string? SwitchOr(string key, params string[] words) => Read(
        key, "one of " + string.Join(", ", ["true", "false", .. words]), value => words.Contains(value) ? value : SwitchText.Parse(value) switch { true => "true", false => "false", null => null });

    /// <summary>A time such as 90s, 15m, 1h30m, 7d.</summary>
    public TimeSpan? Duration(string key) => Read(key, "a time such as 90s, 15m, 1h or 7d", DurationText.Parse);

    /// <summary>The same, up to a limit.</summary>
    public TimeSpan? Duration(string key, TimeSpan most) => Read<TimeSpan?>(key, $"a time such as 5s or 1m, {DurationText.Format(most)} at most",
        text => DurationText.Parse(text) is { } time && time <= most ? time : null);

    /// <summary>One of a few words.</summary>
    public string? Word(string key, params string[] words) => Read(key, "one of " + string.Join(", ", words), value => words.Contains(value) ? value : null);

    /// <summary>A mapping to read further; null when absent.</summary>
    public MapReader? Section(string key)
    {
        switch (Node(key))
        {
            case null:
                return null;
            case MapNode section:
                return new MapReader(section, problems);
            case var other:
                problems.Add(other, $"is {other.Kind}; a mapping is needed here");
                return null;
        }
    }

    /// <summary>One value or a list of values, each read by <paramref name="parse"/> (null means: not such a value).</summary>
    public IReadOnlyList<T> List<T>(string key, string expected, Func<string, T?> parse)
        where T : class
    {
        var found = new List<T>();
        foreach (var item in Items(key))
        {
            if (item is ScalarNode { Value: { } text } && parse(text) is { } value)
            {
                found.Add(value);
            }
            else
            {
                problems.Add(item, $"{Said(item)} is not {expected}");
            }
        }

        return found;
    }

    /// <summary>One endpoint or a list of them: 127.0.0.1:53, [::1]:53.</summary>
    public IReadOnlyList<IPEndPoint> EndPoints(string key, int? defaultPort = null) =>
        List(key, defaultPort is null ? "ADDRESS:PORT, such as 127.0.0.1:8080 or [::1]:8080" : $"ADDRESS or ADDRESS:PORT (port {defaultPort} when left out)", text => EndPointText.Parse(text, defaultPort));

    /// <summary>The pieces of a list; a single value counts as a list of one, nothing as an empty list.</summary>
    public IReadOnlyList<Node> Items(string key) => Node(key) switch
    {
        null => [],
        ListNode list => list.Items,
        var single => [single],
    };

    /// <summary>Notes a list without anything in it, where nobody can have meant it to be the same as none.</summary>
    /// <param name="key">The key of the list.</param>
    /// <param name="effect">"so that …": what is done, and what to write.</param>
    public void TellEmpty(string key, string effect)
    {
        if (Node(key) is ListNode { Items.Count: 0 } list)
        {
            problems.Note(list, $"is empty, {effect}", isMistake: true);
        }
    }

    /// <summary>Reports every key that no call above has asked for.</summary>
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

    private T? Read<T>(string key, string expected, Func<string, T?> parse)
    {
        switch (Node(key))
        {
            case null:
                return default;
            case ScalarNode { Value: { } text } node:
                var value = parse(text);
                if (value is null)
                {
                    problems.Add(node, $"{Said(node)} is not {expected}");
                }

                return value;
            case var other:
                problems.Add(other, $"is {other.Kind}; {expected} is needed here");
                return default;
        }
    }

    private static string Said(Node node) => node is ScalarNode scalar ? $"\"{scalar.Value}\"" : node.Kind;
}
