using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;

namespace Edge.Services;

/// <summary>A token as JSON in the store. What an older version wrote stays readable; a golden test holds it.</summary>
internal static class TokenFormat
{
    public static byte[] Write(Token token)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("name", token.Name);
            json.WriteString("sha256", Convert.ToHexStringLower(token.Hash.Span));
            WriteList(json, "hosts", token.Scope.Hosts);
            WriteList(json, "services", token.Scope.Services);
            if (token.Scope.IsForLanOnly)
            {
                json.WriteString("expose", "lan");
            }

            if (!token.Scope.Ports.IsEmpty)
            {
                WriteList(json, "ports", token.Scope.Ports);
            }

            json.WriteBoolean("admin", token.Admin);
            json.WriteString("created", token.Created);
            WriteTime(json, "expires", token.Expires);
            WriteTime(json, "revoked", token.Revoked);
            if (!token.Key.IsEmpty)
            {
                json.WriteBase64String("tsig", token.Key.Span);
            }

            if (token.Lease is { } lease)
            {
                json.WriteNumber("lease", (long)lease.TotalSeconds);
            }

            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The token; null when the text is none.</summary>
    public static Token? Read(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8);
            var root = document.RootElement;
            return new Token
            {
                Name = root.GetProperty("name").GetString()!,
                Hash = Convert.FromHexString(root.GetProperty("sha256").GetString()!),
                Scope = new TokenScope(ReadList(root.GetProperty("hosts")), ReadList(root.GetProperty("services")))
                {
                    IsForLanOnly = root.TryGetProperty("expose", out var expose) && expose.GetString() == "lan",
                    Ports = root.TryGetProperty("ports", out var ports) ? ReadList(ports) : [],
                },
                Admin = root.GetProperty("admin").GetBoolean(),
                Created = root.GetProperty("created").GetDateTimeOffset(),
                Expires = ReadTime(root, "expires"),
                Revoked = ReadTime(root, "revoked"),
                Key = root.TryGetProperty("tsig", out var key) ? key.GetBytesFromBase64() : default,
                Lease = root.TryGetProperty("lease", out var lease) ? TimeSpan.FromSeconds(lease.GetInt64()) : null,
            };
        }
        catch (Exception wrong) when (wrong is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException)
        {
            return null;
        }
    }

    private static void WriteList(Utf8JsonWriter json, string name, ImmutableArray<string> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
        {
            json.WriteStringValue(value);
        }

        json.WriteEndArray();
    }

    private static void WriteTime(Utf8JsonWriter json, string name, DateTimeOffset? time)
    {
        if (time is { } value)
        {
            json.WriteString(name, value);
        }
    }

    private static ImmutableArray<string> ReadList(JsonElement list) => [.. list.EnumerateArray().Select(item => item.GetString()!)];

    private static DateTimeOffset? ReadTime(JsonElement root, string name) => root.TryGetProperty(name, out var time) ? time.GetDateTimeOffset() : null;
}
