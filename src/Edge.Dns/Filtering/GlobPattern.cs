namespace Edge.Dns.Filtering;

/// <summary>
/// A pattern of the adblock syntax over the text of a name: pieces of text with anything between them. It may be
/// bound to the start of the name, to the start of a label, and to the name's end.
/// </summary>
internal sealed class GlobPattern(GlobStart start, byte[][] pieces, bool toEnd)
{
    /// <summary>Whether the text of a name, in lower case without its last dot, has the pattern in it.</summary>
    public bool Matches(ReadOnlySpan<byte> text)
    {
        switch (start)
        {
            case GlobStart.Name:
                return MatchesAt(text, text.StartsWith(pieces[0]));
            case GlobStart.Label:
                for (var label = text; ; label = label[1..])
                {
                    if (MatchesAt(label, label.StartsWith(pieces[0])))
                    {
                        return true;
                    }

                    var dot = label.IndexOf((byte)'.');
                    if (dot < 0)
                    {
                        return false;
                    }

                    label = label[dot..];
                }

            default:
                return MatchesRest(text, 0);
        }
    }

    private bool MatchesAt(ReadOnlySpan<byte> text, bool begins)
    {
        if (!begins)
        {
            return false;
        }

        // The only piece may end too early and stand at the end once more, but not from the same start.
        return pieces.Length == 1 ? !toEnd || text.Length == pieces[0].Length : MatchesRest(text[pieces[0].Length..], 1);
    }

    // The leftmost place is good enough for every piece but the last one, which the end of the name may demand.
    private bool MatchesRest(ReadOnlySpan<byte> text, int piece)
    {
        for (; piece < pieces.Length; piece++)
        {
            if (toEnd && piece == pieces.Length - 1)
            {
                return text.EndsWith(pieces[piece]);
            }

            var at = text.IndexOf(pieces[piece]);
            if (at < 0)
            {
                return false;
            }

            text = text[(at + pieces[piece].Length)..];
        }

        return true;
    }
}
