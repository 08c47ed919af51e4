using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Edge.Observability.Requests;

/// <summary>The parts of a line as they may be shown: URLs without what may be secret, addresses as they are to be known.</summary>
internal static class RequestText
{
    private const int Bits4 = 24;
    private const int Bits6 = 56;
    private const int LongestWord = 16;

    /// <summary>A target in its two parts; what a query says is left out as <paramref name="display"/> wants it.</summary>
    /// <param name="target">"/a?page=1&amp;token=secret", also in its absolute form.</param>
    /// <param name="display">What is kept of the query.</param>
    public static (string Path, string? Query) Split(string target, QueryDisplay display)
    {
        target = WithoutUser(target);
        var mark = target.IndexOf('?', StringComparison.Ordinal);
        return mark < 0 ? (target, null) : (target[..mark], display switch
        {
            QueryDisplay.Full => target[(mark + 1)..],
            QueryDisplay.Names => Names(target.AsSpan(mark + 1)),
            _ => null,
        });
    }

    // RFC 3986 section 3.2.1: what stands before the @ of an authority may be a password.
    private static string WithoutUser(string target)
    {
        if (target.StartsWith('/') || target.IndexOf("://", StringComparison.Ordinal) is not (>= 0 and var scheme))
        {
            return target;
        }

        var authority = target.AsSpan(scheme + 3);
        var end = authority.IndexOfAny('/', '?', '#');
        var user = authority[..(end < 0 ? authority.Length : end)].LastIndexOf('@');
        return user < 0 ? target : string.Concat(target.AsSpan(0, scheme + 3), authority[(user + 1)..]);
    }

    /// <summary>A URL of somebody else's, such as a referrer, without what may be secret.</summary>
    public static string Url(string url, QueryDisplay display)
    {
        var (path, query) = Split(url, display);
        return query is null ? path : $"{path}?{query}";
    }

    /// <summary>A client's address as it is written.</summary>
    public static string Client(IPAddress? client, bool onlyNetwork)
    {
        if (client is null)
        {
            return "-";
        }

        var address = client.IsIPv4MappedToIPv6 ? client.MapToIPv4() : client;
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out var length);
        if (!onlyNetwork)
        {
            // Without the zone of a link-local address, which is a number of this machine.
            return address.AddressFamily == AddressFamily.InterNetworkV6 && address.ScopeId != 0 ? new IPAddress(bytes[..length]).ToString() : address.ToString();
        }

        var bits = length == 4 ? Bits4 : Bits6;
        bytes[(bits / 8)..length].Clear();
        return $"{new IPAddress(bytes[..length])}/{bits}";
    }

    // "page=1&token=secret&flag&dGhpcyBpcw" gives "page=*&token=*&flag&*": without "=" it may be all secret, unless it looks like a word.
    // So may what has nothing behind it: base64 ends in "=" (RFC 4648 section 4), as an empty parameter does.
    private static string Names(ReadOnlySpan<char> query)
    {
        var names = new StringBuilder(query.Length);
        foreach (var part in query.Split('&'))
        {
            var piece = query[part];
            var equals = piece.IndexOf('=');
            names.Append(names.Length > 0 ? "&" : "").Append(IsNamed(piece, equals) ? piece[..equals] : IsWord(piece) ? piece : "*").Append(IsNamed(piece, equals) ? "=*" : "");
        }

        return names.ToString();
    }

    private static bool IsNamed(ReadOnlySpan<char> piece, int equals) =>
        equals >= 0 && (piece[(equals + 1)..].ContainsAnyExcept('=') || (equals == piece.Length - 1 && equals <= LongestWord && !piece.ContainsAnyInRange('0', '9')));

    private static bool IsWord(ReadOnlySpan<char> piece)
    {
        foreach (var c in piece)
        {
            if (!char.IsAsciiLetterLower(c) && c is not ('-' or '_'))
            {
                return false;
            }
        }

        return piece.Length <= LongestWord;
    }
}
