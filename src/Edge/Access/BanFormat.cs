using System.Buffers;
using System.Text.Json;

namespace Edge.Access;

/// <summary>A ban as JSON in the store. What an older version wrote stays readable.</summary>
internal static class BanFormat
{
    public static byte[] Write(Ban ban)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("network", ban.Network.ToString());
            json.WriteString("until", ban.Until);
            json.WriteString("reason", ban.Reason);
            json.WriteString("source", ban.Source);
            json.WriteNumber("times", ban.Times);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The ban; null when the text is none.</summary>
    public static Ban? Read(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8);
            var root = document.RootElement;
            return Ban.Parse(root.GetProperty("network").GetString()!) is not { } network ? null : new Ban(
                network,
                root.GetProperty("until").GetDateTimeOffset(),
                root.GetProperty("reason").GetString()!,
                root.GetProperty("source").GetString()!,
                root.GetProperty("times").GetInt32());
        }
        catch (Exception wrong) when (wrong is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }
}
