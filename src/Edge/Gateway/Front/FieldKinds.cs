using System.Buffers;
using System.Text;
using Edge.Gateway.Straight;

namespace Edge.Gateway.Front;

/// <summary>Tells the field lines of a request apart.</summary>
internal static class FieldKinds
{
    private const int LongestName = 64;

    private static readonly SearchValues<byte> HostBytes = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_"u8);

    /// <param name="name">A token.</param>
    /// <param name="value">Without spaces around it.</param>
    public static FieldKind Of(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        switch (name.Length)
        {
            case 4 when Is(name, "Host"u8):
                return IsPlainHost(value) ? FieldKind.Host : FieldKind.OtherWay;
            case 6 when Is(name, "Cookie"u8):
                return FieldKind.Cookie;
            case 7 when Is(name, "Referer"u8):
                return FieldKind.Referer;
            case 14 when Is(name, "Sec-Fetch-Site"u8):
                return FieldKind.FetchSite;
            case 10 when Is(name, "User-Agent"u8):
                return FieldKind.UserAgent;
            case 10 when Is(name, "Connection"u8):
                return Is(value, "keep-alive"u8) ? FieldKind.StaysBehind : Is(value, "close"u8) ? FieldKind.Closes : FieldKind.OtherWay;
        }

        return IsForOtherWays(name, value) ? FieldKind.OtherWay : FieldKind.GoesOn;
    }

    // A name, and maybe a port.
    private static bool IsPlainHost(ReadOnlySpan<byte> host)
    {
        var colon = host.IndexOf((byte)':');
        var port = host[(colon + 1)..];
        return colon < 0
            ? !host.IsEmpty && !host.ContainsAnyExcept(HostBytes)
            : colon > 0 && !host[..colon].ContainsAnyExcept(HostBytes) && port.Length is > 0 and <= 5 && !port.ContainsAnyExceptInRange((byte)'0', (byte)'9');
    }

    // What belongs to a connection, announces a body, asks for a stream, or says what only this gateway may say.
    private static bool IsForOtherWays(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) => name.Length switch
    {
        > LongestName => true,
        6 when Is(name, "Accept"u8) => IsForStream(value),
        6 when Is(name, "Expect"u8) => true,
        12 when Is(name, "Content-Type"u8) => true,
        14 when Is(name, "Content-Length"u8) => true,
        _ => HeaderTexts.StaysBehind(name) || IsOurs(name),
    };

    private static bool IsForStream(ReadOnlySpan<byte> accept)
    {
        // Mostly it is "*/*", or begins with text/html and has many others.
        var rest = accept;
        for (int slash; (slash = rest.IndexOf((byte)'/')) >= 0; rest = rest[(slash + 1)..])
        {
            if (rest.Length > slash + "event-stream".Length && Ascii.EqualsIgnoreCase(rest.Slice(slash + 1, "event-stream".Length), "event-stream"u8))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsOurs(ReadOnlySpan<byte> name)
    {
        // Nearly all begin otherwise.
        if ((name[0] | 0x20) is not ('x' or 'f' or 'r' or 'c'))
        {
            return false;
        }

        Span<char> buffer = stackalloc char[LongestName];
        Ascii.ToUtf16(name, buffer, out var length);
        ReadOnlySpan<char> text = buffer[..length];
        return ServiceTransformer.IsStrangers(text) || text.Equals(LoopGuard.HeaderName, StringComparison.OrdinalIgnoreCase);
    }

    private static bool Is(ReadOnlySpan<byte> text, ReadOnlySpan<byte> other) => Ascii.EqualsIgnoreCase(text, other);
}
