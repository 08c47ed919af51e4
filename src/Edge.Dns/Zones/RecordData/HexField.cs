using System.Text;
using Edge.Dns.Zones.MasterFile;

namespace Edge.Dns.Zones.RecordData;

/// <summary>Bytes in hexadecimal up to the end of the data, in as many words as one likes (RFC 4034 §5.3).</summary>
/// <param name="label">What people call it.</param>
/// <param name="length">The length that the fields before it demand; null where any is right.</param>
internal sealed class HexField(string label, Func<List<byte>, int?>? length = null) : DataField(label)
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
        if (text.Length % 2 != 0 || text.Length == 0 || !text.All(char.IsAsciiHexDigit))
        {
            return from.Fail($"the {Label} must be hexadecimal digits in pairs, not \"{ZoneFileReader.Display(text)}\"");
        }

        if (length?.Invoke(to) is { } wanted && wanted * 2 != text.Length)
        {
            return from.Fail($"the {Label} has {text.Length / 2} bytes; its type has {wanted}");
        }

        to.AddRange(Convert.FromHexString(text));
        return true;
    }

    public override bool Format(ref ReadOnlySpan<byte> from, StringBuilder to)
    {
        if (from.IsEmpty)
        {
            return false;
        }

        to.Append(Convert.ToHexString(from));
        from = default;
        return true;
    }
}
