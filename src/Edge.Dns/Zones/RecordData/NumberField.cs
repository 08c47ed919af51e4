using System.Globalization;
using System.Text;
using Edge.Dns.Zones.MasterFile;

namespace Edge.Dns.Zones.RecordData;

/// <summary>An unsigned number of one, two or four bytes, or one of its words where the type has words for its values.</summary>
internal sealed class NumberField(string label, int bytes, NumberWords? words = null) : DataField(label)
{
    public override bool Parse(FieldReader from, List<byte> to)
    {
        if (!from.TryTake(Label, out var token))
        {
            return false;
        }

        var max = uint.MaxValue >> (32 - bytes * 8);
        if ((words is null || !words.TryParse(token.Text, out var value))
            && (!uint.TryParse(token.Text, NumberStyles.None, CultureInfo.InvariantCulture, out value) || value > max))
        {
            return from.Fail($"the {Label} must be a number from 0 to {max}, not \"{ZoneFileReader.Display(token.Text)}\"");
        }

        for (var shift = (bytes - 1) * 8; shift >= 0; shift -= 8)
        {
            to.Add((byte)(value >> shift));
        }

        return true;
    }

    public override bool Format(ref ReadOnlySpan<byte> from, StringBuilder to)
    {
        if (!TryTake(ref from, bytes, out var taken))
        {
            return false;
        }

        var value = 0u;
        foreach (var b in taken)
        {
            value = (value << 8) | b;
        }

        to.Append(words?.Format(value) ?? value.ToString(CultureInfo.InvariantCulture));
        return true;
    }
}
