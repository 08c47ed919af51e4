using System.Net;
using System.Text;
using Edge.Dns.Zones.MasterFile;

namespace Edge.Dns.Zones.RecordData;

/// <summary>An IPv4 address in four bytes or an IPv6 address in sixteen (RFC 1035 §3.4.1, RFC 3596 §2.2).</summary>
internal sealed class AddressField(bool v6) : DataField("address")
{
    public override bool Parse(FieldReader from, List<byte> to)
    {
        if (!from.TryTake(v6 ? "IPv6 address" : "IPv4 address", out var token))
        {
            return false;
        }

        Span<byte> address = stackalloc byte[16];
        if (v6 ? AddressText.TryParseV6(token.Text, address) : AddressText.TryParseV4(token.Text, address))
        {
            to.AddRange(address[..(v6 ? 16 : 4)]);
            return true;
        }

        var shown = ZoneFileReader.Display(token.Text);
        if (v6)
        {
            return AddressText.TryParseV4(token.Text, address)
                ? from.Fail($"AAAA needs an IPv6 address; \"{shown}\" is IPv4: use A")
                : from.Fail($"AAAA needs an IPv6 address, not \"{shown}\"", "AAAA 2001:db8::10");
        }

        return AddressText.TryParseV6(token.Text, address)
            ? from.Fail($"A needs an IPv4 address; \"{shown}\" is IPv6: use AAAA")
            : from.Fail($"A needs an IPv4 address, not \"{shown}\"", Hint(token.Text));
    }

    public override bool Format(ref ReadOnlySpan<byte> from, StringBuilder to)
    {
        if (!TryTake(ref from, v6 ? 16 : 4, out var taken))
        {
            return false;
        }

        to.Append(new IPAddress(taken));
        return true;
    }

    private static string Hint(string text)
    {
        if (text.AsSpan().ContainsAnyInRange('a', 'z'))
        {
            return "a name is reached with CNAME";
        }

        var plain = string.Join('.', text.Split('.').Select(part => part.TrimStart('0') is { Length: > 0 } digits ? digits : "0"));
        return AddressText.TryParseV4(plain, stackalloc byte[4]) ? $"write it without leading zeros: {plain}" : "four numbers from 0 to 255: A 192.0.2.10";
    }
}
