using System.Text;
using System.Text.Json;

namespace Edge.Settings;

/// <summary>
/// Reads a JSON file into nodes that know their line. Comments and trailing commas are allowed, as in .NET's own
/// configuration files; a key that stands twice is not.
/// </summary>
internal static class JsonFileReader
{
    private static readonly JsonReaderOptions Options = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, MaxDepth = 32 };

    /// <summary>The root object of the text; null when there is none, with the reason in <paramref name="problems"/>.</summary>
    /// <param name="text">The JSON text.</param>
    /// <param name="file">The file's name as the user knows it.</param>
    /// <param name="problems">Receives what is wrong.</param>
    public static MapNode? Read(string text, string file, ProblemList problems)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        var lines = new LineCount(utf8);
        try
        {
            var reader = new Utf8JsonReader(utf8, Options);
            reader.Read();
            var root = Convert(ref reader, lines, file, "", problems);
            if (root is MapNode map)
            {
                // What follows the object must be nothing.
                reader.Read();
                return map;
            }

            problems.Add(root, $"is {root.Kind}; an object is needed here");
        }
        catch (JsonException wrong)
        {
            problems.Add(new Problem(file, (int)(wrong.LineNumber ?? 0) + 1, "", $"is not JSON: {JsonDocumentReader.Reason(wrong)}"));
        }

        return null;
    }

    private static Node Convert(ref Utf8JsonReader reader, LineCount lines, string file, string path, ProblemList problems)
    {
        var line = lines.At(reader.TokenStartIndex);
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                return new MapNode(file, line, path, Entries(ref reader, lines, file, path, problems));
            case JsonTokenType.StartArray:
                var items = new List<Node>();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    items.Add(Convert(ref reader, lines, file, $"{path}[{items.Count}]", problems));
                }

                return new ListNode(file, line, path, items);
            case JsonTokenType.Null:
                return new ScalarNode(file, line, path, null);
            case JsonTokenType.String:
                return new ScalarNode(file, line, path, TextOf(ref reader, line));
            default:
                return new ScalarNode(file, line, path, Encoding.UTF8.GetString(reader.ValueSpan));
        }
    }

    private static List<KeyValuePair<string, Node>> Entries(ref Utf8JsonReader reader, LineCount lines, string file, string path, ProblemList problems)
    {
        var entries = new List<KeyValuePair<string, Node>>();
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var line = lines.At(reader.TokenStartIndex);
            var name = TextOf(ref reader, line);
            var below = path.Length == 0 ? name : $"{path}.{name}";
            if (!seen.Add(name))
            {
                problems.Add(new Problem(file, line, below, "stands twice"));
            }

            reader.Read();
            // The line of the key is what a person looks for, also where the brace stands on the next one.
            entries.Add(new(name, Convert(ref reader, lines, file, below, problems) with { Line = line }));
        }

        return entries;
    }

    private static string TextOf(ref Utf8JsonReader reader, int line)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw new JsonException(JsonDocumentReader.NoText, null, line - 1, null);
        }
    }

    /// <summary>Counts lines up to positions that only grow.</summary>
    private sealed class LineCount(byte[] text)
    {
        private int _position;
        private int _line = 1;

        public int At(long position)
        {
            _line += text.AsSpan(_position, (int)position - _position).Count((byte)'\n');
            _position = (int)position;
            return _line;
        }
    }
}
