namespace Edge.Admin.Commands;

/// <summary>Lines in columns, for a terminal and for grep.</summary>
internal static class TextTable
{
    public static void Write(TextWriter to, IReadOnlyList<string> head, IReadOnlyList<IReadOnlyList<string>> rows)
    {
        var widths = head.Select((title, column) => rows.Select(row => row[column].Length).Append(title.Length).Max()).ToArray();
        WriteRow(to, head, widths);
        foreach (var row in rows)
        {
            WriteRow(to, row, widths);
        }
    }

    private static void WriteRow(TextWriter to, IReadOnlyList<string> row, int[] widths) =>
        to.WriteLine(string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
}
