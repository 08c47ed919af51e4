using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Edge.Settings;

/// <summary>Writes nodes as JSON that <see cref="JsonDocumentReader"/> reads back: values as strings, as every reader takes them.</summary>
internal static class JsonDocumentWriter
{
    public static string Write(Node node)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            Write(json, node);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void Write(Utf8JsonWriter json, Node node)
    {
        switch (node)
        {
            case MapNode map:
                json.WriteStartObject();
                foreach (var (key, value) in map.Entries)
                {
                    json.WritePropertyName(key);
                    Write(json, value);
                }

                json.WriteEndObject();
                break;
            case ListNode list:
                json.WriteStartArray();
                foreach (var item in list.Items)
                {
                    Write(json, item);
                }

                json.WriteEndArray();
                break;
            default:
                json.WriteStringValue(((ScalarNode)node).Value);
                break;
        }
    }
}
