using System.Text;
using Edge.Dns.Wire;
using Edge.Dns.Zones.MasterFile;

namespace Edge.Dns.Zones.RecordData;

/// <summary>A domain name, uncompressed.</summary>
internal sealed class NameField(string label) : DataField(label)
{
    public override bool Parse(FieldReader from, List<byte> to)
    {
        if (!from.TryTakeName(Label, out var name))
        {
            return false;
        }

        to.AddRange(name.Wire);
        return true;
    }

    public override bool Format(ref ReadOnlySpan<byte> from, StringBuilder to)
    {
        if (!TryTakeName(ref from, out var name))
        {
            return false;
        }

        to.Append(name);
        return true;
    }

    /// <summary>Takes one uncompressed name from the front of some wire data.</summary>
    public static bool TryTakeName(ref ReadOnlySpan<byte> from, out Name name)
    {
        name = Name.Root;
        var end = 0;
        while (end < from.Length && from[end] != 0)
        {
            end += from[end] + 1;
            if (end > Name.MaxWireLength)
            {
                return false;
            }
        }

        if (end >= Math.Min(from.Length, Name.MaxWireLength) || HasLongLabel(from[..end]))
        {
            return false;
        }

        name = Name.FromWire(from[..(end + 1)]);
        from = from[(end + 1)..];
        return true;
    }

    private static bool HasLongLabel(ReadOnlySpan<byte> labels)
    {
        for (var i = 0; i < labels.Length; i += labels[i] + 1)
        {
            if (labels[i] > Name.MaxLabelLength)
            {
                return true;
            }
        }

        return false;
    }
}
