using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Edge.Dns.Zones.MasterFile;

namespace Edge.Dns.Zones.RecordData;

/// <summary>A point in time of RRSIG: YYYYMMDDHHmmSS in UTC, or seconds since 1970, in four bytes that wrap (RFC 4034 §3.2).</summary>
internal sealed class TimestampField(string label) : DataField(label)
{
    private const string Shape = "yyyyMMddHHmmss";

    public override bool Parse(FieldReader from, List<byte> to)
    {
        if (!from.TryTake(Label, out var token))
        {
            return false;
        }

        uint seconds;
        if (token.Text.Length == Shape.Length
            && DateTimeOffset.TryParseExact(token.Text, Shape, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
        {
            seconds = unchecked((uint)time.ToUnixTimeSeconds());
        }
        else if (!uint.TryParse(token.Text, NumberStyles.None, CultureInfo.InvariantCulture, out seconds))
        {
            return from.Fail($"the {Label} must be YYYYMMDDHHmmSS or seconds since 1970, not \"{ZoneFileReader.Display(token.Text)}\"");
        }

        Span<byte> wire = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(wire, seconds);
        to.AddRange(wire);
        return true;
    }

    public override bool Format(ref ReadOnlySpan<byte> from, StringBuilder to)
    {
        if (!TryTake(ref from, 4, out var taken))
        {
            return false;
        }

        to.Append(DateTimeOffset.FromUnixTimeSeconds(BinaryPrimitives.ReadUInt32BigEndian(taken)).ToString(Shape, CultureInfo.InvariantCulture));
        return true;
    }
}
