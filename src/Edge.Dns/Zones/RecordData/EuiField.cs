using System.Text;
using Edge.Dns.Zones.MasterFile;

namespace Edge.Dns.Zones.RecordData;

/// <summary>A hardware address: six or eight pairs of hexadecimal digits with hyphens (RFC 7043 §3.2, §4.2).</summary>
internal sealed class EuiField(int bytes) : DataField("hardware address")
{
    public override bool Parse(FieldReader from, List<byte> to)
    {
        if (!from.TryTake(Label, out var token))
        {
            return false;
        }

        var pairs = token.Text.Split('-');
        if (pairs.Length != bytes || pairs.Any(pair => pair.Length != 2 || !pair.All(char.IsAsciiHexDigit)))
        {
            return from.Fail($"the {Label} must be {bytes} pairs of hexadecimal digits with hyphens, not \"{ZoneFileReader.Display(token.Text)}\"");
        }

        to.AddRange(Convert.FromHexString(string.Concat(pairs)));
        return true;
    }

    public override bool Format(ref ReadOnlySpan<byte> from, StringBuilder to)
    {
        if (!TryTake(ref from, bytes, out var taken))
        {
            return false;
        }

        to.Append(Convert.ToHexStringLower(taken[..1]));
        foreach (var b in taken[1..])
        {
            to.Append('-').Append(Convert.ToHexStringLower([b]));
        }

        return true;
    }
}
