using System.Text;

namespace Edge.Dns.Zones.Formatting;

/// <summary>Records, and comments between them, whose columns stand below each other: what lies between two empty lines or directives.</summary>
internal sealed class FormatBlock
{
    // Columns as wide as a tab stop at least; one long name does not push all others to the right.
    private const int LeastWidth = 7;
    private const int WidestOwner = 32;
    private const int WidestBeforeComment = 100;
    private const int DeeperIndent = 4;

    private readonly List<(FormatRecord? Record, string? Comment)> _lines = [];

    public void Add(FormatRecord record) => _lines.Add((record, null));

    public void Add(string comment) => _lines.Add((null, comment));

    /// <summary>Appends the block's lines and empties it.</summary>
    public void WriteTo(StringBuilder to)
    {
        var records = _lines.Select(line => line.Record).OfType<FormatRecord>().ToList();
        var columns = new FormatColumns(
            Width(records, record => record.Owner, LeastWidth, WidestOwner),
            Width(records, record => record.Ttl, 0, int.MaxValue),
            Width(records, record => record.Class, 0, int.MaxValue),
            Width(records, record => record.Type, LeastWidth, int.MaxValue));
        var firstLines = records.ConvertAll(record => FirstLine(columns, record));
        var comments = records.Zip(firstLines).Where(pair => pair.First.Rows is [{ Comment: not null }]).Select(pair => pair.Second.Length)
            .Where(length => length <= WidestBeforeComment).DefaultIfEmpty(0).Max();
        var next = 0;
        foreach (var (record, comment) in _lines)
        {
            if (record is null)
            {
                to.Append(comment).Append('\n');
                continue;
            }

            var single = record.Rows.Count == 1;
            AppendLine(to, firstLines[next++], record.Rows[0].Comment, single ? comments + 1 : 0);
            if (!single)
            {
                AppendRest(to, record, new string(' ', columns.Total + DeeperIndent));
            }
        }

        _lines.Clear();
    }

    private static int Width(List<FormatRecord> records, Func<FormatRecord, string> column, int least, int most) =>
        records.Select(record => column(record).Length).Where(width => width <= most).DefaultIfEmpty(0).Max() is var widest && widest < least ? least : widest;

    // On one line parentheses are kept where people like to see them: around the numbers of the SOA.
    private static string FirstLine(FormatColumns columns, FormatRecord record)
    {
        var words = record.Rows[0].Words;
        var head = columns.Head(record);
        if (record.Rows.Count > 1)
        {
            return head + string.Join(' ', [.. words, "("]);
        }

        return words.Count == 0 ? head.TrimEnd(' ')
            : record is { Joined: true, Type: "SOA" } && words.Count == 7 ? head + string.Join(' ', [.. words[..2], "(", .. words[2..], ")"])
            : head + string.Join(' ', words);
    }

    private static void AppendRest(StringBuilder to, FormatRecord record, string indent)
    {
        var last = record.Rows.FindLastIndex(row => row.Words.Count > 0);
        var closesAlone = last != record.Rows.Count - 1 || last == 0;
        var lines = record.Rows.Skip(1).Select((row, i) => (Text: string.Join(' ', row.Words) + (i + 1 == last && !closesAlone ? " )" : ""), row.Comment)).ToList();
        var comments = lines.Where(line => line.Comment is not null && line.Text.Length <= WidestBeforeComment).Select(line => line.Text.Length).DefaultIfEmpty(0).Max();
        foreach (var (text, comment) in lines)
        {
            AppendLine(to, indent + text, comment, text.Length == 0 ? 0 : indent.Length + comments);
        }

        if (closesAlone)
        {
            to.Append(indent).Append(")\n");
        }
    }

    private static void AppendLine(StringBuilder to, string text, string? comment, int column)
    {
        if (comment is null)
        {
            to.Append(text).Append('\n');
        }
        else
        {
            to.Append(text.AsSpan().Trim(' ').IsEmpty ? text : text.PadRight(column) + ' ').Append(comment).Append('\n');
        }
    }
}
