using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;
using Edge.Dns.Wire;

namespace Edge.Dns.Multicast;

/// <summary>Names and data of DNS service discovery (RFC 6763 §4, §6, §9). Instances are single labels of UTF-8: dots and spaces in them are part of the label.</summary>
public static class DnsSdNames
{
    /// <summary>The domain of mDNS (RFC 6762 §3).</summary>
    public static readonly Name Local = Name.Parse("local");

    /// <summary>Below it stand the types that there are (RFC 6763 §9).</summary>
    public static readonly Name Types = Name.Parse("_services._dns-sd._udp.local");

    /// <summary>"_http._tcp" in a domain.</summary>
    public static Name Type(string type, Name domain) => type.Split('.').Reverse().Aggregate(domain, (name, label) => name.Prepend(label));

    /// <summary>"_printer._sub._http._tcp.local" of "_printer" (RFC 6763 §7.1).</summary>
    public static Name Subtype(string subtype, Name type) => type.Prepend("_sub").Prepend(subtype);

    /// <summary>"_http._tcp" of "_http._tcp.local".</summary>
    public static string TypeText(Name type) => type.ToHostString() is var text && text.EndsWith(".local", StringComparison.OrdinalIgnoreCase) ? text[..^".local".Length].ToLowerInvariant() : text;

    /// <summary>The type of which "_printer._sub._http._tcp" tells a part (RFC 6763 §7.1).</summary>
    public static string WithoutSubtype(string type) => type.IndexOf("._sub.", StringComparison.OrdinalIgnoreCase) is >= 0 and var at ? type[(at + "._sub.".Length)..] : type;

    /// <summary>An instance of a type.</summary>
    /// <exception cref="FormatException">It is longer than 63 bytes.</exception>
    public static Name Instance(string instance, Name type) => type.Prepend(Encoding.UTF8.GetBytes(instance));

    /// <summary>SRV data with neither priority nor weight (RFC 2782).</summary>
    public static RData Srv(int port, Name target)
    {
        var data = new byte[6 + target.Wire.Length];
        BinaryPrimitives.WriteUInt16BigEndian(data.AsSpan(4), (ushort)port);
        target.Wire.CopyTo(data.AsSpan(6));
        return new RData(data);
    }

    /// <summary>TXT data of KEY=VALUE: one string at least, and an empty one when there is nothing to say (RFC 6763 §6.1).</summary>
    public static RData Txt(ImmutableArray<string> text)
    {
        var data = new List<byte>();
        foreach (var one in text.Select(Encoding.UTF8.GetBytes).Where(bytes => bytes.Length is > 0 and < 256))
        {
            data.Add((byte)one.Length);
            data.AddRange(one);
        }

        return new RData(data.Count == 0 ? [0] : [.. data]);
    }

    /// <summary>A text with a number behind it that ends within the 63 bytes of a label, cut between characters where it is too long.</summary>
    internal static string Numbered(string text, string number)
    {
        var room = Name.MaxLabelLength - Encoding.UTF8.GetByteCount(number);
        while (Encoding.UTF8.GetByteCount(text) > room)
        {
            text = text[..^(char.IsLowSurrogate(text[^1]) && text.Length > 1 ? 2 : 1)];
        }

        return text + number;
    }
}
