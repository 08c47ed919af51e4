using System.Text;
using Edge.Dns.Wire;
using Edge.Dns.Zones.MasterFile;

namespace Edge.Dns.Zones.RecordData;

/// <summary>The types present at a name, as windows of bits up to the end of the data (RFC 4034 §4.1.2).</summary>
internal sealed class TypeBitmapField() : DataField("type list")
{
    public override bool Parse(FieldReader from, List<byte> to)
    {
        var types = new SortedSet<ushort>();
        while (!from.AtEnd)
        {
            from.TryTake(Label, out var token);
            if (!RecordTypeText.TryParse(token.Text, out var type))
            {
                return from.Fail($"\"{ZoneFileReader.Display(token.Text)}\" in the type list is no record type");
            }

            types.Add((ushort)type);
        }

        Span<byte> bits = stackalloc byte[32];
        foreach (var window in types.GroupBy(type => type >> 8))
        {
            bits.Clear();
            foreach (var type in window)
            {
                bits[(type & 0xFF) >> 3] |= (byte)(0x80 >> (type & 7));
            }

            var length = ((window.Last() & 0xFF) >> 3) + 1;
            to.Add((byte)window.Key);
            to.Add((byte)length);
            to.AddRange(bits[..length]);
        }

        return true;
    }

    public override bool Format(ref ReadOnlySpan<byte> from, StringBuilder to)
    {
        var first = true;
        var window = -1;
        while (!from.IsEmpty)
        {
            if (!TryTake(ref from, 2, out var head) || head[0] <= window || head[1] is 0 or > 32 || !TryTake(ref from, head[1], out var bits))
            {
                return false;
            }

            window = head[0];
            for (var bit = 0; bit < bits.Length * 8; bit++)
            {
                if ((bits[bit >> 3] & (0x80 >> (bit & 7))) != 0)
                {
                    to.Append(first ? "" : " ").Append(RecordTypeText.Format((RecordType)(head[0] << 8 | bit)));
                    first = false;
                }
            }
        }

        return true;
    }
}
