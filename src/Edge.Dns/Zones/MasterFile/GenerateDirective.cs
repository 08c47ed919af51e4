using System.Globalization;
using System.Text;
using Edge.Dns.Zones.RecordData;

namespace Edge.Dns.Zones.MasterFile;

/// <summary>
/// <c>$GENERATE 1-20/2 host-$ A 192.0.2.$</c>: one entry for each number of a range, as BIND has it. Every $ of owner
/// and data becomes the number.
/// </summary>
internal static class GenerateDirective
{
    /// <summary>Records that one directive may make: a whole /16.</summary>
    public const int MaxEntries = 1 << 16;

    private const string Shape = "$GENERATE 1-20 host-$ A 192.0.2.$";

    /// <summary>
    /// The entries, made one by one as they are asked for; they end early when one cannot be made, and the reason is
    /// in <paramref name="from"/>.
    /// </summary>
    /// <param name="entry">The directive.</param>
    /// <param name="from">Stands behind the word $GENERATE.</param>
    public static IEnumerable<ZoneFileEntry> Expand(ZoneFileEntry entry, FieldReader from)
    {
        if (!from.TryTake("range", out var range) || !TryReadRange(range.Text, from, out var numbers))
        {
            yield break;
        }

        var rest = entry.Tokens.Skip(2).ToList();
        var data = rest.Count < 3 ? 0 : rest.FindIndex(1, token => !token.Quoted && RecordTypeText.TryParse(token.Text, out _)) + 1;
        if (data == 0 || data == rest.Count)
        {
            from.Fail("$GENERATE needs a range, an owner, a type and data", Shape);
            yield break;
        }

        for (var number = numbers.First; number <= numbers.Last; number += numbers.Step)
        {
            var made = new List<ZoneFileToken>(rest.Count);
            for (var i = 0; i < rest.Count; i++)
            {
                if (i > 0 && i < data)
                {
                    made.Add(rest[i]);
                }
                else if (GenerateNumber.TryInsert(rest[i].Text, number, from, out var text))
                {
                    made.AddRange(Words(rest, i, data, text));
                }
                else
                {
                    yield break;
                }
            }

            yield return new ZoneFileEntry(entry.Line, false, made);
        }
    }

    // BIND takes the data as one word: what is in quotes there is the whole data, with the words it has.
    private static IEnumerable<ZoneFileToken> Words(List<ZoneFileToken> rest, int i, int data, string text)
    {
        if (i != data || rest.Count != data + 1 || !rest[i].Quoted)
        {
            return [rest[i] with { Text = text }];
        }

        return new ZoneFileReader(Encoding.Latin1.GetBytes("x " + text)).Next() is { Error: null } read
            ? read.Tokens.Skip(1).Select(token => token with { Line = rest[i].Line })
            : [rest[i] with { Text = text }];
    }

    private static bool TryReadRange(string text, FieldReader from, out (long First, long Last, long Step) numbers)
    {
        var slash = text.IndexOf('/');
        var dash = text.IndexOf('-');
        numbers = (0, 0, 1);
        if (dash <= 0 || !TryReadNumber(text[..dash], out numbers.First)
            || !TryReadNumber(slash < 0 ? text[(dash + 1)..] : slash > dash ? text[(dash + 1)..slash] : "", out numbers.Last)
            || (slash >= 0 && !TryReadNumber(text[(slash + 1)..], out numbers.Step)))
        {
            return from.Fail($"\"{ZoneFileReader.Display(text)}\" is no range", "FIRST-LAST or FIRST-LAST/STEP: 1-20, or 0-254/2");
        }

        if (numbers.First > numbers.Last || numbers.Step == 0)
        {
            return from.Fail($"the range {text} is empty", "the smaller number comes first, and a step is at least 1");
        }

        return (numbers.Last - numbers.First) / numbers.Step < MaxEntries
            || from.Fail($"the range {text} makes more than {MaxEntries} records", "cut it, or delegate the names");
    }

    private static bool TryReadNumber(string text, out long number) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number <= int.MaxValue;
}
