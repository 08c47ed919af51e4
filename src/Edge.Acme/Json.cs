using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;

namespace Edge.Acme;

/// <summary>Writes one JSON object, and reads members of one that may be absent or of an unexpected type: what we do not know must not stop us (RFC 8555 §7.1).</summary>
internal static class Json
{
    public static byte[] Write(Action<Utf8JsonWriter> members, bool indented = false)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = indented }))
        {
            writer.WriteStartObject();
            members(writer);
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    public static JsonElement? Member(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var member) ? member : null;

    public static string? Text(JsonElement element, string name) =>
        Member(element, name) is { ValueKind: JsonValueKind.String } member ? member.GetString() : null;

    public static int? Number(JsonElement element, string name) =>
        Member(element, name) is { ValueKind: JsonValueKind.Number } member && member.TryGetInt32(out var number) ? number : null;

    public static bool True(JsonElement element, string name) => Member(element, name) is { ValueKind: JsonValueKind.True };

    public static DateTimeOffset? Time(JsonElement element, string name) =>
        Member(element, name) is { ValueKind: JsonValueKind.String } member && member.TryGetDateTimeOffset(out var time) ? time : null;

    public static Uri? Url(JsonElement element, string name) =>
        Uri.TryCreate(Text(element, name), UriKind.Absolute, out var url) ? url : null;

    public static ImmutableArray<JsonElement> List(JsonElement element, string name) =>
        Member(element, name) is { ValueKind: JsonValueKind.Array } member ? [.. member.EnumerateArray()] : [];

    public static ImmutableArray<Uri> Urls(JsonElement element, string name) =>
        [.. List(element, name).Where(item => item.ValueKind == JsonValueKind.String).Select(item => Uri.TryCreate(item.GetString(), UriKind.Absolute, out var url) ? url : null).OfType<Uri>()];

    public static ImmutableArray<string> Texts(JsonElement element, string name) =>
        [.. List(element, name).Where(item => item.ValueKind == JsonValueKind.String).Select(item => item.GetString()!)];

    public static void WriteTexts(Utf8JsonWriter writer, string name, IEnumerable<string> texts)
    {
        writer.WriteStartArray(name);
        foreach (var text in texts)
        {
            writer.WriteStringValue(text);
        }

        writer.WriteEndArray();
    }

    /// <summary>Nothing where there is nothing to say.</summary>
    public static void WriteText(Utf8JsonWriter writer, string name, string? text)
    {
        if (text is not null)
        {
            writer.WriteString(name, text);
        }
    }
}
