namespace Edge.Dns.Filtering;

/// <summary>Reads a list from a stream, whatever ends its lines; it is never held in memory as a whole.</summary>
internal static class ListReader
{
    // A line longer than this is no rule.
    private const int BufferBytes = 64 << 10;

    /// <summary>Reads all of a list.</summary>
    /// <param name="list">The list's text.</param>
    /// <param name="syntax">How its lines are meant.</param>
    /// <param name="sink">Takes its rules.</param>
    /// <param name="source">The source that conditional rules are said to be from.</param>
    /// <param name="cancel">Ends the reading.</param>
    /// <exception cref="IOException">The stream cannot be read.</exception>
    public static void Read(Stream list, ListSyntax syntax, IRuleSink sink, int source, CancellationToken cancel = default)
    {
        var reader = new ListLine(syntax, sink, source);
        var buffer = new byte[BufferBytes];
        var (held, line, inLongLine) = (0, 1, false);
        for (var first = true; ; first = false)
        {
            cancel.ThrowIfCancellationRequested();
            var read = list.Read(buffer, held, buffer.Length - held);
            var text = buffer.AsSpan(0, held + read);
            if (first && IsPage(text))
            {
                sink.Skip(line, "begins a web page, and not a list");
                return;
            }

            text = first && text.StartsWith("\uFEFF"u8) ? text[3..] : text;
            for (int end; (end = EndOfLine(text, atEnd: read == 0, out var next)) >= 0; text = text[next..], line++)
            {
                if (!inLongLine)
                {
                    reader.Read(line, text[..end]);
                }

                inLongLine = false;
            }

            if (read == 0)
            {
                break;
            }

            if (text.Length == buffer.Length)
            {
                if (!inLongLine)
                {
                    sink.Skip(line, "is longer than a rule can be");
                }

                inLongLine = true;
                text = default;
            }

            text.CopyTo(buffer);
            held = text.Length;
        }
    }

    /// <summary>Whether a text is that of a web page, by its start: what somebody saved or was sent instead of a list.</summary>
    public static bool IsPage(ReadOnlySpan<byte> start)
    {
        start = start.StartsWith("\uFEFF"u8) ? start[3..] : start;
        return start.TrimStart(" \t\r\n"u8).StartsWith("<"u8);
    }

    // -1 while the line goes on behind what was read. A CR may have its LF there.
    private static int EndOfLine(ReadOnlySpan<byte> text, bool atEnd, out int next)
    {
        var end = text.IndexOfAny((byte)'\n', (byte)'\r');
        if (end < 0 || (text[end] == (byte)'\r' && end + 1 == text.Length && !atEnd))
        {
            next = text.Length;
            return atEnd && !text.IsEmpty ? text.Length : -1;
        }

        next = end + (text[end..].StartsWith("\r\n"u8) ? 2 : 1);
        return end;
    }
}
