using System.Text;

namespace Edge.Dns.Zones.Formatting;

/// <summary>Writes a zone file tidily: columns, one empty line at most, capitals where case means nothing; the words stay as they are.</summary>
internal static class ZoneFormatter
{
    /// <summary>The tidy form of a text that can be read without an error.</summary>
    public static string Format(string text)
    {
        var to = new StringBuilder(text.Length);
        var block = new FormatBlock();
        var blank = false;
        foreach (var entry in new FormatLexer(text).Entries())
        {
            if (entry.IsBlank)
            {
                blank = true;
                continue;
            }

            if (blank)
            {
                block.WriteTo(to);
                to.Append(to.Length > 0 ? "\n" : "");
                blank = false;
            }

            if (entry.IsComment)
            {
                entry.Rows.ForEach(row => block.Add(row.Comment!));
            }
            else if (entry.IsDirective)
            {
                block.WriteTo(to);
                AppendDirective(to, entry);
            }
            else
            {
                block.Add(FormatRecord.Of(entry));
            }
        }

        block.WriteTo(to);
        return to.ToString();
    }

    // A directive is one line; comments of lines that were joined go before it.
    private static void AppendDirective(StringBuilder to, FormatEntry entry)
    {
        var comments = entry.Rows.Select(row => row.Comment).OfType<string>().ToList();
        foreach (var comment in comments.SkipLast(1))
        {
            to.Append(comment).Append('\n');
        }

        var words = entry.Rows.SelectMany(row => row.Words).ToList();
        words[0] = words[0].ToUpperInvariant();
        to.AppendJoin(' ', words).Append(comments.Count > 0 ? "  " + comments[^1] : "").Append('\n');
    }
}
