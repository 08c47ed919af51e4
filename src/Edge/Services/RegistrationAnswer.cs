using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace Edge.Services;

/// <summary>Writes registrations as the JSON of the API.</summary>
internal sealed class RegistrationAnswer(IServiceStatus status, TimeProvider time)
{
    public async Task WriteAsync(HttpContext context, int code, RegistrationState state, bool live) =>
        await SendAsync(context, code, json => Write(json, state, live, status.Of)).ConfigureAwait(false);

    public async Task WriteAsync(HttpContext context, IReadOnlyList<RegistrationState> states) =>
        await SendAsync(context, StatusCodes.Status200OK, json =>
        {
            var look = status.Look();
            json.WriteStartObject();
            json.WriteStartArray("services");
            foreach (var state in states)
            {
                Write(json, state, live: true, look);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }).ConfigureAwait(false);

    /// <summary>A registration in one line, and how many are served at one moment.</summary>
    public Func<RegistrationState, bool, byte[]> LinesOf()
    {
        var look = status.Look();
        return (state, live) => LineOf(state, live, look);
    }

    /// <summary>A registration in one line.</summary>
    public byte[] LineOf(RegistrationState state, bool live) => LineOf(state, live, status.Of);

    private static byte[] Bytes(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            write(json);
        }

        return buffer.WrittenSpan.ToArray();
    }

    private byte[] LineOf(RegistrationState state, bool live, Func<Service, ServiceStatus?> look) => Bytes(json => Write(json, state, live, look));

    /// <summary>The name of one that has ended.</summary>
    public static byte[] LineOf(string name) => Bytes(json =>
    {
        json.WriteStartObject();
        json.WriteString("name", name);
        json.WriteEndObject();
    });

    private static async Task SendAsync(HttpContext context, int code, Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            write(json);
        }

        buffer.Write("\n"u8);
        context.Response.StatusCode = code;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = buffer.WrittenCount;
        await context.Response.Body.WriteAsync(buffer.WrittenMemory, context.RequestAborted).ConfigureAwait(false);
    }

    private void Write(Utf8JsonWriter json, RegistrationState state, bool live, Func<Service, ServiceStatus?> look)
    {
        var registration = state.Registration;
        var known = state.InEffect is { } service ? look(service) : null;
        json.WriteStartObject();
        json.WriteString("name", registration.Name);
        Strings(json, "hosts", registration.Hosts);
        Strings(json, "urls", known?.Urls ?? registration.Hosts.Where(host => host[0] != '*').Select(host => $"https://{host}/"));
        Strings(json, "to", registration.To.Select(to => to.OriginalString));
        json.WriteString("expose", registration.Expose == Exposure.Lan ? "lan" : "everywhere");
        if (registration.Access is { } access)
        {
            json.WritePropertyName("access");
            json.WriteRawValue(access.Json);
        }

        json.WriteString("owner", registration.Owner);
        json.WriteNumber("revision", state.Revision);
        Lease(json, state);
        json.WriteStartObject("live");
        var (served, notes) = ServedNotes.Of(state, known, live);
        json.WriteBoolean("served", served);
        Strings(json, "notes", notes);
        Strings(json, "lost", registration.Hosts.Where(host => state.InEffect?.Hosts.Contains(host) != true));
        if (known is not null)
        {
            Live(json, known);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private void Lease(Utf8JsonWriter json, RegistrationState state)
    {
        if (state.LeaseEnds is not { } ends)
        {
            json.WriteNull("lease");
            return;
        }

        json.WriteStartObject("lease");
        json.WriteNumber("seconds", state.Registration.TimeToLive.TotalSeconds);
        json.WriteNumber("remaining", Math.Max(0, Math.Round((ends - time.GetUtcNow()).TotalSeconds)));
        json.WriteString("ends", ends.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
        // Relative to the request's own URL (RFC 3986, section 4.2), so that it is right behind any proxy.
        json.WriteString("renew", $"{RegistrationEndpoint.Path}/{state.Registration.Name}/renew");
        json.WriteEndObject();
    }

    private static void Live(Utf8JsonWriter json, ServiceStatus known)
    {
        json.WriteStartArray("names");
        foreach (var name in known.Names)
        {
            json.WriteStartObject();
            json.WriteString("view", name.View);
            json.WriteString("host", name.Host);
            Strings(json, "addresses", name.Addresses);
            if (name.Alias is not null)
            {
                json.WriteString("alias", name.Alias);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteString("route", known.Route);
        json.WriteStartArray("certificates");
        foreach (var certificate in known.Certificates)
        {
            json.WriteStartObject();
            json.WriteString("host", certificate.Host);
            json.WriteString("issuer", certificate.Issuer);
            if (certificate.NotAfter is { } end)
            {
                json.WriteString("notAfter", end.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
            }

            json.WriteString("state", certificate.State);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Strings(Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
        {
            json.WriteStringValue(value);
        }

        json.WriteEndArray();
    }
}
