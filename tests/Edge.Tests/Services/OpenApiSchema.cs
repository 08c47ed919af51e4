using System.Text.Json;

namespace Edge.Tests.Services;

/// <summary>As much of JSON Schema as openapi.json uses. What it does not know it refuses, so that nothing there is left unchecked.</summary>
internal sealed class OpenApiSchema(JsonElement document)
{
    private static readonly string[] Known = ["type", "required", "properties", "additionalProperties", "items", "enum", "oneOf", "$ref", "description"];

    /// <summary>What a "$ref" leads to; anything else is itself.</summary>
    public JsonElement Follow(JsonElement at)
    {
        while (at.ValueKind == JsonValueKind.Object && at.TryGetProperty("$ref", out var reference))
        {
            at = reference.GetString()!.Split('/').Skip(1).Aggregate(document, static (element, name) => element.GetProperty(name));
        }

        return at;
    }

    /// <summary>Where and why a value does not fit.</summary>
    public IEnumerable<string> Wrong(JsonElement schema, JsonElement value, string at = "$")
    {
        schema = Follow(schema);
        var unknown = schema.EnumerateObject().Where(key => !Known.Contains(key.Name)).Select(key => $"{at}: the schema has a {key.Name}").ToList();
        if (schema.TryGetProperty("oneOf", out var ways))
        {
            return ways.EnumerateArray().Count(way => !Wrong(way, value, at).Any()) == 1 ? unknown : [.. unknown, $"{at}: fits not exactly one of the ways"];
        }

        if (schema.TryGetProperty("type", out var type) && !Types(type).Contains(TypeOf(value)) && !(TypeOf(value) == "integer" && Types(type).Contains("number")))
        {
            return [.. unknown, $"{at}: is a {TypeOf(value)}"];
        }

        if (schema.TryGetProperty("enum", out var words) && !words.EnumerateArray().Any(word => word.GetString() == value.GetString()))
        {
            return [.. unknown, $"{at}: is \"{value.GetString()}\""];
        }

        return value.ValueKind switch
        {
            JsonValueKind.Object => [.. unknown, .. WrongMembers(schema, value, at)],
            JsonValueKind.Array when schema.TryGetProperty("items", out var items) => [.. unknown, .. value.EnumerateArray().SelectMany((item, index) => Wrong(items, item, $"{at}[{index}]"))],
            _ => unknown,
        };
    }

    private IEnumerable<string> WrongMembers(JsonElement schema, JsonElement value, string at)
    {
        var said = schema.TryGetProperty("properties", out var properties) ? properties : default;
        var required = schema.TryGetProperty("required", out var names) ? names.EnumerateArray().Select(name => name.GetString()!).ToList() : [];
        var isClosed = schema.TryGetProperty("additionalProperties", out var more) && more.ValueKind == JsonValueKind.False;
        foreach (var name in required.Where(name => !value.TryGetProperty(name, out _)))
        {
            yield return $"{at}.{name}: is missing";
        }

        foreach (var member in value.EnumerateObject())
        {
            if (said.ValueKind == JsonValueKind.Object && said.TryGetProperty(member.Name, out var one))
            {
                foreach (var wrong in Wrong(one, member.Value, $"{at}.{member.Name}"))
                {
                    yield return wrong;
                }
            }
            else if (isClosed)
            {
                yield return $"{at}.{member.Name}: is not described";
            }
        }
    }

    private static IEnumerable<string> Types(JsonElement type) => type.ValueKind == JsonValueKind.Array ? type.EnumerateArray().Select(one => one.GetString()!) : [type.GetString()!];

    private static string TypeOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        JsonValueKind.Null => "null",
        _ => value.TryGetInt64(out _) ? "integer" : "number",
    };
}
