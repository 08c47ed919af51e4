using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;

namespace Edge.Services;

/// <summary>A registration as JSON in the store. What an older version wrote stays readable; a golden test holds it.</summary>
internal static class RegistrationFormat
{
    public static byte[] Write(Registration registration)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("name", registration.Name);
            json.WriteStartArray("hosts");
            foreach (var host in registration.Hosts)
            {
                json.WriteStringValue(host);
            }

            json.WriteEndArray();
            json.WriteStartArray("to");
            foreach (var to in registration.To)
            {
                json.WriteStringValue(to.OriginalString);
            }

            json.WriteEndArray();
            json.WriteString("expose", registration.Expose == Exposure.Lan ? "lan" : "everywhere");
            if (registration.Access is { } access)
            {
                json.WritePropertyName("access");
                json.WriteRawValue(access.Json);
            }

            if (registration.Declared is { } declared)
            {
                json.WritePropertyName("declared");
                json.WriteRawValue(declared);
            }

            json.WriteNumber("ttl", registration.TimeToLive.TotalSeconds);
            json.WriteString("owner", registration.Owner);
            json.WriteNumber("since", registration.Since);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The registration; null when the text is none.</summary>
    public static Registration? Read(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8);
            var root = document.RootElement;
            ServiceAccess? access = null;
            if (root.TryGetProperty("access", out var said) && (access = ServiceAccess.Parse(said.GetRawText())) is null)
            {
                // What was meant to be guarded is not served unguarded.
                return null;
            }

            return new Registration
            {
                Name = root.GetProperty("name").GetString()!,
                Hosts = [.. root.GetProperty("hosts").EnumerateArray().Select(host => host.GetString()!)],
                To = [.. root.GetProperty("to").EnumerateArray().Select(to => new Uri(to.GetString()!, UriKind.Absolute))],
                Expose = root.GetProperty("expose").GetString() == "lan" ? Exposure.Lan : Exposure.Everywhere,
                Access = access,
                Declared = root.TryGetProperty("declared", out var declared) ? declared.GetRawText() : null,
                TimeToLive = TimeSpan.FromSeconds(root.GetProperty("ttl").GetDouble()),
                Owner = root.GetProperty("owner").GetString()!,
                Since = root.GetProperty("since").GetInt64(),
            };
        }
        catch (Exception wrong) when (wrong is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException)
        {
            return null;
        }
    }
}
