using System.Text.Json;
using Edge.Settings;

namespace Edge.Admin.Commands;

/// <summary>What is said of a service that is registered from the command line, as JSON.</summary>
internal static class RegistrationDocument
{
    public static byte[] Of(string[] to, string[] hosts, string[] listen, string? expose, TimeSpan lease)
    {
        using var body = new MemoryStream();
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            WriteList(json, "to", to);
            WriteList(json, "host", hosts);
            WriteList(json, "listen", listen);
            if (expose is not null)
            {
                json.WriteString("expose", expose);
            }

            json.WriteString("ttl", DurationText.Format(lease));
            json.WriteEndObject();
        }

        return body.ToArray();
    }

    private static void WriteList(Utf8JsonWriter json, string key, string[] values)
    {
        if (values.Length == 0)
        {
            return;
        }

        json.WriteStartArray(key);
        foreach (var value in values)
        {
            json.WriteStringValue(value);
        }

        json.WriteEndArray();
    }
}
