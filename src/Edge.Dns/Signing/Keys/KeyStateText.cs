using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Edge.Dns.Signing.Keys;

/// <summary>The file "keys.json" of a zone: which of its keys are in use and how far, and the rollover under way.</summary>
internal static class KeyStateText
{
    public static string Write(ZoneKeySet set)
    {
        var root = new JsonObject
        {
            ["keys"] = new JsonArray([.. set.Keys.Select(key => new JsonObject
            {
                ["file"] = KeyFileText.BaseName(key.Key),
                ["role"] = key.Key.Role.ToString().ToLowerInvariant(),
                ["signs"] = key.Signs,
                ["announced"] = key.Announced,
                ["since"] = Time(key.Since),
            })]),
        };
        if (set.RenewedAt is { } renewed)
        {
            root["renewed"] = Time(renewed);
        }

        if (set.Rollover is { } rollover)
        {
            root["rollover"] = new JsonObject
            {
                ["step"] = rollover.Step.ToString().ToLowerInvariant(),
                ["new"] = rollover.NewTag,
                ["old"] = new JsonArray([.. rollover.OldTags.Select(tag => JsonValue.Create((int)tag))]),
                ["not-before"] = Time(rollover.NotBefore),
            };
        }

        return root.ToJsonString(new JsonSerializerOptions { WriteIndented = true }) + "\n";
    }

    /// <summary>Reads the state; <paramref name="load"/> makes a key of its file's name and role.</summary>
    /// <exception cref="FormatException">The text is no such file.</exception>
    public static ZoneKeySet Read(string text, Wire.Name origin, Func<string, KeyRole, ZoneKey> load)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            var root = document.RootElement;
            var keys = root.GetProperty("keys").EnumerateArray().Select(key => new SigningKey(
                load(key.GetProperty("file").GetString()!, Enum.Parse<KeyRole>(key.GetProperty("role").GetString()!, ignoreCase: true)),
                key.GetProperty("signs").GetBoolean(),
                key.GetProperty("announced").GetBoolean(),
                key.GetProperty("since").GetDateTimeOffset())).ToList();
            Rollover? rollover = null;
            if (root.TryGetProperty("rollover", out var rolling))
            {
                rollover = new Rollover(
                    Enum.Parse<RolloverStep>(rolling.GetProperty("step").GetString()!, ignoreCase: true),
                    rolling.GetProperty("new").GetUInt16(),
                    [.. rolling.GetProperty("old").EnumerateArray().Select(tag => tag.GetUInt16())],
                    rolling.GetProperty("not-before").GetDateTimeOffset());
            }

            var renewed = root.TryGetProperty("renewed", out var time);
            return new ZoneKeySet(origin, [.. keys], rollover) { RenewedAt = renewed ? time.GetDateTimeOffset() : null };
        }
        catch (Exception wrong) when (wrong is JsonException or KeyNotFoundException or InvalidOperationException or ArgumentException)
        {
            throw new FormatException(wrong.Message, wrong);
        }
    }

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
