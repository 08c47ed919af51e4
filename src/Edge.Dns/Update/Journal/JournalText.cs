using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Numerics;
using System.Text;
using Edge.Dns.Wire;
using Edge.Dns.Zones;

namespace Edge.Dns.Update.Journal;

/// <summary>
/// The journal's form: lines of text that a person can read. One update is one paragraph from "begin" to "end", which
/// carries the CRC-32C of the paragraph before it; a paragraph counts whole or not at all.
/// </summary>
internal static class JournalText
{
    /// <summary>The first line of every journal.</summary>
    public const string Header = "edge updates 1\n";

    private const string Begin = "begin ";
    private const string End = "end ";

    /// <summary>Writes one update.</summary>
    public static string Format(ChangeEntry entry)
    {
        var text = new StringBuilder();
        text.Append(Begin).Append(entry.Zone).Append(entry.View is null ? "" : " " + entry.View).Append('\n');
        text.Append("by ").Append(entry.Source.ReplaceLineEndings(" ")).Append('\n');
        foreach (var step in entry.Steps)
        {
            var type = RecordText.FormatType(step.Type);
            if (step.Dropped || step.Data.IsEmpty)
            {
                text.Append(step.Dropped ? "follow " : "gone ").Append(step.Owner).Append(' ').Append(type).Append('\n');
            }
            else
            {
                foreach (var data in step.Data)
                {
                    text.Append(CultureInfo.InvariantCulture, $"set {step.Owner} {step.Ttl} {type} {FormatData(step.Type, data)}\n");
                }
            }
        }

        var paragraph = text.ToString();
        return $"{paragraph}{End}{Checksum(Encoding.ASCII.GetBytes(paragraph)):x8}\n";
    }

    /// <summary>Reads the paragraph that begins at <paramref name="at"/>; false when none that is whole does.</summary>
    /// <param name="journal">The whole journal.</param>
    /// <param name="at">Where the paragraph begins.</param>
    /// <param name="entry">The update.</param>
    /// <param name="next">Where the next one begins.</param>
    public static bool TryRead(ReadOnlySpan<byte> journal, int at, [NotNullWhen(true)] out ChangeEntry? entry, out int next)
    {
        entry = null;
        next = at;
        var rest = journal[at..];
        var end = rest.IndexOf("\nend "u8) + 1;
        if (!rest.StartsWith("begin "u8) || end == 0 || rest[end..].IndexOf((byte)'\n') is not 12)
        {
            return false;
        }

        var checksum = Encoding.ASCII.GetString(rest.Slice(end + End.Length, 8));
        if (!uint.TryParse(checksum, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var said) || said != Checksum(rest[..end])
            || !TryReadLines(Encoding.ASCII.GetString(rest[..(end - 1)]).Split('\n'), out entry))
        {
            return false;
        }

        next = at + end + End.Length + 9;
        return true;
    }

    // Every type's own form where it says the very same bytes again; else the generic one (RFC 3597 §5).
    private static string FormatData(RecordType type, RData data)
    {
        var text = RecordText.FormatData(type, data);
        return text.All(c => c is >= ' ' and < '\x7F') && RecordText.TryParseData(type, text, Name.Root, out var again, out _) && again == data
            ? text
            : string.Create(CultureInfo.InvariantCulture, $"\\# {data.Wire.Length} {Convert.ToHexString(data.Wire)}");
    }

    private static bool TryReadLines(string[] lines, [NotNullWhen(true)] out ChangeEntry? entry)
    {
        entry = null;
        var head = lines[0].Split(' ');
        if (lines.Length < 2 || head.Length is not (2 or 3) || !Name.TryParse(head[1], Name.Root, out var zone, out _) || !lines[1].StartsWith("by ", StringComparison.Ordinal))
        {
            return false;
        }

        var steps = new List<ChangeStep>();
        foreach (var line in lines.Skip(2))
        {
            if (!TryReadStep(line, out var step))
            {
                return false;
            }

            if (steps.Count > 0 && steps[^1].Owner == step.Owner && steps[^1].Type == step.Type && !step.Data.IsEmpty)
            {
                steps[^1] = steps[^1] with { Data = steps[^1].Data.AddRange(step.Data) };
            }
            else
            {
                steps.Add(step);
            }
        }

        entry = new ChangeEntry(zone, head.Length == 3 ? head[2] : null, lines[1][3..], [.. steps]);
        return true;
    }

    private static bool TryReadStep(string line, [NotNullWhen(true)] out ChangeStep? step)
    {
        step = null;
        var words = line.Split(' ', 5);
        if (words.Length < 3 || !Name.TryParse(words[1], Name.Root, out var owner, out _))
        {
            return false;
        }

        if (words is ["gone" or "follow", _, var gone])
        {
            var known = RecordText.TryParseType(gone, out var type);
            step = new ChangeStep(owner, type, 0, [], Dropped: words[0] == "follow");
            return known;
        }

        if (words is not ["set", _, var seconds, var set, var text] || !RecordText.TryParseType(set, out var setType)
            || !uint.TryParse(seconds, NumberStyles.None, CultureInfo.InvariantCulture, out var ttl) || !TryReadData(setType, text, out var data))
        {
            return false;
        }

        step = new ChangeStep(owner, setType, ttl, [data]);
        return true;
    }

    private static bool TryReadData(RecordType type, string text, out RData data)
    {
        // Bytes that are no data of their type as it is known today are data all the same: they were taken once.
        if (text.StartsWith("\\# ", StringComparison.Ordinal) && text.Split(' ') is [_, _, var hex])
        {
            data = new RData(Convert.FromHexString(hex));
            return true;
        }

        return RecordText.TryParseData(type, text, Name.Root, out data, out _);
    }

    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var one in bytes)
        {
            crc = BitOperations.Crc32C(crc, one);
        }

        return ~crc;
    }
}
