namespace Edge;

/// <summary>What was open and was cut off, in words.</summary>
internal static class CutOff
{
    /// <summary>"1 request, 2 WebSockets"; null when nothing was.</summary>
    public static string? Of(long requests, long webSockets, long streams, long silent)
    {
        string[] kinds =
        [
            .. Of(requests, "request", "requests"),
            .. Of(webSockets, "WebSocket", "WebSockets"),
            .. Of(streams, "stream", "streams"),
            .. Of(silent, "connection that had asked nothing", "connections that had asked nothing"),
        ];
        return kinds.Length == 0 ? null : string.Join(", ", kinds);
    }

    private static IEnumerable<string> Of(long count, string one, string many) => count == 0 ? [] : [FormattableString.Invariant($"{count} {(count == 1 ? one : many)}")];
}
