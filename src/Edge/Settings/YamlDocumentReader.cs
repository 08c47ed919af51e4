using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Edge.Settings;

/// <summary>Reads a YAML file into nodes that know their line.</summary>
internal static class YamlDocumentReader
{
    /// <summary>The root mapping of the text; null when there is none, with the reason in <paramref name="problems"/>. An empty text is an empty mapping.</summary>
    /// <param name="text">The YAML text.</param>
    /// <param name="file">The file's name as the user knows it.</param>
    /// <param name="problems">Receives what is wrong.</param>
    public static MapNode? Read(string text, string file, ProblemList problems)
    {
        try
        {
            var yaml = new YamlStream();
            yaml.Load(new StringReader(text));
            return yaml.Documents.Count switch
            {
                0 => new MapNode(file, 1, "", []),
                1 => Root(yaml.Documents[0].RootNode, file, problems),
                _ => Fail(file, (int)yaml.Documents[1].RootNode.Start.Line, "holds more than one document", "remove the --- line", problems),
            };
        }
        catch (YamlException wrong)
        {
            return Fail(file, (int)wrong.Start.Line, $"is not YAML: {Reason(wrong)}", null, problems);
        }
    }

    private static MapNode? Root(YamlNode root, string file, ProblemList problems) => Convert(root, file, "", 0, problems) switch
    {
        MapNode map => map,
        ScalarNode { Value: null } => new MapNode(file, 1, "", []),
        var other => Fail(file, other.Line, $"is {other.Kind}; a mapping is needed here", null, problems),
    };

    private static MapNode? Fail(string file, int line, string message, string? hint, ProblemList problems)
    {
        problems.Add(new Problem(file, line, "", message, hint));
        return null;
    }

    // YamlDotNet puts the position in front of some messages; ours stands there already.
    private static string Reason(YamlException wrong)
    {
        var text = (wrong.InnerException ?? wrong).Message;
        var colon = text.StartsWith("(Line", StringComparison.Ordinal) ? text.IndexOf("): ", StringComparison.Ordinal) : -1;
        return colon < 0 ? text : text[(colon + 3)..];
    }

    private static Node Convert(YamlNode node, string file, string path, int depth, ProblemList problems)
    {
        var line = (int)node.Start.Line;
        if (depth > 32)
        {
            problems.Add(new Problem(file, line, path, "is nested more than 32 levels deep"));
            return new ScalarNode(file, line, path, null);
        }

        return node switch
        {
            YamlMappingNode mapping => new MapNode(file, line, path, Entries(mapping, file, path, depth, problems)),
            YamlSequenceNode list => new ListNode(file, line, path, [.. list.Children.Select((child, i) => Convert(child, file, $"{path}[{i}]", depth + 1, problems))]),
            YamlScalarNode scalar => new ScalarNode(file, line, path, IsNull(scalar) ? null : scalar.Value),
            _ => new ScalarNode(file, line, path, null),
        };
    }

    private static List<KeyValuePair<string, Node>> Entries(YamlMappingNode mapping, string file, string path, int depth, ProblemList problems)
    {
        var entries = new List<KeyValuePair<string, Node>>();
        foreach (var (key, value) in mapping.Children)
        {
            var name = (key as YamlScalarNode)?.Value;
            if (string.IsNullOrEmpty(name))
            {
                problems.Add(new Problem(file, (int)key.Start.Line, path, "has a key that is not a word"));
                continue;
            }

            var converted = Convert(value, file, path.Length == 0 ? name : $"{path}.{name}", depth + 1, problems);
            // An empty value stands on the line of its key, not where the parser noticed that nothing follows; so does
            // a mapping or a list, which a person finds by its key and not by its first line.
            entries.Add(new(name, converted is ScalarNode { Value: not null } ? converted : converted with { Line = (int)key.Start.Line }));
        }

        return entries;
    }

    private static bool IsNull(YamlScalarNode scalar) =>
        (scalar.Style is ScalarStyle.Plain or ScalarStyle.Any) && (scalar.Value is null or "" or "~" or "null");
}
