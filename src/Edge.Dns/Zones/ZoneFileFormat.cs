using System.Collections.Immutable;
using System.Text;
using Edge.Dns.Wire;
using Edge.Dns.Zones.Formatting;
using Edge.Dns.Zones.MasterFile;

namespace Edge.Dns.Zones;

/// <summary>The tidy form of zone files, of parts that others include, and of a view's files: same records, same comments, columns.</summary>
public static class ZoneFileFormat
{
    // A part of a zone may count on a TTL and an owner that the file has which includes it.
    private const string Before = "$TTL 1h\n@ 1h A 192.0.2.1\n";
    private const int LinesBefore = 2;

    /// <summary>Formats a file; a file with errors stays as it is.</summary>
    /// <param name="content">Its bytes.</param>
    /// <param name="display">How problems call it.</param>
    /// <param name="problems">The errors that keep it from being formatted; empty when it was.</param>
    /// <returns>The tidy bytes, which say exactly what <paramref name="content"/> says; null where there are problems.</returns>
    public static byte[]? Format(byte[] content, string display, out ImmutableArray<ZoneProblem> problems)
    {
        // Every character stands for one byte, whatever the encoding is; a byte order mark is left out.
        var text = Encoding.Latin1.GetString(content.AsSpan().StartsWith("\uFEFF"u8) ? content.AsSpan(3) : content);
        var before = Read(text, display);
        problems = [.. before.Problems.Where(problem => problem.IsError).Select(problem => problem with { Line = Math.Max(0, problem.Line - LinesBefore) })];
        if (!problems.IsEmpty)
        {
            return null;
        }

        var tidy = ZoneFormatter.Format(text);
        if (!Content(Read(tidy, display)).SequenceEqual(Content(before)))
        {
            problems = [new ZoneProblem(display, 0, "its tidy form would not mean the same, so it stays as it is", "please report this file: it is a defect of Edge")];
            return null;
        }

        return Encoding.Latin1.GetBytes(tidy);
    }

    private static ZoneFileResult Read(string text, string display) =>
        ZoneFileParser.Parse(display, Encoding.Latin1.GetBytes(Before + text), Name.Root, static name => new IncludedFile(name, []));

    // Names with their case, and what $INCLUDE names.
    private static IEnumerable<string> Content(ZoneFileResult read) => read.Records
        .Select(record => $"{record.Owner} {record.Ttl} {record.Type} {Convert.ToHexString(record.Data.Wire)}").Concat(read.Included);
}
