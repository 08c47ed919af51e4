using System.Text;

namespace Edge.Gateway.Front.Http2;

/// <summary>The fields that both sides know (RFC 7541 appendix A).</summary>
internal static class StaticTable
{
    public const int Status200 = 8;
    public const int ContentLength = 28;
    public const int Date = 33;
    public const int StrictTransportSecurity = 56;
    public const int Count = 61;

    private static readonly (string Name, string Value)[] Texts =
    [
        (":authority", ""), (":method", "GET"), (":method", "POST"), (":path", "/"), (":path", "/index.html"), (":scheme", "http"), (":scheme", "https"),
        (":status", "200"), (":status", "204"), (":status", "206"), (":status", "304"), (":status", "400"), (":status", "404"), (":status", "500"),
        ("accept-charset", ""), ("accept-encoding", "gzip, deflate"), ("accept-language", ""), ("accept-ranges", ""), ("accept", ""),
        ("access-control-allow-origin", ""), ("age", ""), ("allow", ""), ("authorization", ""), ("cache-control", ""), ("content-disposition", ""),
        ("content-encoding", ""), ("content-language", ""), ("content-length", ""), ("content-location", ""), ("content-range", ""), ("content-type", ""),
        ("cookie", ""), ("date", ""), ("etag", ""), ("expect", ""), ("expires", ""), ("from", ""), ("host", ""), ("if-match", ""), ("if-modified-since", ""),
        ("if-none-match", ""), ("if-range", ""), ("if-unmodified-since", ""), ("last-modified", ""), ("link", ""), ("location", ""), ("max-forwards", ""),
        ("proxy-authenticate", ""), ("proxy-authorization", ""), ("range", ""), ("referer", ""), ("refresh", ""), ("retry-after", ""), ("server", ""),
        ("set-cookie", ""), ("strict-transport-security", ""), ("transfer-encoding", ""), ("user-agent", ""), ("vary", ""), ("via", ""), ("www-authenticate", ""),
    ];

    private static readonly byte[][] Names = [.. Texts.Select(one => Encoding.ASCII.GetBytes(one.Name))];
    private static readonly byte[][] Values = [.. Texts.Select(one => Encoding.ASCII.GetBytes(one.Value))];

    // By length, as few names have the same.
    private static readonly int[][] ByLength = Lengths();

    /// <param name="index">From 1.</param>
    public static ReadOnlySpan<byte> Name(int index) => Names[index - 1];

    /// <param name="index">From 1.</param>
    public static ReadOnlySpan<byte> Value(int index) => Values[index - 1];

    /// <summary>Where a name is; 0 where it is not.</summary>
    /// <param name="name">In letters of any case.</param>
    public static int Find(ReadOnlySpan<byte> name)
    {
        if (name.Length < ByLength.Length)
        {
            foreach (var index in ByLength[name.Length])
            {
                if (Ascii.EqualsIgnoreCase(name, Names[index - 1]))
                {
                    return index;
                }
            }
        }

        return 0;
    }

    private static int[][] Lengths()
    {
        var first = Enumerable.Range(1, Count).GroupBy(index => Texts[index - 1].Name).Select(same => same.First()).ToArray();
        return [.. Enumerable.Range(0, Texts.Max(one => one.Name.Length) + 1).Select(length => first.Where(index => Names[index - 1].Length == length).ToArray())];
    }
}
