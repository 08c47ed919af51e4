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

    private static int Distance(string a, string b)
    {
        var previous = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var current = new int[b.Length + 1];
            current[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var swap = previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                current[j] = Math.Min(swap, Math.Min(previous[j], current[j - 1]) + 1);
            }

            previous = current;
        }

        return previous[b.Length];
    }
}
