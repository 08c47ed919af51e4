using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace Edge.AcmeDns;

/// <summary>What clients of acme-dns send and get: one object of JSON.</summary>
internal static class AcmeDnsBody
{
    private const int MostBytes = 16 << 10;

    /// <summary>All of a request's body; null when it is too much.</summary>
    public static async Task<byte[]?> ReadAsync(HttpContext context)
    {
        var bytes = new byte[MostBytes + 1];
        var length = await context.Request.Body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, context.RequestAborted);
        return length > MostBytes ? null : bytes[..length];
    }

    /// <summary>False for what is no such object.</summary>
    public static bool TryParse<T>(byte[] body, JsonTypeInfo<T> type, out T? value)
        where T : class
    {
        try
        {
            value = JsonSerializer.Deserialize(body, type);
            return value is not null;
        }
        catch (JsonException)
        {
            value = null;
            return false;
        }
    }

    /// <summary>An object with the members that are written.</summary>
    public static byte[] Write(Action<Utf8JsonWriter> members)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }

        return stream.ToArray();
    }
}
