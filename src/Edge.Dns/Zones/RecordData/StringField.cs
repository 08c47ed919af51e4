using System.Text;
using Edge.Dns.Zones.MasterFile;

namespace Edge.Dns.Zones.RecordData;

/// <summary>One character-string: a length byte and up to 255 bytes (RFC 1035 §3.3); or, when repeated, one or more up to the end (TXT).</summary>
internal sealed class StringField(string label, bool repeated = false) : DataField(label)
{
    public override bool Parse(FieldReader from, List<byte> to)
    {
        do
        {
            if (!CharacterString.TryTake(from, Label, out var bytes))
            {
                return false;
            }

            if (bytes.Count > 255)
            {
                return from.Fail($"the {Label} has {bytes.Count} bytes; one string holds at most 255", "cut it into several strings: \"first part\" \"second part\"");
            }

            to.Add((byte)bytes.Count);
            to.AddRange(bytes);
        }
        while (repeated && !from.AtEnd);
        return true;
    }

    public override bool Format(ref ReadOnlySpan<byte> from, StringBuilder to)
    {
        for (var first = true; first || (repeated && !from.IsEmpty); first = false)
        {
            if (!TryTake(ref from, 1, out var length) || !TryTake(ref from, length[0], out var bytes))
            {
                return false;
            }

            if (!first)
            {
                to.Append(' ');
            }

            CharacterString.AppendQuoted(to, bytes);
        }

        return true;
    }
}
