using System.Globalization;
using Edge.Dns.Wire;
using Edge.Dns.Zones.MasterFile;

namespace Edge.Dns.Zones.RecordData;

/// <summary>Reads the data of one record, in its type's own form or in the generic one that every type has (RFC 3597 §5).</summary>
internal static class RecordDataReader
{
    public static bool TryRead(RecordType type, FieldReader from, out RData data)
    {
        data = default;
        var shape = DataShapes.Of(type);
        byte[]? wire;
        if (from.Peek is { Text: "\\#", Quoted: false })
        {
            wire = ReadGeneric(type, shape, from);
        }
        else if (shape is null)
        {
            wire = null;
            from.Fail($"{RecordTypeText.Format(type)} has no text form of its own", "write its bytes: \\# LENGTH HEX (RFC 3597)");
        }
        else
        {
            wire = shape.Parse(from);
        }

        if (wire is { Length: > ushort.MaxValue })
        {
            return from.Fail($"the data has {wire.Length} bytes; a record holds at most {ushort.MaxValue}");
        }

        if (wire is not null)
        {
            data = new RData(wire);
        }

        return wire is not null;
    }

    private static byte[]? ReadGeneric(RecordType type, DataShape? shape, FieldReader from)
    {
        from.TryTake("\\#", out _);
        if (!from.TryTake("length after \\#", out var length)
            || !ushort.TryParse(length.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var count))
        {
            from.Fail("after \\# comes the number of bytes, and then the bytes in hexadecimal");
            return null;
        }

        var bytes = new List<byte>();
        if ((count > 0 || !from.AtEnd) && !new HexField("data").Parse(from, bytes))
        {
            return null;
        }

        if (bytes.Count != count)
        {
            from.Fail($"\\# says {count} bytes and {bytes.Count} follow", "\\# LENGTH HEX (RFC 3597)");
            return null;
        }

        byte[] wire = [.. bytes];
        if (shape is not null && !shape.Format(wire, new System.Text.StringBuilder()))
        {
            from.Fail($"these bytes are no data of {RecordTypeText.Format(type)}", shape.Example);
            return null;
        }

        return wire;
    }
}
