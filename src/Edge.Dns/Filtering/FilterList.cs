using System.Net;
using System.Text;
using Edge.Dns.Wire;

namespace Edge.Dns.Filtering;

/// <summary>One list, read for another reason than to be used: to count it, to check it, to find the line that decides.</summary>
public static class FilterList
{
    private const int LongestRule = 200;

    /// <summary>What becomes of its lines.</summary>
    /// <param name="list">Its text.</param>
    /// <param name="syntax">How its lines are meant.</param>
    /// <param name="where">What stands before a line's number in a problem.</param>
    /// <param name="cancel">Ends the reading.</param>
    public static ListSummary Count(Stream list, ListSyntax syntax, string where, CancellationToken cancel = default)
    {
        var tally = new ListTally(where);
        ListReader.Read(list, syntax, tally, 0, cancel);
        return tally.Summary;
    }

    /// <summary>Whether a text is that of a web page, by its start: what somebody saved or was sent instead of a list.</summary>
    public static bool IsPage(ReadOnlySpan<byte> start) => ListReader.IsPage(start);

    /// <summary>What is wrong with a rule on its own; null when nothing is.</summary>
    public static string? ProblemOf(string rule, ListSyntax syntax)
    {
        var summary = Count(new MemoryStream(Encoding.UTF8.GetBytes(rule)), syntax, "");
        return summary.Unusable > 0 ? summary.Problems[0][(summary.Problems[0].IndexOf(": ", StringComparison.Ordinal) + 2)..]
            : summary.Rules == 0 ? "is no rule for a name"
            : null;
    }

    /// <summary>The first line that decides as the verdict says; null when the list has none any more.</summary>
    /// <param name="list">Its text; read to the line, and not further.</param>
    /// <param name="syntax">How its lines are meant.</param>
    /// <param name="name">The name asked for.</param>
    /// <param name="type">The type asked for.</param>
    /// <param name="client">Who asks.</param>
    /// <param name="verdict">What was decided.</param>
    public static FoundRule? Find(Stream list, ListSyntax syntax, Name name, RecordType type, IPAddress client, FilterVerdict verdict)
    {
        NameKeys.Read(name.Wire, out var keys);
        var finder = new RuleFinder(keys, type, ClientNetwork.From(client), verdict.Rule);
        ListReader.Read(list, syntax, finder, 0);
        if (finder.Line == 0)
        {
            return null;
        }

        list.Position = 0;
        return new FoundRule(finder.Line, ShownText.Of(TextOf(list, finder.Line).Trim(), LongestRule));
    }

    // Never more than is shown of any line: those before it may be as long as the list.
    private static string TextOf(Stream list, int wanted)
    {
        using var text = new StreamReader(list, leaveOpen: true);
        var line = new StringBuilder();
        var (number, afterReturn) = (1, false);
        for (int next; number <= wanted && (next = text.Read()) >= 0; afterReturn = next == '\r')
        {
            if (next is '\r' or '\n')
            {
                number += afterReturn && next == '\n' ? 0 : 1;
            }
            else if (number == wanted && line.Length < 2 * LongestRule)
            {
                line.Append((char)next);
            }
        }

        return line.ToString();
    }
}
