using System.Text.Json;

namespace Edge.Settings;

/// <summary>Reads a JSON request body into the same nodes as a YAML file, so that one reader knows each schema.</summary>
internal static class JsonDocumentReader
{
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 32, AllowDuplicateProperties = false };

    /// <summary>The root object; null when the text is not one, with the reason in <paramref name="problems"/>.</summary>
    public static MapNode? Read(ReadOnlyMemory<byte> utf8, ProblemList problems, string? file = null)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8, Strict);
            if (Convert(document.RootElement, file, "") is MapNode map)
            {
                return map;
            }

            problems.Add(new Problem(file, 1, "", "the body must be a JSON object"));
        }
        catch (JsonException wrong)
        {
            problems.Add(new Problem(file, (int)(wrong.LineNumber ?? 0) + 1, "", $"is not JSON: {Reason(wrong)}"));
        }

        return null;
    }

    /// <summary>What is wrong, without the place: the message counts lines from zero, and whoever tells it says the line.</summary>
    public static string Reason(JsonException wrong)
    {
        var end = wrong.Message.IndexOf(" Path:", StringComparison.Ordinal);
        end = end < 0 ? wrong.Message.IndexOf(" LineNumber:", StringComparison.Ordinal) : end;
        return end < 0 ? wrong.Message : wrong.Message[..end];
    }

    private static Node Convert(JsonElement element, string? file, string path) => element.ValueKind switch
    {
        JsonValueKind.Object => new MapNode(file, 0, path, [.. element.EnumerateObject().Select(property =>
            new KeyValuePair<string, Node>(property.Name, Convert(property.Value, file, path.Length == 0 ? property.Name : $"{path}.{property.Name}")))]),
        JsonValueKind.Array => new ListNode(file, 0, path, [.. element.EnumerateArray().Select((item, i) => Convert(item, file, $"{path}[{i}]"))]),
        JsonValueKind.String => new ScalarNode(file, 0, path, element.GetString()),
        JsonValueKind.Null => new ScalarNode(file, 0, path, null),
        _ => new ScalarNode(file, 0, path, element.GetRawText()),
    };
}
