using System.Text;
using System.Text.RegularExpressions;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Edge.Dns.Zones.MasterFile;
using Xunit;

namespace Edge.Dns.Tests.Zones;

/// <summary>What is true of every file, whatever it holds.</summary>
internal static partial class ZoneFileProperties
{
    private static readonly Name Origin = Name.Parse("example.com.");

    /// <summary>Checks them, and tells what kinds of records and of problems the file has: a new kind is new ground.</summary>
    public static IEnumerable<string> Hold(byte[] file)
    {
        // 1. Reading ends with records or problems, and so do all checks.
        var result = ZoneFileParser.Parse("z", file, Origin, name => new IncludedFile(name, "inc A 1.2.3.4\n"u8.ToArray()));
        Assert.InRange(result.Problems.Length, 0, 2 * ZoneFileLimits.MaxErrors + 1);
        var checks = ZoneChecks.Check(Origin, result.Records, "z", complete: true).Concat(ZoneChecks.Check(Origin, result.Records, "z", complete: false)).ToList();

        // 2. What was read can be printed, and is read back the same.
        foreach (var record in result.Records.Take(500))
        {
            Assert.Equal(record.Data, RecordText.Parse(RecordText.Format(record)).Data);
        }

        // 3. A file without errors has a tidy form, which is tidy, and nothing else has one.
        var tidy = ZoneFileFormat.Format(file, "z", out var problems);
        Assert.DoesNotContain(problems, problem => problem.Message.Contains("tidy form", StringComparison.Ordinal));
        Assert.True(tidy is null || ZoneFileFormat.Format(tidy, "z", out _) is { } again && again.AsSpan().SequenceEqual(tidy), tidy is null ? "" : Encoding.Latin1.GetString(tidy));
        Assert.True(tidy is not null || !problems.IsEmpty);

        return result.Records.Take(500).Select(record => Enum.IsDefined(record.Type) ? record.Type.ToString() : "TYPE")
            .Concat(result.Problems.Concat(checks).Select(problem => Particulars().Replace(problem.Message + problem.Hint, "")));
    }

    // What a message quotes of the file: between quotes, and words that are none.
    [GeneratedRegex("\".*\"|[^\\s(),:]*[^a-zA-Z\\s(),:][^\\s(),:]*", RegexOptions.Singleline)]
    private static partial Regex Particulars();
}
