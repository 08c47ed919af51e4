using System.Buffers;
using System.Text;
using Edge.Access;
using Edge.Gateway.Straight;
using Edge.Observability.Requests;

namespace Edge.Gateway.Front;

/// <summary>
/// The head of a request that is written as nearly all are. Read more strictly than the web server does: what is left to
/// that one costs time, and what is taken for less than it is costs more.
/// </summary>
internal readonly ref struct FrontHead
{
    /// <summary>The most field lines that are read here.</summary>
    public const int MostLines = 40;

    private const int Longest = 8 * 1024;

    private static readonly SearchValues<byte> PlainBytes = SearchValues.Create([.. Enumerable.Range(0x20, 0x5F).Append('\t').Append('\r').Append('\n').Select(code => (byte)code)]);

    private readonly ReadOnlySpan<byte> _bytes;
    private readonly ReadOnlySpan<FieldLine> _lines;

    private FrontHead(ReadOnlySpan<byte> bytes, bool isHead, ReadOnlySpan<byte> target, ReadOnlySpan<FieldLine> lines)
    {
        _bytes = bytes;
        _lines = lines;
        IsHead = isHead;
        Target = target;
    }

    /// <summary>It is a HEAD, or else a GET.</summary>
    public bool IsHead { get; }

    /// <summary>As the client wrote it; not checked.</summary>
    public ReadOnlySpan<byte> Target { get; }

    /// <summary>Its bytes, the empty line included.</summary>
    public int Length => _bytes.Length;

    public ReadOnlySpan<byte> Host => Value(FieldKind.Host);

    /// <summary>The connection ends with the answer.</summary>
    public bool Closes => !Value(FieldKind.Closes).IsEmpty;

    /// <summary>A page of another site had its visitor's browser ask.</summary>
    public bool IsEmbedded => EmbeddedRequest.Is(Value(FieldKind.FetchSite));

    /// <summary>The value of the line of a kind; empty when there is none.</summary>
    public ReadOnlySpan<byte> Value(FieldKind kind)
    {
        foreach (ref readonly var line in _lines)
        {
            if (line.Kind == kind)
            {
                return line.ValueIn(_bytes);
            }
        }

        return default;
    }

    /// <summary>Reads it. False for one that is not whole, or that the web server has to read.</summary>
    /// <param name="received">What has come.</param>
    /// <param name="room">For <see cref="MostLines"/>.</param>
    /// <param name="head">What it says.</param>
    public static bool TryRead(ReadOnlySpan<byte> received, Span<FieldLine> room, out FrontHead head)
    {
        head = default;
        var isHead = received.StartsWith("HEAD /"u8);
        if (!isHead && !received.StartsWith("GET /"u8))
        {
            return false;
        }

        var end = received.IndexOf("\r\n\r\n"u8);
        if (end is < 0 or > Longest)
        {
            return false;
        }

        var bytes = received[..(end + "\r\n\r\n"u8.Length)];
        var line = bytes.IndexOf((byte)'\r');
        var first = bytes[(isHead ? "HEAD "u8 : "GET "u8).Length..line];
        var version = " HTTP/1.1"u8;
        if (!first.EndsWith(version) || bytes.ContainsAnyExcept(PlainBytes) || !TryReadLines(bytes, line, room, out var count))
        {
            return false;
        }

        head = new FrontHead(bytes, isHead, first[..^version.Length], room[..count]);
        return !head.Host.IsEmpty;
    }

    /// <summary>Writes what the destination is asked, as <see cref="RequestHead"/> does; 0 when it is too long.</summary>
    /// <param name="prefix">The path of the destination.</param>
    /// <param name="client">The headers that say who asks.</param>
    /// <param name="number">The request's number.</param>
    /// <param name="loopMark">This process in CDN-Loop.</param>
    /// <param name="into">Where it goes.</param>
    public int Write(ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> client, RequestNumber number, string loopMark, Span<byte> into)
    {
        var host = Host;
        var head = new HeadWriter(into);
        head.Bytes(IsHead ? "HEAD "u8 : "GET "u8);
        head.Bytes(prefix);
        head.Bytes(Target);
        head.Bytes(" HTTP/1.1\r\nHost: "u8);
        head.Bytes(host);
        head.Bytes("\r\n"u8);
        foreach (ref readonly var line in _lines)
        {
            if (line.Kind < FieldKind.Host)
            {
                head.Field(line.NameIn(_bytes), line.ValueIn(_bytes));
            }
        }

        head.Bytes(client);
        head.Bytes("X-Forwarded-Host: "u8);
        head.Bytes(host);
        head.Bytes("\r\n"u8);
        head.Header("X-Request-Id: "u8, number);
        head.Header("CDN-Loop: "u8, loopMark);
        head.Bytes("\r\n"u8);
        return head.IsVoid ? 0 : head.Length;
    }

    // Each line ends with both (RFC 9112 section 2.2), and begins with a name that a colon follows (section 5.1).
    private static bool TryReadLines(ReadOnlySpan<byte> bytes, int at, Span<FieldLine> room, out int count)
    {
        count = 0;
        while (bytes[at + 1] == '\n')
        {
            at += 2;
            var end = bytes[at..].IndexOfAny((byte)'\r', (byte)'\n');
            if (end == 0 || count == room.Length)
            {
                return end == 0 && bytes[at] == '\r';
            }

            var text = bytes.Slice(at, end);
            var colon = text.IndexOf((byte)':');
            if (bytes[at + end] != '\r' || colon <= 0 || text[..colon].ContainsAnyExcept(ResponseHead.TokenBytes))
            {
                return false;
            }

            var value = text[(colon + 1)..].Trim(" \t"u8);
            var start = at + end - text[(colon + 1)..].TrimStart(" \t"u8).Length;
            var line = new FieldLine((ushort)at, (ushort)colon, (ushort)start, (ushort)value.Length, FieldKinds.Of(text[..colon], value));
            if (line.Kind == FieldKind.OtherWay || IsThere(bytes, room[..count], text[..colon]))
            {
                return false;
            }

            room[count++] = line;
            at += end;
        }

        return false;
    }

    // Several lines of one name become one for the destination, which is for the web server to do.
    private static bool IsThere(ReadOnlySpan<byte> bytes, ReadOnlySpan<FieldLine> lines, ReadOnlySpan<byte> name)
    {
        foreach (ref readonly var line in lines)
        {
            if (line.NameLength == name.Length && Ascii.EqualsIgnoreCase(line.NameIn(bytes), name))
            {
                return true;
            }
        }

        return false;
    }
}
