using System.Globalization;
using System.Text;
using Edge.Dns.Queries;

namespace Edge.Admin.Commands;

/// <summary>A query as one line, for a terminal and for grep; what it was answered with stands last, where it may be long.</summary>
internal static class QueryLine
{
    public const string Head = "TIME          CLIENT           VIEW    VIA    TYPE   RCODE     HOW        TIME(ms)  NAME";

    public static string Format(RecordedQuery query)
    {
        var line = new StringBuilder();
        line.Append(CultureInfo.InvariantCulture, $"{query.Time.ToLocalTime():HH:mm:ss.fff}  {query.Client,-15}  {query.View,-6}  {query.Transport,-5}  {query.Type,-5}  ");
        line.Append(CultureInfo.InvariantCulture, $"{(query.Rcode.Length == 0 ? "-" : query.Rcode),-8}  {query.By,-9}  {query.Microseconds / 1000.0,8:0.00}  ");
        line.Append(query.Name.Length == 0 ? "-" : query.Name);
        if (!query.Answers.IsDefaultOrEmpty)
        {
            line.Append(" = ").AppendJoin(' ', query.Answers);
        }

        if (query.Source is not null)
        {
            line.Append(" (").Append(query.Source).Append(')');
        }

        return Printable(line);
    }

    // Names come escaped; the rest is what another program said, and a terminal obeys whatever it is shown.
    private static string Printable(StringBuilder line)
    {
        for (var i = 0; i < line.Length; i++)
        {
            if (char.IsControl(line[i]))
            {
                line[i] = '?';
            }
        }

        return line.ToString();
    }
}
