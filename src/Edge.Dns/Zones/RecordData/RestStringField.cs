using System.Text;
using Edge.Dns.Zones.MasterFile;

namespace Edge.Dns.Zones.RecordData;

/// <summary>A string without a length byte that fills the rest of the data (RFC 8659 §4.1, RFC 7553 §4.4).</summary>
internal sealed class RestStringField(string label) : DataField(label)
{
    public override bool Parse(FieldReader from, List<byte> to)
    {
        if (!CharacterString.TryTake(from, Label, out var bytes))
        {
            return false;
        }

        to.AddRange(bytes);
        return true;
    }

    public override bool Format(ref ReadOnlySpan<byte> from, StringBuilder to)
    {
        CharacterString.AppendQuoted(to, from);
        from = default;
        return true;
    }
}
