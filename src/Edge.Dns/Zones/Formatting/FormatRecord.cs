using Edge.Dns.Zones.MasterFile;

namespace Edge.Dns.Zones.Formatting;

/// <summary>A record's entry with its columns told apart.</summary>
/// <param name="Owner">"" where it is the owner above.</param>
/// <param name="Ttl">"" where none is written.</param>
/// <param name="Class">"" where none is written.</param>
/// <param name="Type">The type in capitals.</param>
/// <param name="Rows">Its data and comments, line by line; the first line is the one that the columns before stand in.</param>
/// <param name="Joined">It has parentheses.</param>
internal sealed record FormatRecord(string Owner, string Ttl, string Class, string Type, List<FormatRow> Rows, bool Joined)
{
    public static FormatRecord Of(FormatEntry entry)
    {
        var (ttl, @class, type) = ("", "", "");
        var owner = entry.BlankOwner ? "" : null;
        List<FormatRow> rows = [new FormatRow()];
        foreach (var row in entry.Rows)
        {
            var data = type.Length == 0 ? rows[0] : new FormatRow();
            foreach (var word in row.Words)
            {
                switch (word)
                {
                    case var _ when type.Length > 0:
                        data.Words.Add(word);
                        break;
                    case var _ when owner is null:
                        owner = word;
                        break;
                    case var _ when ttl.Length == 0 && TtlText.TryParse(word, out _):
                        ttl = word;
                        break;
                    case var _ when @class.Length == 0 && IsClass(word):
                        @class = word.ToUpperInvariant();
                        break;
                    default:
                        type = word.ToUpperInvariant();
                        break;
                }
            }

            Place(rows, data, row.Comment);
        }

        return new FormatRecord(owner ?? "", ttl, @class, type, rows, entry.Joined);
    }

    // One line carries one comment: a second one, of lines that were joined before the type, gets a line of its own.
    private static void Place(List<FormatRow> rows, FormatRow data, string? comment)
    {
        if (!ReferenceEquals(data, rows[0]))
        {
            data.Comment = comment;
            rows.Add(data);
        }
        else if (data.Comment is null)
        {
            data.Comment = comment;
        }
        else if (comment is not null)
        {
            rows.Add(new FormatRow { Comment = comment });
        }
    }

    private static bool IsClass(string word) => word.Equals("IN", StringComparison.OrdinalIgnoreCase) || word.Equals("CLASS1", StringComparison.OrdinalIgnoreCase);
}
