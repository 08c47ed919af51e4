using System.Text.Json;

namespace Edge.Settings;

/// <summary>Reads a JSON request body into the same nodes as a YAML file, so that one reader knows each schema.</summary>
internal static class JsonDocumentReader
{
    /// <summary>Why a text in quotes is none.</summary>
    public const string NoText = "a text in it is not Unicode (bytes that are no UTF-8, or half of a surrogate pair)";

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 32, AllowDuplicateProperties = false };

    /// <summary>The root object; null when the text is not one, with the reason in <paramref name="problems"/>.</summary>
    public static MapNode? Read(ReadOnlyMemory<byte> utf8, ProblemList problems, string? file = null)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8, Strict);
            if (!IsText(document.RootElement))
            {
                throw new JsonException(NoText);
            }

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

        catch (InvalidOperationException)
        {
            // The parser compares the names of an object, and so asks for them.
            problems.Add(new Problem(file, 1, "", $"is not JSON: {NoText}"));
        }

        return null;
    }

    /// <summary>What is wrong, without the place: the message counts lines from zero, and whoever tells it says the line.</summary>
    public static string Reason(JsonException wrong)
    {
        // What the framework says of its own types is of no use to whoever wrote the text.
        if (wrong.Message.StartsWith("The JSON property '", StringComparison.Ordinal) && wrong.Message.Split('\'') is [_, var unknown, ..])
        {
            return $"\"{unknown}\" is not a known key";
        }

        if (wrong.Message.StartsWith("The JSON value could not be converted", StringComparison.Ordinal))
        {
            return "another kind of value is needed here";
        }

        var end = wrong.Message.IndexOf(" Path:", StringComparison.Ordinal);
        end = end < 0 ? wrong.Message.IndexOf(" LineNumber:", StringComparison.Ordinal) : end;
        return end < 0 ? wrong.Message : wrong.Message[..end];
    }

    /// <summary>Whether every name and text is Unicode. The parser takes others, and throws when they are asked for.</summary>
    public static bool IsText(JsonElement element)
    {
        try
        {
            Read(element);
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static void Read(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var property in element.EnumerateObject())
                {
                    _ = property.Name;
                    Read(property.Value);
                }

                break;
            case JsonValueKind.Array:
                foreach (var item in element.EnumerateArray())
                {
                    Read(item);
                }

                break;
            case JsonValueKind.String:
                _ = element.GetString();
                break;
        }
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
