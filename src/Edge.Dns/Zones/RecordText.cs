using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Edge.Dns.Wire;
using Edge.Dns.Zones.MasterFile;
using Edge.Dns.Zones.RecordData;

namespace Edge.Dns.Zones;

/// <summary>The presentation form of records (RFC 1035 §5.1 and each type's RFC), as dig and BIND's zone tools print it, single-spaced.</summary>
public static class RecordText
{
    /// <summary>"nas.example.com. 3600 IN A 203.0.113.10".</summary>
    public static string Format(ResourceRecord record) =>
        string.Create(CultureInfo.InvariantCulture, $"{record.Owner} {record.Ttl} IN {FormatType(record.Type)} {FormatData(record.Type, record.Data)}");

    /// <summary>The data alone; bytes that are no valid data of the type come in the generic form <c>\# length hex</c> (RFC 3597 §5).</summary>
    public static string FormatData(RecordType type, RData data)
    {
        var text = new StringBuilder();
        if (DataShapes.Of(type) is { } shape && shape.Format(data.Wire, text))
        {
            return text.ToString();
        }

        return data.Wire.IsEmpty
            ? "\\# 0"
            : string.Create(CultureInfo.InvariantCulture, $"\\# {data.Wire.Length} {Convert.ToHexString(data.Wire)}");
    }

    /// <summary>"AAAA", or "TYPE65280" for a type without a mnemonic here (RFC 3597 §5).</summary>
    public static string FormatType(RecordType type) => RecordTypeText.Format(type);

    /// <summary>Reads a mnemonic or TYPE123, in any case.</summary>
    public static bool TryParseType(string text, out RecordType type) => RecordTypeText.TryParse(text, out type);

    /// <summary>Reads the data of one record as a zone file writes it; names without a trailing dot get <paramref name="origin"/>.</summary>
    /// <param name="type">The type whose data it is.</param>
    /// <param name="text">One line: "10 mail.example.com.".</param>
    /// <param name="origin">What relative names are relative to.</param>
    /// <param name="data">The data in wire form.</param>
    /// <param name="error">What is wrong, and after it in parentheses what to do.</param>
    public static bool TryParseData(RecordType type, string text, Name origin, out RData data, [NotNullWhen(false)] out string? error)
    {
        data = default;
        var reader = new ZoneFileReader(Encoding.UTF8.GetBytes(text));
        var entry = reader.Next();
        if (entry?.Error is { } broken || reader.Next() is not null)
        {
            error = entry?.Error?.Message ?? "the data of a record is one line";
            return false;
        }

        var fields = new FieldReader(entry?.Tokens ?? [], 0, origin, 1);
        if (RecordDataReader.TryRead(type, fields, out data))
        {
            error = null;
            return true;
        }

        error = fields.Error!.Hint is { } hint ? $"{fields.Error.Message} ({hint})" : fields.Error.Message;
        return false;
    }

    /// <summary>Reads one whole record line with its owner: "nas 3600 IN A 192.0.2.1"; without a TTL it gets 3600.</summary>
    /// <exception cref="FormatException">The text is not one record; the message says why.</exception>
    public static ResourceRecord Parse(string line, Name? origin = null)
    {
        var result = ZoneFileParser.Parse("record", Encoding.UTF8.GetBytes("$TTL 3600\n" + line), origin ?? Name.Root);
        return result.Problems.FirstOrDefault(problem => problem.IsError) is { } problem
            ? throw new FormatException(problem.Hint is null ? problem.Message : $"{problem.Message} ({problem.Hint})")
            : result.Records.Length == 1 ? result.Records[0] with { Source = default } : throw new FormatException("not exactly one record");
    }
}
