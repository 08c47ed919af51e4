using System.IO.Enumeration;
using Edge.Dns.Zones;

namespace Edge.Dns.Tests.Interop;

/// <summary>
/// One line of explained-differences.txt: for these names (a pattern with *; in lower case), types, transports, peers and
/// fields Edge says something else than a peer, and why that is right.
/// </summary>
internal sealed record ExplainedDifference(int Line, string Names, string[] Types, string[] Transports, string[] Peers, string[] Fields, string Why)
{
    public static List<ExplainedDifference> Read(string file) =>
    [
        .. File.ReadAllLines(file).Select((text, i) => (Text: text.Trim(), Line: i + 1)).Where(line => line.Text.Length > 0 && line.Text[0] != '#').Select(line => Read(line.Text, line.Line)),
    ];

    public bool Covers(SharedQuestion question, string peer, string field) =>
        Has(Peers, peer) && Has(Fields, field) && Has(Types, RecordText.FormatType(question.Type)) && Has(Transports, question.Transport.ToString().ToLowerInvariant())
        && FileSystemName.MatchesSimpleExpression(Names, question.Name.ToString().ToLowerInvariant(), ignoreCase: false);

    private static ExplainedDifference Read(string text, int line)
    {
        var columns = text.Split('|', StringSplitOptions.TrimEntries);
        return columns.Length == 6 && columns[5].Length > 0
            ? new ExplainedDifference(line, columns[0], Words(columns[1]), Words(columns[2]), Words(columns[3]), Words(columns[4]), columns[5])
            : throw new FormatException($"explained-differences.txt:{line}: six columns are wanted: names | types | transports | peers | fields | why");
    }

    private static string[] Words(string column) => column.Split(',', StringSplitOptions.TrimEntries);

    private static bool Has(string[] words, string word) => words is ["*"] || words.Contains(word);
}
