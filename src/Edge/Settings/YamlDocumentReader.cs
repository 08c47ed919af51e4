using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace Edge.Settings;

/// <summary>Reads a YAML file into nodes that know their line.</summary>
internal static class YamlDocumentReader
{
    private const int MostLevels = 32;
    private const int MostPieces = 200_000;

    /// <summary>The root mapping of the text; null when there is none, with the reason in <paramref name="problems"/>. An empty text is an empty mapping.</summary>
    /// <param name="text">The YAML text.</param>
    /// <param name="file">The file's name as the user knows it.</param>
    /// <param name="problems">Receives what is wrong.</param>
    public static MapNode? Read(string text, string file, ProblemList problems)
    {
        // Windows' editors begin a file with it; a key behind it would be another key.
        text = text.TrimStart('\uFEFF');
        var brackets = new Stack<int>();
        try
        {
            if (Excess(text, brackets) is { } line)
            {
                return Fail(file, line, $"is nested more than {MostLevels} levels deep", null, problems);
            }

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
            var reason = Reason(wrong);
            if (reason.Contains(" tab ", StringComparison.Ordinal) && TabFrom(text, (int)wrong.Start.Line) is { } tab)
            {
                return Fail(file, tab, "is not YAML: the line is indented with a tab", "indent with spaces", problems);
            }

            // What is missing at the end of the text is noticed on the line after it.
            return Fail(file, Math.Min((int)wrong.Start.Line, text.TrimEnd().AsSpan().Count('\n') + 1), $"is not YAML: {reason}", null, problems);
        }
        catch (InvalidOperationException)
        {
            // YamlDotNet's scanner ends so where a value in brackets stands further left than the key the brackets belong to.
            return Fail(file, brackets.TryPeek(out var opened) ? opened : 0, "is not YAML: what stands in brackets over several lines is indented less than its key", "close the bracket on its line, or indent what is in it more than the key", problems);
        }
    }

    private static MapNode? Root(YamlNode root, string file, ProblemList problems) => new Conversion(file, problems).Convert(root, "", 0) switch
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

    // The tree is built by recursion, so a text of many brackets would end the process: the flat stream of events
    // tells first how deep it goes, and in which line each bracket was opened that is not closed yet.
    private static int? Excess(string text, Stack<int> brackets)
    {
        var (parser, depth) = (new Parser(new StringReader(text)), 0);
        while (parser.MoveNext())
        {
            depth += parser.Current switch
            {
                SequenceStart or MappingStart => 1,
                SequenceEnd or MappingEnd => -1,
                _ => 0,
            };
            Follow(parser.Current!, brackets);
            if (depth > MostLevels)
            {
                return (int)parser.Current!.Start.Line;
            }
        }

        return null;
    }

    private static void Follow(ParsingEvent read, Stack<int> brackets)
    {
        if (read is SequenceStart { Style: SequenceStyle.Flow } or MappingStart { Style: MappingStyle.Flow })
        {
            brackets.Push((int)read.Start.Line);
        }
        else if (read is SequenceEnd or MappingEnd && brackets.Count > 0 && read.Start.Index < read.End.Index)
        {
            // The end of a block has no letters.
            brackets.Pop();
        }
    }

    // The scanner tells where that begins which the tab is in: mostly a line before, or the first one.
    private static int? TabFrom(string text, int line)
    {
        var number = 0;
        foreach (var one in text.AsSpan().EnumerateLines())
        {
            if (++number >= line && one[..^one.TrimStart().Length].Contains('\t'))
            {
                return number;
            }
        }

        return null;
    }

    // YamlDotNet puts the position in front of some messages; ours stands there already.
    private static string Reason(YamlException wrong)
    {
        var text = (wrong.InnerException ?? wrong).Message;
        var colon = text.StartsWith("(Line", StringComparison.Ordinal) ? text.IndexOf("): ", StringComparison.Ordinal) : -1;
        return colon < 0 ? text : text[(colon + 3)..];
    }

    private sealed class Conversion(string file, ProblemList problems)
    {
        private int _left = MostPieces;
        private bool _over;

        public Node Convert(YamlNode node, string path, int depth)
        {
            var line = (int)node.Start.Line;
            // Aliases let a short text stand for a huge document, or for one without end.
            if (_over || depth > MostLevels || --_left < 0)
            {
                if (!_over)
                {
                    problems.Add(new Problem(file, line, path, depth > MostLevels ? $"is nested more than {MostLevels} levels deep" : $"is larger than {MostPieces} pieces"));
                    _over = true;
                }

                return new ScalarNode(file, line, path, null);
            }

            return node switch
            {
                YamlMappingNode mapping => new MapNode(file, line, path, Entries(mapping, path, depth)),
                YamlSequenceNode list => new ListNode(file, line, path, [.. list.Children.Select((child, i) => Convert(child, $"{path}[{i}]", depth + 1))]),
                YamlScalarNode scalar => new ScalarNode(file, line, path, IsNull(scalar) ? null : scalar.Value),
                _ => new ScalarNode(file, line, path, null),
            };
        }

        private List<KeyValuePair<string, Node>> Entries(YamlMappingNode mapping, string path, int depth)
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

                var converted = Convert(value, path.Length == 0 ? name : $"{path}.{name}", depth + 1);
                // An empty value stands on the line of its key, not where the parser noticed that nothing follows; so
                // does a mapping or a list, which a person finds by its key and not by its first line.
                entries.Add(new(name, converted is ScalarNode { Value: not null } ? converted : converted with { Line = (int)key.Start.Line }));
            }

            return entries;
        }

        private static bool IsNull(YamlScalarNode scalar) =>
            (scalar.Style is ScalarStyle.Plain or ScalarStyle.Any) && (scalar.Value is null or "" or "~" or "null");
    }
}
