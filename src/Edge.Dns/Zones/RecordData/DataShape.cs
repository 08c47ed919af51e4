using System.Text;
using Edge.Dns.Wire;
using Edge.Dns.Zones.MasterFile;

namespace Edge.Dns.Zones.RecordData;

/// <summary>The fields of one type's data in their order, and an example that shows a person how to write it.</summary>
internal sealed class DataShape(RecordType type, string example, params DataField[] fields)
{
    public RecordType Type { get; } = type;

    /// <summary>The type and its data as one would write them: "MX 10 mail.example.com.".</summary>
    public string Example { get; } = example;

    /// <summary>Reads all fields; null after noting in <paramref name="from"/> what is wrong.</summary>
    public byte[]? Parse(FieldReader from)
    {
        var wire = new List<byte>();
        foreach (var field in fields)
        {
            if (!field.Parse(from, wire))
            {
                return null;
            }
        }

        if (!from.AtEnd)
        {
            from.TryTake("end", out var extra);
            from.Fail($"\"{ZoneFileReader.Display(extra.Text)}\" is one value too many");
            return null;
        }

        return [.. wire];
    }

    /// <summary>Writes all fields with a space between them; false when the bytes have not this shape.</summary>
    public bool Format(ReadOnlySpan<byte> from, StringBuilder to)
    {
        for (var i = 0; i < fields.Length; i++)
        {
            var before = to.Length;
            if (!fields[i].Format(ref from, to))
            {
                return false;
            }

            // A field may have nothing to say, such as an empty bitmap: then no space is left behind for it.
            if (i > 0 && to.Length > before)
            {
                to.Insert(before, ' ');
            }
        }

        return from.IsEmpty;
    }
}
