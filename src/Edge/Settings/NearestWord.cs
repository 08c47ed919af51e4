namespace Edge.Settings;

/// <summary>Finds what somebody probably meant to write.</summary>
internal static class NearestWord
{
    /// <summary>The candidate that is the fewest edits away, when it is near enough to be a slip of the finger.</summary>
    public static string? Of(string word, IEnumerable<string> candidates)
    {
        var (best, distance) = ((string?)null, int.MaxValue);
        foreach (var candidate in candidates)
        {
            var edits = Distance(word.ToLowerInvariant(), candidate.ToLowerInvariant());
            if (edits < distance)
            {
                (best, distance) = (candidate, edits);
            }
        }

        return distance <= Math.Max(1, word.Length / 3) ? best : null;
    }

    // Edits are letters put in, left out, exchanged for another, or swapped with their neighbour, the slip of fast fingers.
    private static int Distance(string a, string b)
    {
        var rows = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
        {
            for (var j = 0; j <= b.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    rows[i, j] = i + j;
                    continue;
                }

                var exchange = rows[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                var best = Math.Min(exchange, Math.Min(rows[i - 1, j], rows[i, j - 1]) + 1);
                var swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
                rows[i, j] = swapped ? Math.Min(best, rows[i - 2, j - 2] + 1) : best;
            }
        }

        return rows[a.Length, b.Length];
    }
}
