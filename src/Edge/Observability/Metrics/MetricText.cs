using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Edge.Observability.Metrics;

/// <summary>
/// Writes metrics in the text format of Prometheus, version 0.0.4: each family with its help and its type in front, all its
/// samples behind it. With thousands of routes that is many megabytes, so they lie as they are sent, in pieces that are used again.
/// </summary>
internal sealed class MetricText : IMetricSink, IDisposable
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    // A piece that the pool keeps, and that is no large object.
    private const int PieceSize = 64 << 10;

    private static readonly SearchValues<char> Escaped = SearchValues.Create("\\\"\n");

    private readonly List<(byte[] Bytes, int Length)> _full = [];
    private readonly ArrayBufferWriter<byte> _labels = new(256);
    private byte[] _piece = ArrayPool<byte>.Shared.Rent(PieceSize);
    private string _family = "";
    private int _length;

    public IMetricSink Counter(string name, string help) => Family(name, help, "counter");

    public IMetricSink Gauge(string name, string help) => Family(name, help, "gauge");

    public IMetricSink Times(string name, string help) => Family(name, help, "histogram");

    public IMetricSink Sample(double value, params ReadOnlySpan<(string Name, string Value)> labels)
    {
        Take(labels);
        Line("", value, null);
        return this;
    }

    public IMetricSink Buckets(IReadOnlyList<long> counts, IReadOnlyList<double> bounds, double sum, params ReadOnlySpan<(string Name, string Value)> labels)
    {
        Take(labels);
        var total = 0L;
        for (var i = 0; i < counts.Count; i++)
        {
            total += counts[i];
            Line("_bucket", total, i < bounds.Count ? bounds[i] : double.PositiveInfinity);
        }

        Line("_sum", sum, null);
        Line("_count", total, null);
        return this;
    }

    /// <summary>Sends all of it.</summary>
    public async Task SendAsync(Stream to, CancellationToken cancel)
    {
        foreach (var (bytes, length) in _full)
        {
            await to.WriteAsync(bytes.AsMemory(0, length), cancel).ConfigureAwait(false);
        }

        await to.WriteAsync(_piece.AsMemory(0, _length), cancel).ConfigureAwait(false);
    }

    public void Dispose()
    {
        foreach (var (bytes, _) in _full)
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }

        _full.Clear();
        ArrayPool<byte>.Shared.Return(_piece);
        (_piece, _length) = ([], 0);
    }

    private MetricText Family(string name, string help, string type)
    {
        _family = name;
        foreach (var part in (ReadOnlySpan<string>)["# HELP ", name, " ", help, "\n# TYPE ", name, " ", type, "\n"])
        {
            Write(part);
        }

        return this;
    }

    // The labels of a sample are the same in all its lines.
    private void Take(ReadOnlySpan<(string Name, string Value)> labels)
    {
        _labels.ResetWrittenCount();
        foreach (var (name, value) in labels)
        {
            Encoding.UTF8.GetBytes(_labels.WrittenCount == 0 ? "{" : ",", _labels);
            Encoding.UTF8.GetBytes(name, _labels);
            Encoding.UTF8.GetBytes("=\"", _labels);
            Encoding.UTF8.GetBytes(Escape(value), _labels);
            Encoding.UTF8.GetBytes("\"", _labels);
        }
    }

    private void Line(string suffix, double value, double? bucket)
    {
        Write(_family);
        Write(suffix);
        Write(_labels.WrittenSpan);
        if (bucket is { } end)
        {
            Write(_labels.WrittenCount == 0 ? "{le=\"" : ",le=\"");
            Write(end);
            Write("\"");
        }

        Write(_labels.WrittenCount == 0 && bucket is null ? " " : "} ");
        Write(value);
        Write("\n");
    }

    private static string Escape(string text) => !text.AsSpan().ContainsAny(Escaped) ? text
        : text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    private void Write(double value)
    {
        if (double.IsInfinity(value))
        {
            Write(value > 0 ? "+Inf" : "-Inf");
            return;
        }

        // The shortest that is read back as the same, 32 bytes at most.
        Utf8Formatter.TryFormat(value, Room(32), out var written);
        _length += written;
    }

    // A sign of UTF-16 is three bytes of UTF-8 at most.
    private void Write(string text)
    {
        // By itself: what is added to would be read before the room is made, which may be in another piece.
        var room = Room(3 * text.Length);
        _length += Encoding.UTF8.GetBytes(text, room);
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var room = Room(1);
            var some = Math.Min(room.Length, bytes.Length);
            bytes[..some].CopyTo(room);
            _length += some;
            bytes = bytes[some..];
        }
    }

    private Span<byte> Room(int count)
    {
        if (_piece.Length - _length < count)
        {
            _full.Add((_piece, _length));
            (_piece, _length) = (ArrayPool<byte>.Shared.Rent(Math.Max(PieceSize, count)), 0);
        }

        return _piece.AsSpan(_length);
    }
}
