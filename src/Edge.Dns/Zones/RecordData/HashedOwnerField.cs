using System.Text;
using Edge.Dns.Zones.MasterFile;

namespace Edge.Dns.Zones.RecordData;

/// <summary>The next hashed owner of NSEC3: a length byte and its bytes in base32 with the extended hex alphabet (RFC 5155 §3.3).</summary>
internal sealed class HashedOwnerField() : DataField("next hashed owner")
{
    private const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUV";

    public override bool Parse(FieldReader from, List<byte> to)
    {
        if (!from.TryTake(Label, out var token))
        {
            return false;
        }

        var bytes = new List<byte>();
        var (bits, held) = (0, 0);
        foreach (var c in token.Text)
        {
            var digit = Alphabet.IndexOf(char.ToUpperInvariant(c));
            if (digit < 0)
            {
                return from.Fail($"the {Label} must be base32 digits 0-9 A-V, not \"{ZoneFileReader.Display(token.Text)}\"");
            }

            bits = ((bits << 5) | digit) & 0xFFF;
            held += 5;
            if (held >= 8)
            {
                held -= 8;
                bytes.Add((byte)(bits >> held));
            }
        }

        if (bytes.Count is 0 or > 255)
        {
            return from.Fail($"the {Label} must have 1 to 255 bytes");
        }

        to.Add((byte)bytes.Count);
        to.AddRange(bytes);
        return true;
    }

    public override bool Format(ref ReadOnlySpan<byte> from, StringBuilder to)
    {
        if (!TryTake(ref from, 1, out var length) || !TryTake(ref from, length[0], out var bytes) || bytes.IsEmpty)
        {
            return false;
        }

        var (bits, held) = (0, 0);
        foreach (var b in bytes)
        {
            bits = ((bits << 8) | b) & 0xFFFF;
            for (held += 8; held >= 5; held -= 5)
            {
                to.Append(Alphabet[(bits >> (held - 5)) & 31]);
            }
        }

        if (held > 0)
        {
            to.Append(Alphabet[(bits << (5 - held)) & 31]);
        }

        return true;
    }
}
