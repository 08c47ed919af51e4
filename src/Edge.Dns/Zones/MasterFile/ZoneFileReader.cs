using System.Text;

namespace Edge.Dns.Zones.MasterFile;

/// <summary>
/// Cuts the text of a zone file into entries of words (RFC 1035 §5.1): comments, quoted strings, escapes, and
/// parentheses that join lines. Every character stands for one byte of the file (Latin-1), so that strings keep
/// their bytes whatever their encoding is. A broken entry is given out as an error and reading goes on after it.
/// </summary>
internal sealed class ZoneFileReader(string text)
{
    // Each forgotten ) is found only at the end of the file; so many of them are no slip but another kind of file.
    private const int MaxUnclosed = 10;

    private int _at;
    private int _line = 1;
    private int _unclosed;

    /// <summary>The next entry that holds something, or null at the end of the file.</summary>
    public ZoneFileEntry? Next()
    {
        while (_at < text.Length)
        {
            var entry = ReadEntry();
            if (entry.Tokens.Count > 0 || entry.Error is not null)
            {
                return entry;
            }
        }

        return null;
    }

    private ZoneFileEntry ReadEntry()
    {
        var first = _line;
        var blankOwner = text[_at] is ' ' or '\t';
        var tokens = new List<ZoneFileToken>();
        var open = 0;
        var openedAt = (At: 0, Line: 0);
        while (_at < text.Length)
        {
            switch (text[_at])
            {
                case '\n':
                    _at++;
                    _line++;
                    if (open == 0)
                    {
                        return new ZoneFileEntry(FirstLine(tokens, first), blankOwner, tokens);
                    }

                    break;
                case ' ' or '\t' or '\r' or '\f' or '\v':
                    _at++;
                    break;
                case ';':
                    SkipToLineEnd();
                    break;
                case '(':
                    openedAt = open++ == 0 ? (_at, _line) : openedAt;
                    _at++;
                    break;
                case ')':
                    _at++;
                    if (--open < 0)
                    {
                        return Broken(_line, blankOwner, ") without a ( before it", "lines are joined from ( to )");
                    }

                    break;
                case '"':
                    if (!ReadQuoted(tokens))
                    {
                        return Broken(_line, blankOwner, "a quoted string is not closed on its line", "end it with \"; a quote inside is written \\\"");
                    }

                    break;
                default:
                    ReadWord(tokens);
                    break;
            }
        }

        return open == 0
            ? new ZoneFileEntry(FirstLine(tokens, first), blankOwner, tokens)
            : Unclosed(openedAt.At, openedAt.Line, blankOwner);
    }

    private static int FirstLine(List<ZoneFileToken> tokens, int otherwise) => tokens.Count > 0 ? tokens[0].Line : otherwise;

    private bool ReadQuoted(List<ZoneFileToken> tokens)
    {
        var start = _at + 1;
        var end = QuoteEnd(start);
        if (end < 0)
        {
            return false;
        }

        tokens.Add(new ZoneFileToken(text[start..end], true, _line));
        _at = end + 1;
        return true;
    }

    private int QuoteEnd(int from)
    {
        for (var i = from; i < text.Length && text[i] != '\n'; i++)
        {
            if (text[i] == '"')
            {
                return i;
            }

            // An escaped line end stays a line end: a string never goes over it.
            if (text[i] == '\\' && i + 1 < text.Length && text[i + 1] != '\n')
            {
                i++;
            }
        }

        return -1;
    }

    private void ReadWord(List<ZoneFileToken> tokens)
    {
        var start = _at;
        while (_at < text.Length && text[_at] is not (' ' or '\t' or '\r' or '\n' or '\f' or '\v' or ';' or '(' or ')'))
        {
            if (text[_at] == '"')
            {
                // key="value" of SVCB is one word, quotes and all (RFC 9460 §2.1); elsewhere a quote begins a new string.
                var end = text[_at - 1] == '=' ? QuoteEnd(_at + 1) : -1;
                if (end < 0)
                {
                    break;
                }

                _at = end + 1;
                continue;
            }

            _at += text[_at] == '\\' && _at + 1 < text.Length && text[_at + 1] is not ('\n' or '\r') ? 2 : 1;
        }

        tokens.Add(new ZoneFileToken(text[start.._at], false, _line));
    }

    private void SkipToLineEnd()
    {
        var end = text.IndexOf('\n', _at);
        _at = end < 0 ? text.Length : end;
    }

    private ZoneFileEntry Broken(int line, bool blankOwner, string message, string hint)
    {
        SkipToLineEnd();
        return new ZoneFileEntry(line, blankOwner, [], new ZoneFileError(line, message, hint));
    }

    // The whole rest of the file lies inside the parenthesis. What most probably is the next record is taken up again,
    // so that one forgotten ) hides no other mistake: the first line that begins with a name or a directive.
    private ZoneFileEntry Unclosed(int at, int line, bool blankOwner)
    {
        if (++_unclosed > MaxUnclosed)
        {
            return new ZoneFileEntry(line, blankOwner, [], new ZoneFileError(line, "too many ( are never closed: the rest was not read", "add the ) after the last value"));
        }

        (_at, _line) = (at, line);
        do
        {
            SkipToLineEnd();
            _at = Math.Min(_at + 1, text.Length);
            _line++;
        }
        while (_at < text.Length && !BeginsRecord(text[_at]));
        return new ZoneFileEntry(line, blankOwner, [], new ZoneFileError(line, "the ( opened here is never closed", "add the ) after the last value"));
    }

    private static bool BeginsRecord(char c) => char.IsAsciiLetter(c) || c is '$' or '@' or '*' or '_';

    /// <summary>Text as the reader wants it, from the bytes of a file; a byte order mark is left out.</summary>
    public static string Decode(ReadOnlySpan<byte> bytes) =>
        Encoding.Latin1.GetString(bytes.StartsWith("\uFEFF"u8) ? bytes[3..] : bytes);

    /// <summary>What the reader read, as the person who wrote it sees it: for messages; cut when long.</summary>
    public static string Display(string read)
    {
        var shown = Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(read));
        return shown.Length <= 80 ? shown : string.Concat(shown.AsSpan(0, 77), "...");
    }
}
