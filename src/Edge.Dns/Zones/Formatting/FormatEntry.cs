namespace Edge.Dns.Zones.Formatting;

/// <summary>One entry of a zone file with everything a person put into it: an empty line, a comment, a directive or a record.</summary>
/// <param name="blankOwner">It begins with a space.</param>
/// <param name="joined">It has parentheses.</param>
/// <param name="rows">Its lines; those inside parentheses that are empty are left out.</param>
internal sealed class FormatEntry(bool blankOwner, bool joined, List<FormatRow> rows)
{
    public bool BlankOwner => blankOwner;

    public bool Joined => joined;

    public List<FormatRow> Rows => rows;

    /// <summary>No word and no comment: an empty line.</summary>
    public bool IsBlank => rows.TrueForAll(row => row.IsEmpty);

    /// <summary>Comments alone.</summary>
    public bool IsComment => !IsBlank && rows.TrueForAll(row => row.Words.Count == 0);

    /// <summary>$TTL and its like.</summary>
    public bool IsDirective => !blankOwner && rows.SelectMany(row => row.Words).FirstOrDefault() is ['$', ..];
}
