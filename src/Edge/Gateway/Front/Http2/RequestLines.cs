using System.Buffers;
using Edge.Gateway.Straight;

namespace Edge.Gateway.Front.Http2;

/// <summary>
/// Writes what a client asks over HTTP/2 as it would ask it over HTTP/1.1: what may go by the front is decided, and written
/// to the destination, in one place for both.
/// </summary>
internal static class RequestLines
{
    // Longer ones are the web server's anyway.
    public const int Longest = 8 * 1024;

    // RFC 9113 section 8.2.1: no capital letters.
    private static readonly SearchValues<byte> NameBytes = SearchValues.Create("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"u8);
    private static readonly SearchValues<byte> ValueBytes = SearchValues.Create([.. Enumerable.Range(0x20, 0x5F).Append('\t').Select(code => (byte)code)]);
    private static readonly SearchValues<byte> PathBytes = SearchValues.Create([.. Enumerable.Range(0x21, 0x5E).Select(code => (byte)code)]);

    /// <summary>Writes it; 0 for what the web server has to read.</summary>
    /// <param name="fields">What the client has sent.</param>
    /// <param name="into">Where it goes.</param>
    /// <param name="takesTrailers">It says that it takes trailers, which HTTP/2 says of the whole way (section 8.2.2).</param>
    public static int Write(FieldList fields, Span<byte> into, out bool takesTrailers)
    {
        takesTrailers = false;
        var writer = new HeadWriter(into);
        var at = First(fields, ref writer);
        if (at == 0)
        {
            return 0;
        }

        var cookies = 0;
        for (; at < fields.Count; at++)
        {
            var name = fields.Name(at);
            var value = fields.Value(at);
            if (name.IsEmpty || name.ContainsAnyExcept(NameBytes) || value.ContainsAnyExcept(ValueBytes) || value.Trim(" \t"u8).Length != value.Length)
            {
                return 0;
            }

            switch (name.Length)
            {
                case 2 when name.SequenceEqual("te"u8) && !takesTrailers && value.SequenceEqual("trailers"u8):
                    takesTrailers = true;
                    continue;
                case 4 when name.SequenceEqual("host"u8):
                case 10 when name.SequenceEqual("connection"u8):
                    return 0;
                case 6 when name.SequenceEqual("cookie"u8):
                    cookies++;
                    continue;
            }

            Line(name, value, ref writer);
        }

        if (cookies > 0)
        {
            Cookies(fields, ref writer);
        }

        writer.Bytes("\r\n"u8);
        return writer.IsVoid ? 0 : writer.Length;
    }

    // The line of the request and its Host; how many fields say it, or 0 (section 8.3.1).
    private static int First(FieldList fields, ref HeadWriter writer)
    {
        ReadOnlySpan<byte> method = default, path = default, authority = default, scheme = default;
        var at = 0;
        for (; at < fields.Count && fields.Name(at) is [(byte)':', .. var name]; at++)
        {
            var value = fields.Value(at);
            switch (name.Length)
            {
                case 4 when path.IsEmpty && name.SequenceEqual("path"u8):
                    path = value;
                    break;
                case 6 when method.IsEmpty && name.SequenceEqual("method"u8):
                    method = value;
                    break;
                case 6 when scheme.IsEmpty && name.SequenceEqual("scheme"u8):
                    scheme = value;
                    break;
                case 9 when authority.IsEmpty && name.SequenceEqual("authority"u8):
                    authority = value;
                    break;
                default:
                    return 0;
            }
        }

        // Four of them, each with a value, are these four.
        if (at != 4 || !(method.SequenceEqual("GET"u8) || method.SequenceEqual("HEAD"u8)) || !scheme.SequenceEqual("https"u8)
            || path.IsEmpty || path.ContainsAnyExcept(PathBytes) || authority.IsEmpty || authority.ContainsAnyExcept(PathBytes))
        {
            return 0;
        }

        writer.Bytes(method);
        writer.Bytes(" "u8);
        writer.Bytes(path);
        writer.Bytes(" HTTP/1.1\r\nHost: "u8);
        writer.Bytes(authority);
        writer.Bytes("\r\n"u8);
        return at;
    }

    // Some small destinations know names only as everybody writes them in HTTP/1.1. Those that the web server does not know it leaves as they are.
    private static void Line(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, ref HeadWriter writer)
    {
        Span<byte> written = stackalloc byte[32];
        if (name.Length > written.Length || !(StaticTable.Find(name) > 0 || IsCommon(name)))
        {
            writer.Field(name, value);
            return;
        }

        var isFirst = true;
        for (var i = 0; i < name.Length; i++)
        {
            var letter = name[i];
            written[i] = isFirst && letter is >= (byte)'a' and <= (byte)'z' ? (byte)(letter - 0x20) : letter;
            isFirst = letter == '-';
        }

        writer.Field(written[..name.Length], value);
    }

    // Beside those that HTTP/2 knows by numbers.
    private static bool IsCommon(ReadOnlySpan<byte> name) => name.Length switch
    {
        6 => name.SequenceEqual("origin"u8) || name.SequenceEqual("pragma"u8),
        25 => name.SequenceEqual("upgrade-insecure-requests"u8),
        29 => name.SequenceEqual("access-control-request-method"u8),
        30 => name.SequenceEqual("access-control-request-headers"u8),
        _ => false,
    };

    // Clients send cookies one by one, as few change; they are one field (section 8.2.3).
    private static void Cookies(FieldList fields, ref HeadWriter writer)
    {
        writer.Bytes("Cookie: "u8);
        var isFirst = true;
        for (var at = 0; at < fields.Count; at++)
        {
            if (fields.Name(at).SequenceEqual("cookie"u8))
            {
                writer.Bytes(isFirst ? default : "; "u8);
                writer.Bytes(fields.Value(at));
                isFirst = false;
            }
        }

        writer.Bytes("\r\n"u8);
    }
}
