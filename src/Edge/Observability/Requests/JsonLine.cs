using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Edge.Observability.Requests;

/// <summary>
/// Writes lines of JSON. Names and their order are a promise to those who read them, and new ones only come at the end:
/// what a client can choose stands behind its address and the status, and inside of quotes.
/// </summary>
internal sealed class JsonLine(IBufferWriter<byte> to) : IDisposable
{
    // Longer than those of the web server.
    private const int LongNumber = 64;

    // A log is no web page: what HTML would misunderstand need not be escaped.
    private readonly Utf8JsonWriter _json = new(to, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true });
    private readonly byte[] _time = new byte["yyyy-MM-ddTHH:mm:ss.fffZ".Length];
    private long _second = -1;

    public void Write(RequestRecord record, AccessLogOptions options)
    {
        var (path, query) = RequestText.Split(record.Target, options.Query);
        _json.Reset(to);
        _json.WriteStartObject();
        _json.WriteString(JsonNames.Time, Written(record.Time));
        _json.WriteString(JsonNames.Client, RequestText.Client(record.Client, options.OnlyNetworks));
        _json.WriteNumber(JsonNames.Status, record.Status);
        _json.WriteString(JsonNames.Method, record.Method);
        _json.WriteString(JsonNames.Scheme, record.Scheme);
        _json.WriteString(JsonNames.Host, record.Host);
        _json.WriteString(JsonNames.Path, path);
        Optional(JsonNames.Query, query);
        _json.WriteString(JsonNames.Protocol, record.Protocol);
        if (record.Bytes is { } bytes)
        {
            _json.WriteNumber(JsonNames.Bytes, bytes);
        }

        _json.WriteNumber(JsonNames.Duration, Seconds(record.Duration));
        Number(record.Number);
        if (record.Route is { } route)
        {
            _json.WriteString(JsonNames.Route, route);
            if (RouteName.Service(route) is { IsEmpty: false } service)
            {
                _json.WriteString(JsonNames.Service, service);
            }
        }

        Optional(JsonNames.Destination, record.Destination);
        if (record.Upstream is { } upstream)
        {
            _json.WriteNumber(JsonNames.Upstream, Seconds(upstream));
        }

        Optional(JsonNames.User, record.User);
        Optional(JsonNames.UserAgent, record.UserAgent);
        Optional(JsonNames.Referer, record.Referer is { } referer ? RequestText.Url(referer, options.Query) : null);
        Optional(JsonNames.Error, record.Error);
        if (record.Aborted)
        {
            _json.WriteBoolean(JsonNames.Aborted, true);
        }

        _json.WriteEndObject();
        _json.Flush();
        to.Write("\n"u8);
    }

    public void Dispose() => _json.Dispose();

    private void Optional(JsonEncodedText name, string? value)
    {
        if (value is not null)
        {
            _json.WriteString(name, value);
        }
    }

    private void Number(RequestNumber number)
    {
        Span<byte> text = stackalloc byte[LongNumber];
        if (number.Length <= text.Length)
        {
            number.Write(text);
            _json.WriteString(JsonNames.Id, text[..number.Length]);
        }
        else
        {
            _json.WriteString(JsonNames.Id, number.ToString());
        }
    }

    // Many lines are of the same second.
    private ReadOnlySpan<byte> Written(DateTimeOffset time)
    {
        var (second, rest) = Math.DivRem(time.UtcTicks, TimeSpan.TicksPerSecond);
        if (second != _second)
        {
            time.UtcDateTime.TryFormat(_time, out _, "yyyy-MM-ddTHH:mm:ss.000Z", CultureInfo.InvariantCulture);
            _second = second;
        }

        ((int)(rest / TimeSpan.TicksPerMillisecond)).TryFormat(_time.AsSpan(^4..^1), out _, "000", CultureInfo.InvariantCulture);
        return _time;
    }

    // Microseconds, without zeros at the end.
    private static decimal Seconds(TimeSpan time)
    {
        var (number, digits) = ((time.Ticks + (TimeSpan.TicksPerMicrosecond / 2)) / TimeSpan.TicksPerMicrosecond, (byte)6);
        while (digits > 0 && number % 10 == 0)
        {
            number /= 10;
            digits--;
        }

        return new decimal((int)number, (int)(number >> 32), 0, isNegative: false, digits);
    }
}
