using System.Buffers.Binary;
using System.Text;
using Edge.Dns.Wire;
using Edge.Dns.Zones.MasterFile;

namespace Edge.Dns.Zones.RecordData;

/// <summary>One record type by its mnemonic in two bytes (RFC 4034 §3.2).</summary>
internal sealed class TypeField(string label) : DataField(label)
{
    public override bool Parse(FieldReader from, List<byte> to)
    {
        if (!from.TryTake(Label, out var token))
        {
            return false;
        }

        if (!RecordTypeText.TryParse(token.Text, out var type))
        {
            return from.Fail($"the {Label} \"{ZoneFileReader.Display(token.Text)}\" is no record type");
        }

        to.Add((byte)((ushort)type >> 8));
        to.Add((byte)type);
        return true;
    }

    public override bool Format(ref ReadOnlySpan<byte> from, StringBuilder to)
    {
        if (!TryTake(ref from, 2, out var taken))
        {
            return false;
        }

        to.Append(RecordTypeText.Format((RecordType)BinaryPrimitives.ReadUInt16BigEndian(taken)));
        return true;
    }
}
