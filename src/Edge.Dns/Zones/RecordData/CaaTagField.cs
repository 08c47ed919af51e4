using System.Text;
using Edge.Dns.Zones.MasterFile;

namespace Edge.Dns.Zones.RecordData;

/// <summary>The property tag of CAA: a length byte and ASCII letters and digits (RFC 8659 §4.1).</summary>
internal sealed class CaaTagField() : DataField("tag")
{
    private static readonly string[] Known = ["issue", "issuewild", "iodef", "issuemail", "issuevmc", "contactemail", "contactphone"];

    public override bool Parse(FieldReader from, List<byte> to)
    {
        if (!from.TryTake(Label, out var token))
        {
            return false;
        }

        if (token.Text.Length is 0 or > 255 || !token.Text.All(char.IsAsciiLetterOrDigit))
        {
            return from.Fail($"the tag must be made of letters and digits, not \"{ZoneFileReader.Display(token.Text)}\"");
        }

        // RFC 8659 §4.1: an unknown tag is allowed, but a slip in "issue" would let every CA issue.
        if (!Known.Contains(token.Text, StringComparer.OrdinalIgnoreCase))
        {
            from.Warnings.Add(new ZoneFileError(token.Line, $"no CA knows the tag \"{token.Text}\"", $"the tags are {string.Join(", ", Known)}"));
        }

        to.Add((byte)token.Text.Length);
        to.AddRange(Encoding.ASCII.GetBytes(token.Text));
        return true;
    }

    public override bool Format(ref ReadOnlySpan<byte> from, StringBuilder to)
    {
        if (!TryTake(ref from, 1, out var length) || !TryTake(ref from, length[0], out var tag)
            || tag.IsEmpty || !tag.ToArray().All(b => char.IsAsciiLetterOrDigit((char)b)))
        {
            return false;
        }

        to.Append(Encoding.ASCII.GetString(tag));
        return true;
    }
}
