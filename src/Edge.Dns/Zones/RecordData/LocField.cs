using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Edge.Dns.Zones.MasterFile;

namespace Edge.Dns.Zones.RecordData;

/// <summary>A place on earth in sixteen bytes (RFC 1876 §2 and §3): latitude, longitude, altitude, size and precisions.</summary>
internal sealed class LocField() : DataField("location")
{
    // Angles count thousandths of a second of arc from 2^31; altitude counts centimetres from 100 km below the ellipsoid.
    private const uint Equator = 1u << 31;
    private const long SeaLevel = 10_000_000;

    public override bool Parse(FieldReader from, List<byte> to)
    {
        if (!TryTakeAngle(from, "latitude", 90, 'N', 'S', out var latitude) || !TryTakeAngle(from, "longitude", 180, 'E', 'W', out var longitude)
            || !TryTakeMetres(from, "altitude", -SeaLevel, uint.MaxValue - SeaLevel, null, out var altitude)
            || !TryTakeMetres(from, "size", 0, 9_000_000_000, 100, out var size)
            || !TryTakeMetres(from, "horizontal precision", 0, 9_000_000_000, 1_000_000, out var horizontal)
            || !TryTakeMetres(from, "vertical precision", 0, 9_000_000_000, 1_000, out var vertical))
        {
            return false;
        }

        Span<byte> wire = stackalloc byte[16];
        wire[0] = 0;
        (wire[1], wire[2], wire[3]) = (Precision(size), Precision(horizontal), Precision(vertical));
        BinaryPrimitives.WriteUInt32BigEndian(wire[4..], latitude);
        BinaryPrimitives.WriteUInt32BigEndian(wire[8..], longitude);
        BinaryPrimitives.WriteUInt32BigEndian(wire[12..], (uint)(altitude + SeaLevel));
        to.AddRange(wire);
        return true;
    }

    public override bool Format(ref ReadOnlySpan<byte> from, StringBuilder to)
    {
        if (!TryTake(ref from, 16, out var wire) || wire[0] != 0 || !IsPrecision(wire[1]) || !IsPrecision(wire[2]) || !IsPrecision(wire[3]))
        {
            return false;
        }

        var latitude = BinaryPrimitives.ReadUInt32BigEndian(wire[4..]);
        var longitude = BinaryPrimitives.ReadUInt32BigEndian(wire[8..]);
        if (Math.Abs((long)latitude - Equator) > 90 * 3_600_000 || Math.Abs((long)longitude - Equator) > 180 * 3_600_000)
        {
            return false;
        }

        AppendAngle(to, latitude, 'N', 'S');
        AppendAngle(to, longitude, 'E', 'W');
        var altitude = BinaryPrimitives.ReadUInt32BigEndian(wire[12..]) - SeaLevel;
        to.Append(CultureInfo.InvariantCulture, $"{(altitude < 0 ? "-" : "")}{Math.Abs(altitude) / 100}.{Math.Abs(altitude) % 100:D2}m");
        foreach (var precision in wire[1..4])
        {
            var centimetres = (precision >> 4) * (long)Math.Pow(10, precision & 15);
            to.Append(CultureInfo.InvariantCulture, $" {centimetres / 100}{(centimetres < 100 ? $".{centimetres:D2}" : "")}m");
        }

        return true;
    }

    private static bool TryTakeAngle(FieldReader from, string label, uint maxDegrees, char positive, char negative, out uint wire)
    {
        wire = 0;
        var parts = new List<decimal>();
        while (from.TryTake(label, out var token))
        {
            if (token.Text.Length == 1 && char.ToUpperInvariant(token.Text[0]) is var side && (side == positive || side == negative))
            {
                var thousandths = (parts.ElementAtOrDefault(0) * 3600 + parts.ElementAtOrDefault(1) * 60 + parts.ElementAtOrDefault(2)) * 1000;
                if (parts.Count == 0 || thousandths > maxDegrees * 3_600_000m)
                {
                    return from.Fail($"the {label} must be from 0 to {maxDegrees} degrees");
                }

                wire = side == positive ? Equator + (uint)thousandths : Equator - (uint)thousandths;
                return true;
            }

            var style = parts.Count == 2 ? NumberStyles.AllowDecimalPoint : NumberStyles.None;
            if (parts.Count == 3 || !decimal.TryParse(token.Text, style, CultureInfo.InvariantCulture, out var part)
                || part >= (parts.Count == 0 ? maxDegrees + 1 : 60))
            {
                return from.Fail($"the {label} is degrees, minutes and seconds and then {positive} or {negative}; not \"{ZoneFileReader.Display(token.Text)}\"");
            }

            parts.Add(part);
        }

        return false;
    }

    private static bool TryTakeMetres(FieldReader from, string label, long min, long max, long? otherwise, out long centimetres)
    {
        centimetres = otherwise ?? 0;
        if (from.AtEnd && otherwise is not null)
        {
            return true;
        }

        if (!from.TryTake(label, out var token))
        {
            return false;
        }

        var digits = token.Text.EndsWith('m') || token.Text.EndsWith('M') ? token.Text.AsSpan(0, token.Text.Length - 1) : token.Text;
        if (digits.Length > 20 || !decimal.TryParse(digits, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var metres)
            || metres * 100 < min || metres * 100 > max)
        {
            return from.Fail($"the {label} must be metres from {min / 100} to {max / 100}, not \"{ZoneFileReader.Display(token.Text)}\"");
        }

        centimetres = (long)(metres * 100);
        return true;
    }

    // RFC 1876 §2: one digit and a power of ten, in centimetres.
    private static byte Precision(long centimetres)
    {
        var power = 0;
        for (; centimetres >= 10; centimetres /= 10)
        {
            power++;
        }

        return (byte)(centimetres << 4 | (uint)power);
    }

    private static bool IsPrecision(byte b) => b >> 4 <= 9 && (b & 15) <= 9;

    private static void AppendAngle(StringBuilder to, uint wire, char positive, char negative)
    {
        var thousandths = Math.Abs((long)wire - Equator);
        to.Append(CultureInfo.InvariantCulture, $"{thousandths / 3_600_000} {thousandths / 60_000 % 60} {thousandths / 1000 % 60}.{thousandths % 1000:D3} ");
        to.Append(wire >= Equator ? positive : negative).Append(' ');
    }
}
