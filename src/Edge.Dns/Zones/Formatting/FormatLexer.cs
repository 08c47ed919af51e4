namespace Edge.Dns.Zones.Formatting;

/// <summary>
/// Cuts a zone file into entries and keeps what the reader of zones lets fall: comments, empty lines, quotes. Only
/// for files that were read without an error before.
/// </summary>
/// <param name="text">The file, one character a byte.</param>
internal sealed class FormatLexer(string text)
{
    private int _at;

    /// <summary>The entries in their order.</summary>
    public IEnumerable<FormatEntry> Entries()
    {
        while (_at < text.Length)
        {
            yield return ReadEntry();
        }
    }

    private FormatEntry ReadEntry()
    {
        var blankOwner = text[_at] is ' ' or '\t';
        var (open, joined) = (0, false);
        var row = new FormatRow();
        List<FormatRow> rows = [row];
        while (_at < text.Length)
        {
            switch (text[_at])
            {
                case '\n':
                    _at++;
                    if (open == 0)
                    {
                        return new FormatEntry(blankOwner, joined, Kept(rows));
                    }

                    rows.Add(row = new FormatRow());
                    break;
                case ' ' or '\t' or '\r' or '\f' or '\v':
                    _at++;
                    break;
                case ';':
                    row.Comment = TakeTo(LineEnd()).TrimEnd(' ', '\t', '\r', '\f', '\v');
                    break;
                case '(' or ')':
                    open += text[_at++] == '(' ? 1 : -1;
                    joined = true;
                    break;
                default:
                    row.Words.Add(TakeTo(text[_at] == '"' ? QuoteEnd(_at) : WordEnd()));
                    break;
            }
        }

        return new FormatEntry(blankOwner, joined, Kept(rows));
    }

    private static List<FormatRow> Kept(List<FormatRow> rows) => rows.TrueForAll(row => row.IsEmpty) ? [new FormatRow()] : rows.FindAll(row => !row.IsEmpty);

    private string TakeTo(int end)
    {
        var taken = text[_at..end];
        _at = end;
        return taken;
    }

    private int LineEnd() => text.IndexOf('\n', _at) is var end and >= 0 ? end : text.Length;

    // Behind the closing quote; an escaped quote does not close.
    private int QuoteEnd(int open)
    {
        var i = open + 1;
        while (i < text.Length && text[i] != '"')
        {
            i += text[i] == '\\' ? 2 : 1;
        }

        return Math.Min(i + 1, text.Length);
    }

    private int WordEnd()
    {
        var i = _at;
        while (i < text.Length && text[i] is not (' ' or '\t' or '\r' or '\n' or '\f' or '\v' or ';' or '(' or ')'))
        {
            if (text[i] == '"')
            {
                // key="value" of SVCB is one word, quotes and all (RFC 9460 §2.1); elsewhere a quote begins a new string.
                if (text[i - 1] != '=' || !IsClosed(i))
                {
                    break;
                }

                i = QuoteEnd(i);
                continue;
            }

            i += text[i] == '\\' && i + 1 < text.Length && text[i + 1] is not ('\n' or '\r') ? 2 : 1;
        }

        return Math.Min(i, text.Length);
    }

    private bool IsClosed(int open)
    {
        var line = text.IndexOf('\n', open);
        return QuoteEnd(open) is var end && end <= (line < 0 ? text.Length : line) && text[end - 1] == '"' && end - 1 > open;
    }
}
