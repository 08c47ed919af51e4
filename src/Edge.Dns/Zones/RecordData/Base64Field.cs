using System.Text;
using Edge.Dns.Zones.MasterFile;

namespace Edge.Dns.Zones.RecordData;

/// <summary>Bytes in base64 up to the end of the data, in as many words as one likes (RFC 4034 §2.2).</summary>
internal sealed class Base64Field(string label) : DataField(label)
{
    public override bool Parse(FieldReader from, List<byte> to)
    {
        var digits = new StringBuilder();
        do
        {
            if (!from.TryTake(Label, out var token))
            {
                return false;
            }

            digits.Append(token.Text);
        }
        while (!from.AtEnd);

        var text = digits.ToString();
        var bytes = new byte[text.Length * 3 / 4 + 3];
        if (!Convert.TryFromBase64String(text, bytes, out var written) || written == 0)
        {
            return from.Fail($"the {Label} must be base64, not \"{ZoneFileReader.Display(text)}\"");
        }

        to.AddRange(bytes.AsSpan(0, written));
        return true;
    }

    public override bool Format(ref ReadOnlySpan<byte> from, StringBuilder to)
    {
        if (from.IsEmpty)
        {
            return false;
        }

        to.Append(Convert.ToBase64String(from));
        from = default;
        return true;
    }
}
