using System.Buffers;
using System.Text;

namespace Edge.Dns.Zones.MasterFile;

/// <summary>
/// Cuts the text of a zone file into entries of words (RFC 1035 §5.1): comments, quoted strings, escapes, and
/// parentheses that join lines. Every character of a word stands for one byte of the file (Latin-1), so that strings
/// keep their bytes whatever their encoding is. A broken entry is given out as an error and reading goes on after it.
/// </summary>
internal sealed class ZoneFileReader
{
    // What a line may consist of to be one entry by itself: no quotes, escapes, parentheses, comments or directives.
    private static readonly SearchValues<byte> Plain = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_*@:/+=, \t"u8);

    // Each forgotten ) is found only at the end of the file; so many of them are no slip but another kind of file.
    private const int MaxUnclosed = 10;

    private readonly ReadOnlyMemory<byte> _content;
    private int _at;
    private int _line = 1;
    private int _unclosed;
    private int _plainFrom;

    /// <param name="content">The bytes of a file; a byte order mark is left out.</param>
    public ZoneFileReader(ReadOnlyMemory<byte> content) =>
        _content = content.Span.StartsWith("\uFEFF"u8) ? content[3..] : content;

    /// <summary>
    /// The next line, where it is an entry by itself and of plain characters only, as nearly all lines of large files are.
    /// Whoever cannot use it says <see cref="Return"/> and takes the entry.
    /// </summary>
    public bool TryTakePlain(out ReadOnlySpan<byte> line, out int number)
    {
        var rest = _content.Span[_at..];
        var length = rest.IndexOfAnyExcept(Plain);
        var end = length < 0 ? rest.Length : length;
        line = rest[..end];
        number = _line;
        var next = end < rest.Length && rest[end] == (byte)'\r' ? end + 1 : end;
        if (end == 0 || (next < rest.Length && rest[next] != (byte)'\n'))
        {
            return false;
        }

        _plainFrom = _at;
        _at += Math.Min(rest.Length, next + 1);
        _line++;
        return true;
    }

    /// <summary>Puts the line taken last back.</summary>
    public void Return()
    {
        _at = _plainFrom;
        _line--;
    }

    /// <summary>The next entry that holds something, or null at the end of the file.</summary>
    public ZoneFileEntry? Next()
    {
        while (_at < _content.Length)
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
        var text = _content.Span;
        var first = _line;
        var blankOwner = (char)text[_at] is ' ' or '\t';
        var tokens = new List<ZoneFileToken>();
        var open = 0;
        var openedAt = (At: 0, Line: 0);
        while (_at < text.Length)
        {
            switch ((char)text[_at])
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

        tokens.Add(new ZoneFileToken(Decode(_content.Span[start..end]), true, _line));
        _at = end + 1;
        return true;
    }

    private int QuoteEnd(int from)
    {
        var text = _content.Span;
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
        var text = _content.Span;
        var start = _at;
        while (_at < text.Length && (char)text[_at] is not (' ' or '\t' or '\r' or '\n' or '\f' or '\v' or ';' or '(' or ')'))
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

            _at += text[_at] == '\\' && _at + 1 < text.Length && (char)text[_at + 1] is not ('\n' or '\r') ? 2 : 1;
        }

        tokens.Add(new ZoneFileToken(Decode(text[start.._at]), false, _line));
    }

    private void SkipToLineEnd()
    {
        var end = _content.Span[_at..].IndexOf((byte)'\n');
        _at = end < 0 ? _content.Length : _at + end;
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
            _at = Math.Min(_at + 1, _content.Length);
            _line++;
        }
        while (_at < _content.Length && !BeginsRecord((char)_content.Span[_at]));
        return new ZoneFileEntry(line, blankOwner, [], new ZoneFileError(line, "the ( opened here is never closed", "add the ) after the last value"));
    }

    private static bool BeginsRecord(char c) => char.IsAsciiLetter(c) || c is '$' or '@' or '*' or '_';

    /// <summary>What the reader read, as the person who wrote it sees it: for messages; cut when long.</summary>
    public static string Display(string read)
    {
        var shown = Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(read));
        return shown.Length <= 80 ? shown : string.Concat(shown.AsSpan(0, 77), "...");
    }

    private static string Decode(ReadOnlySpan<byte> word) => Encoding.Latin1.GetString(word);
}
