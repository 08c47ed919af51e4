using System.Buffers;
using System.Globalization;
using System.Text;

namespace Edge.Observability.Requests;

/// <summary>
/// Writes lines in the combined format of NCSA, escaped as Apache does: what a client chooses can neither end a field nor
/// the line.
/// </summary>
internal sealed class CombinedLine(IBufferWriter<byte> to)
{
    private readonly StringBuilder _line = new(512);

    public void Write(RequestRecord record, AccessLogOptions options)
    {
        var (path, query) = RequestText.Split(record.Target, options.Query);
        _line.Clear();
        if (options.Format == AccessLogFormat.VhostCombined)
        {
            Field(record.Host.Contains(':', StringComparison.Ordinal) ? record.Host : $"{record.Host}:{(record.Scheme == "https" ? 443 : 80)}", isQuoted: false);
            _line.Append(' ');
        }

        _line.Append(RequestText.Client(record.Client, options.OnlyNetworks)).Append(" - ");
        Field(record.User, isQuoted: false);
        _line.Append(record.Time.ToUniversalTime().ToString(" '['dd/MMM/yyyy:HH:mm:ss '+0000]' '\"'", CultureInfo.InvariantCulture));
        Request(record, query is null ? path : $"{path}?{query}");
        _line.Append("\" ").Append(CultureInfo.InvariantCulture, $"{record.Status} ");
        _line.Append(CultureInfo.InvariantCulture, $"{(record.Bytes is { } bytes and > 0 ? bytes : "-")}").Append(" \"");
        Field(record.Referer is { } referer ? RequestText.Url(referer, options.Query) : null, isQuoted: true);
        _line.Append("\" \"");
        Field(record.UserAgent, isQuoted: true);
        _line.Append("\"\n");
        foreach (var chunk in _line.GetChunks())
        {
            Encoding.ASCII.GetBytes(chunk.Span, to);
        }
    }

    // Of what is no request there is none of these.
    private void Request(RequestRecord record, string target)
    {
        Field(record.Method, isQuoted: true);
        if (record.Method.Length > 0)
        {
            _line.Append(' ');
            Field(target, isQuoted: true);
            _line.Append(' ').Append(record.Protocol);
        }
    }

    // As Apache's ap_escape_logitem writes it; a space ends what stands without quotes.
    private void Field(string? text, bool isQuoted)
    {
        if (string.IsNullOrEmpty(text))
        {
            _line.Append('-');
            return;
        }

        foreach (var c in text)
        {
            if (c is '"' or '\\')
            {
                _line.Append('\\').Append(c);
            }
            else if (c > ' ' && c < 0x7F || (c == ' ' && isQuoted))
            {
                _line.Append(c);
            }
            else
            {
                Escape(c);
            }
        }
    }

    private void Escape(char c)
    {
        Span<byte> bytes = stackalloc byte[4];
        foreach (var b in bytes[..Encoding.UTF8.GetBytes([c], bytes)])
        {
            _line.Append(CultureInfo.InvariantCulture, $"\\x{b:x2}");
        }
    }
}
