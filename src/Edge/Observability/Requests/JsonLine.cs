using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Edge.Observability.Requests;

/// <summary>
/// Writes lines of JSON. Names and their order are a promise to those who read them, and new ones only come at the end:
/// what a client can choose stands behind its address and the status, and inside of quotes.
/// </summary>
internal sealed class JsonLine(IBufferWriter<byte> to) : IDisposable
{
    // A log is no web page: what HTML would misunderstand need not be escaped.
    private readonly Utf8JsonWriter _json = new(to, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true });

    public void Write(RequestRecord record, AccessLogOptions options)
    {
        var (path, query) = RequestText.Split(record.Target, options.Query);
        _json.Reset(to);
        _json.WriteStartObject();
        _json.WriteString("time", record.Time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", System.Globalization.CultureInfo.InvariantCulture));
        _json.WriteString("client", RequestText.Client(record.Client, options.OnlyNetworks));
        _json.WriteNumber("status", record.Status);
        _json.WriteString("method", record.Method);
        _json.WriteString("scheme", record.Scheme);
        _json.WriteString("host", record.Host);
        _json.WriteString("path", path);
        Optional("query", query);
        _json.WriteString("protocol", record.Protocol);
        if (record.Bytes is { } bytes)
        {
            _json.WriteNumber("bytes", bytes);
        }

        _json.WriteNumber("duration", Seconds(record.Duration));
        _json.WriteString("id", record.Id);
        if (record.Route is { } route)
        {
            _json.WriteString("route", route);
            Optional("service", RouteName.Service(route));
        }

        Optional("destination", record.Destination);
        if (record.Upstream is { } upstream)
        {
            _json.WriteNumber("upstream", Seconds(upstream));
        }

        Optional("user", record.User);
        Optional("user_agent", record.UserAgent);
        Optional("referer", record.Referer is { } referer ? RequestText.Url(referer, options.Query) : null);
        Optional("error", record.Error);
        if (record.Aborted)
        {
            _json.WriteBoolean("aborted", true);
        }

        _json.WriteEndObject();
        _json.Flush();
        to.Write("\n"u8);
    }

    public void Dispose() => _json.Dispose();

    private void Optional(string name, string? value)
    {
        if (value is not null)
        {
            _json.WriteString(name, value);
        }
    }

    private static decimal Seconds(TimeSpan time) => decimal.Round((decimal)time.TotalSeconds, 6);
}
