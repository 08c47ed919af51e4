using System.Buffers;
using System.Globalization;
using System.Text;
using Edge.Access;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Edge.Gateway.Straight;

/// <summary>The head of an answer, looked through before anything of it goes to the client.</summary>
internal readonly ref struct ResponseHead
{
    // RFC 9110 section 5.6.2.
    public static readonly SearchValues<byte> TokenBytes = SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    // Control characters but the tab (section 5.5), and the ends of lines.
    public static readonly SearchValues<byte> Dangerous = SearchValues.Create([.. Enumerable.Range(0, 0x20).Append(0x7F).Except([0x09, 0x0A, 0x0D]).Select(code => (byte)code)]);

    // The headers that are for this connection only, where it says some (RFC 9110 section 7.6.1).
    private readonly ReadOnlySpan<byte> _nominated;

    private ResponseHead(int all, ReadOnlySpan<byte> lines, ReadOnlySpan<byte> reason, ReadOnlySpan<byte> nominated, int status, BodyKind body, long length, bool keepsAlive, bool isEventStream)
    {
        Length = all;
        Lines = lines;
        Reason = reason;
        _nominated = nominated;
        (Status, Body, BodyLength, KeepsAlive, IsEventStream) = (status, body, length, keepsAlive, isEventStream);
    }

    /// <summary>Its bytes, the empty line included.</summary>
    public int Length { get; }

    /// <summary>Its field lines, as they are.</summary>
    public ReadOnlySpan<byte> Lines { get; }

    /// <summary>What it says beside the status; it may be empty.</summary>
    public ReadOnlySpan<byte> Reason { get; }

    public int Status { get; }

    /// <summary>How its body ends, where the request and the status let it have one.</summary>
    public BodyKind Body { get; }

    /// <summary>The value of Content-Length; -1 for none.</summary>
    public long BodyLength { get; }

    /// <summary>Whether the connection may carry another request (RFC 9112 section 9.3).</summary>
    public bool KeepsAlive { get; }

    /// <summary>Its body is made while it is read, and may be silent for long.</summary>
    public bool IsEventStream { get; }

    private static ReadOnlySpan<byte> Connection => "Connection"u8;

    private static ReadOnlySpan<byte> EventStream => "text/event-stream"u8;

    /// <summary>How long the head is, its empty line included; 0 while it has not come to its end.</summary>
    public static int LengthOf(ReadOnlySpan<byte> received)
    {
        // A sender may leave out the CR (RFC 9112 section 2.2); the body may hold what looks like an end.
        var end = received.IndexOf("\n\r\n"u8);
        var bare = (end < 0 ? received : received[..(end + 1)]).IndexOf("\n\n"u8);
        return bare >= 0 ? bare + 2 : end >= 0 ? end + 3 : 0;
    }

    /// <summary>Reads a whole head. False for one that is written in a way that has to be read with more patience.</summary>
    public static bool TryRead(ReadOnlySpan<byte> head, out ResponseHead read)
    {
        read = default;
        if (head.ContainsAny(Dangerous))
        {
            return false;
        }

        var rest = head;
        var first = NextLine(ref rest);
        // HTTP/1.1 200 OK
        if (first.Length < 12 || !first.StartsWith("HTTP/1."u8) || first[7] is not ((byte)'0' or (byte)'1') || first[8] != ' '
            || !int.TryParse(first.Slice(9, 3), NumberStyles.None, CultureInfo.InvariantCulture, out var status) || status < 100
            || (first.Length > 12 && first[12] != ' ') || first.Contains((byte)'\r') || !Ascii.IsValid(first))
        {
            return false;
        }

        var lines = rest;
        var (keepsAlive, chunked, length, streams) = (first[7] == '1', false, -1L, false);
        var nominated = default(ReadOnlySpan<byte>);
        while (NextLine(ref rest) is { IsEmpty: false } line)
        {
            if (!TrySplit(line, out var name, out var value) || !TryMind(name, value, ref keepsAlive, ref chunked, ref length, ref streams))
            {
                return false;
            }

            if (name.Length == Connection.Length && Ascii.EqualsIgnoreCase(name, Connection) && !IsOnlyPersistence(value))
            {
                // Twice is for those with more patience.
                if (!nominated.IsEmpty)
                {
                    return false;
                }

                nominated = value;
            }
        }

        // Both together are a message that two readers may end at two places (RFC 9112 section 6.3); HTTP/1.0 has no chunks.
        if (chunked && (length >= 0 || first[7] == '0'))
        {
            return false;
        }

        var body = chunked ? BodyKind.Chunked : length >= 0 ? BodyKind.Length : BodyKind.UntilClose;
        read = new ResponseHead(head.Length, lines, first.Length > 13 ? first[13..] : default, nominated, status, body, length, keepsAlive, streams);
        return true;
    }

    /// <summary>Gives the client's answer its status and headers.</summary>
    public void CopyTo(HttpContext context, HeaderMemory memory)
    {
        var response = context.Response;
        response.StatusCode = Status;
        if (!Reason.IsEmpty && !Ascii.Equals(Reason, ReasonPhrases.GetReasonPhrase(Status)) && context.Features.Get<IHttpResponseFeature>() is { } feature)
        {
            feature.ReasonPhrase = Encoding.ASCII.GetString(Reason);
        }

        var rest = Lines;
        for (var index = 0; NextLine(ref rest) is { IsEmpty: false } line; index++)
        {
            TrySplit(line, out var bytes, out var value);
            var name = memory.Name(index, bytes);
            if (HeaderTexts.StaysBehind(name) || IsNominated(bytes) || (ReferenceEquals(name, HeaderNames.SetCookie) && ReservedCookies.Holds(context, value)))
            {
                continue;
            }

            if (name.Length == "Content-Length".Length && Ascii.EqualsIgnoreCase(bytes, "Content-Length"u8))
            {
                response.Headers.ContentLength = BodyLength;
                continue;
            }

            var text = memory.Value(index, value);
            var before = response.Headers[name];
            response.Headers[name] = before.Count == 0 ? text : StringValues.Concat(before, text);
        }
    }

    /// <summary>Whether it is for the destination's connection only because the destination says so.</summary>
    public bool IsNominated(ReadOnlySpan<byte> name) => !_nominated.IsEmpty && Names(_nominated, name);

    /// <summary>A line without its end; empty for the empty line, and when there is none.</summary>
    public static ReadOnlySpan<byte> NextLine(scoped ref ReadOnlySpan<byte> rest)
    {
        var feed = rest.IndexOf((byte)'\n');
        if (feed < 0)
        {
            return default;
        }

        var line = rest[..feed];
        rest = rest[(feed + 1)..];
        return line.EndsWith("\r"u8) ? line[..^1] : line;
    }

    /// <summary>Name and value of a field line (RFC 9112 section 5).</summary>
    public static bool TrySplit(ReadOnlySpan<byte> line, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        var colon = line.IndexOf((byte)':');
        name = colon > 0 ? line[..colon] : default;
        value = colon > 0 ? line[(colon + 1)..].Trim(" \t"u8) : default;
        // A value over several lines (section 5.2) begins with a space, which is no name.
        return colon > 0 && !name.ContainsAnyExcept(TokenBytes) && !value.Contains((byte)'\r');
    }

    // What decides where the message ends, and the connection.
    private static bool TryMind(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, ref bool keepsAlive, ref bool chunked, ref long length, ref bool streams)
    {
        switch (name.Length)
        {
            case 10 when Ascii.EqualsIgnoreCase(name, Connection):
                keepsAlive &= !Names(value, "close"u8);
                return true;
            case 12 when Ascii.EqualsIgnoreCase(name, "Content-Type"u8):
                streams = value.Length >= EventStream.Length && Ascii.EqualsIgnoreCase(value[..EventStream.Length], EventStream);
                return true;
            case 14 when Ascii.EqualsIgnoreCase(name, "Content-Length"u8):
                var first = length < 0;
                return long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out length) && first;
            case 17 when Ascii.EqualsIgnoreCase(name, "Transfer-Encoding"u8):
                var only = !chunked;
                chunked = Ascii.EqualsIgnoreCase(value, "chunked"u8);
                return chunked && only;
            default:
                return true;
        }
    }

    private static bool IsOnlyPersistence(ReadOnlySpan<byte> connection) =>
        Ascii.EqualsIgnoreCase(connection, "keep-alive"u8) || Ascii.EqualsIgnoreCase(connection, "close"u8);

    private static bool Names(ReadOnlySpan<byte> list, ReadOnlySpan<byte> option)
    {
        foreach (var range in list.Split((byte)','))
        {
            if (Ascii.EqualsIgnoreCase(list[range].Trim(" \t"u8), option))
            {
                return true;
            }
        }

        return false;
    }
}
