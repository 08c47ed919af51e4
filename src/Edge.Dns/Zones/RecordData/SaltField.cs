using System.Text;
using Edge.Dns.Zones.MasterFile;

namespace Edge.Dns.Zones.RecordData;

/// <summary>The salt of NSEC3: a length byte and its bytes in one hexadecimal word, "-" for none (RFC 5155 §3.3).</summary>
internal sealed class SaltField() : DataField("salt")
{
    public override bool Parse(FieldReader from, List<byte> to)
    {
        if (!from.TryTake(Label, out var token))
        {
            return false;
        }

        var text = token.Text is "-" ? "" : token.Text;
        if (text.Length % 2 != 0 || text.Length > 510 || !text.All(char.IsAsciiHexDigit) || (text.Length == 0 && token.Text is not "-"))
        {
            return from.Fail($"the salt must be up to 255 bytes in hexadecimal, or - for none; not \"{ZoneFileReader.Display(token.Text)}\"");
        }

        to.Add((byte)(text.Length / 2));
        to.AddRange(Convert.FromHexString(text));
        return true;
    }

    public override bool Format(ref ReadOnlySpan<byte> from, StringBuilder to)
    {
        if (!TryTake(ref from, 1, out var length) || !TryTake(ref from, length[0], out var salt))
        {
            return false;
        }

        to.Append(salt.IsEmpty ? "-" : Convert.ToHexString(salt));
        return true;
    }
}
