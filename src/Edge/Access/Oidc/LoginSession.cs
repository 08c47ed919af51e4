using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;

namespace Edge.Access.Oidc;

/// <summary>Somebody who is logged in, as the session's cookie says.</summary>
internal sealed record LoginSession
{
    /// <summary>Names this session while it is refreshed.</summary>
    public required string Id { get; init; }

    /// <summary>The user as the provider knows them (sub).</summary>
    public required string Subject { get; init; }

    public string? User { get; init; }

    public string? Name { get; init; }

    public string? Email { get; init; }

    public ImmutableArray<string> Groups { get; init; } = [];

    /// <summary>When they logged in.</summary>
    public required DateTimeOffset Begun { get; init; }

    /// <summary>When the provider said last that all this is so.</summary>
    public required DateTimeOffset Checked { get; init; }

    /// <summary>With it the provider is asked again; null when it gave none.</summary>
    public string? RefreshToken { get; init; }

    public byte[] Write()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            foreach (var (key, value) in (ReadOnlySpan<(string, string?)>)[("i", Id), ("s", Subject), ("u", User), ("n", Name), ("e", Email), ("r", RefreshToken)])
            {
                if (value is not null)
                {
                    json.WriteString(key, value);
                }
            }

            json.WriteNumber("b", Begun.ToUnixTimeSeconds());
            json.WriteNumber("c", Checked.ToUnixTimeMilliseconds());
            json.WriteStartArray("g");
            foreach (var group in Groups)
            {
                json.WriteStringValue(group);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    public static LoginSession? Read(byte[] text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            var root = document.RootElement;
            return new LoginSession
            {
                Id = root.GetProperty("i").GetString()!,
                Subject = root.GetProperty("s").GetString()!,
                User = Optional(root, "u"),
                Name = Optional(root, "n"),
                Email = Optional(root, "e"),
                RefreshToken = Optional(root, "r"),
                Begun = DateTimeOffset.FromUnixTimeSeconds(root.GetProperty("b").GetInt64()),
                Checked = DateTimeOffset.FromUnixTimeMilliseconds(root.GetProperty("c").GetInt64()),
                Groups = [.. root.GetProperty("g").EnumerateArray().Select(group => group.GetString()!)],
            };
        }
        catch (Exception wrong) when (wrong is JsonException or KeyNotFoundException or InvalidOperationException or ArgumentOutOfRangeException)
        {
            // Of a version that said it otherwise.
            return null;
        }
    }

    private static string? Optional(JsonElement root, string key) => root.TryGetProperty(key, out var value) ? value.GetString() : null;
}
