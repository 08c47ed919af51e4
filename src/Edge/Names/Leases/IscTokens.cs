using System.Text;

namespace Edge.Names.Leases;

/// <summary>The pieces of a line of dhcpd.leases: words, texts in quotes (given without them), braces and semicolons.</summary>
internal static class IscTokens
{
    public static IEnumerable<string> Of(string line)
    {
        for (var at = 0; at < line.Length;)
        {
            switch (line[at])
            {
                case ' ' or '\t' or '\r':
                    at++;
                    break;
                case '#':
                    yield break;
                case '{' or '}' or ';':
                    yield return line[at++].ToString();
                    break;
                case '"':
                    yield return Quoted(line, ref at);
                    break;
                default:
                    var from = at;
                    while (at < line.Length && line[at] is not (' ' or '\t' or '\r' or '{' or '}' or ';' or '"'))
                    {
                        at++;
                    }

                    yield return line[from..at];
                    break;
            }
        }
    }

    // Bytes that are no plain characters are written as \ and three octal digits, quotes and backslashes behind a \.
    private static string Quoted(string line, ref int at)
    {
        var text = new StringBuilder();
        for (at++; at < line.Length && line[at] != '"'; at++)
        {
            if (line[at] != '\\' || at + 1 == line.Length)
            {
                text.Append(line[at]);
            }
            else if (at + 3 < line.Length && IsOctal(line[at + 1]) && IsOctal(line[at + 2]) && IsOctal(line[at + 3]))
            {
                text.Append((char)((((line[at + 1] - '0') * 64) + ((line[at + 2] - '0') * 8) + (line[at + 3] - '0')) & 0xff));
                at += 3;
            }
            else
            {
                text.Append(line[++at]);
            }
        }

        at++;
        return text.ToString();
    }

    private static bool IsOctal(char c) => c is >= '0' and <= '7';
}
