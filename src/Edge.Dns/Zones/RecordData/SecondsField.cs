using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Edge.Dns.Zones.MasterFile;

namespace Edge.Dns.Zones.RecordData;

/// <summary>A time span of four bytes, in seconds or with units: 3600 or 1h (the timers of SOA, RFC 1035 §3.3.13).</summary>
internal sealed class SecondsField(string label) : DataField(label)
{
    public override bool Parse(FieldReader from, List<byte> to)
    {
        if (!from.TryTake(Label, out var token))
        {
            return false;
        }

        if (!TtlText.TryParse(token.Text, out var seconds) || seconds > uint.MaxValue)
        {
            return from.Fail(
                $"the {Label} must be a time of at most {uint.MaxValue} seconds, not \"{ZoneFileReader.Display(token.Text)}\"",
                "write seconds, or numbers with s m h d w: 1h30m");
        }

        Span<byte> wire = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(wire, (uint)seconds);
        to.AddRange(wire);
        return true;
    }

    public override bool Format(ref ReadOnlySpan<byte> from, StringBuilder to)
    {
        if (!TryTake(ref from, 4, out var taken))
        {
            return false;
        }

        to.Append(BinaryPrimitives.ReadUInt32BigEndian(taken).ToString(CultureInfo.InvariantCulture));
        return true;
    }
}
