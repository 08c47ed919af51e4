using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Text;
using Edge.Dns.Zones.MasterFile;

namespace Edge.Dns.Zones.RecordData;

/// <summary>The values of service parameters in text and on the wire (RFC 9460 §7 and §8).</summary>
internal static class ServiceParameterValue
{
    public static bool TryParse(FieldReader from, ushort key, string? text, out byte[] value)
    {
        value = [];
        var word = ServiceParameterKey.Format(key);
        if (key is ServiceParameterKey.NoDefaultAlpn or ServiceParameterKey.Ohttp)
        {
            return text is null || from.Fail($"{word} takes no value");
        }

        // The root has a path of no segments (RFC 9953 §3), and what an unknown key means is unknown.
        if (key >= ServiceParameterKey.DocPath && string.IsNullOrEmpty(text))
        {
            return true;
        }

        if (string.IsNullOrEmpty(text) || CharacterString.Decode(text) is not { } bytes)
        {
            return from.Fail(string.IsNullOrEmpty(text) ? $"{word} needs a value" : $"a wrong escape in the value of {word}");
        }

        var parsed = key switch
        {
            ServiceParameterKey.Mandatory => Keys(bytes),
            ServiceParameterKey.Alpn or ServiceParameterKey.DocPath => Strings(bytes),
            ServiceParameterKey.TlsSupportedGroups => Groups(bytes),
            ServiceParameterKey.Port => Port(bytes),
            ServiceParameterKey.Ipv4Hint => Addresses(bytes, v6: false),
            ServiceParameterKey.Ipv6Hint => Addresses(bytes, v6: true),
            ServiceParameterKey.Ech => Base64(bytes),
            // RFC 9461 §5: a relative URI template that has the variable dns.
            ServiceParameterKey.DohPath => bytes[0] == '/' && Latin(bytes).IndexOf('{') is var open and > 0 && Latin(bytes).IndexOf("dns", open, StringComparison.Ordinal) > 0 ? [.. bytes] : null,
            _ => bytes.ToArray(),
        };
        if (parsed is null || parsed.Length > ushort.MaxValue)
        {
            return from.Fail($"\"{ZoneFileReader.Display(text)}\" is no value of {word}", Example(key));
        }

        value = parsed;
        return true;
    }

    /// <summary>Appends "=value", or nothing for an empty one; false when the bytes are no value of the key.</summary>
    public static bool Format(ushort key, ReadOnlySpan<byte> value, StringBuilder to)
    {
        if (value.IsEmpty)
        {
            return key is ServiceParameterKey.NoDefaultAlpn or ServiceParameterKey.Ohttp or >= ServiceParameterKey.DocPath;
        }

        to.Append('=');
        switch (key)
        {
            case ServiceParameterKey.NoDefaultAlpn or ServiceParameterKey.Ohttp:
                return false;
            case ServiceParameterKey.Mandatory:
                return AppendList(value, 2, to, static (part, text) => text.Append(ServiceParameterKey.Format(BinaryPrimitives.ReadUInt16BigEndian(part))));
            case ServiceParameterKey.Port:
                return value.Length == 2 && AppendList(value, 2, to, static (part, text) => text.Append(BinaryPrimitives.ReadUInt16BigEndian(part)));
            case ServiceParameterKey.Ipv4Hint:
                return AppendList(value, 4, to, static (part, text) => text.Append(new IPAddress(part)));
            case ServiceParameterKey.Ipv6Hint:
                return AppendList(value, 16, to, static (part, text) => text.Append(new IPAddress(part)));
            case ServiceParameterKey.Ech:
                to.Append(Convert.ToBase64String(value));
                return true;
            case ServiceParameterKey.TlsSupportedGroups:
                return AppendList(value, 2, to, static (part, text) => text.Append(BinaryPrimitives.ReadUInt16BigEndian(part)));
            case ServiceParameterKey.Alpn or ServiceParameterKey.DocPath:
                return AppendStrings(value, to);
            default:
                CharacterString.AppendQuoted(to, value);
                return true;
        }
    }

    private delegate StringBuilder AppendPart(ReadOnlySpan<byte> part, StringBuilder to);

    private static bool AppendList(ReadOnlySpan<byte> value, int size, StringBuilder to, AppendPart append)
    {
        for (var i = 0; i + size <= value.Length; i += size)
        {
            append(value.Slice(i, size), i == 0 ? to : to.Append(','));
        }

        return value.Length % size == 0;
    }

    private static bool AppendStrings(ReadOnlySpan<byte> value, StringBuilder to)
    {
        var text = new List<byte>();
        while (!value.IsEmpty)
        {
            if (value[0] == 0 || value[0] >= value.Length)
            {
                return false;
            }

            if (text.Count > 0)
            {
                text.Add((byte)',');
            }

            foreach (var b in value.Slice(1, value[0]))
            {
                // RFC 9460 appendix A.1: inside one item of a list, comma and backslash are escaped once more.
                if (b is (byte)',' or (byte)'\\')
                {
                    text.Add((byte)'\\');
                }

                text.Add(b);
            }

            value = value[(value[0] + 1)..];
        }

        CharacterString.AppendQuoted(to, text.ToArray());
        return true;
    }

    private static string Latin(List<byte> bytes) => Encoding.Latin1.GetString(bytes.ToArray());

    private static byte[]? Keys(List<byte> bytes)
    {
        var keys = new SortedSet<ushort>();
        foreach (var word in Latin(bytes).Split(','))
        {
            // RFC 9460 §8: no key twice, and mandatory does not name itself.
            if (!ServiceParameterKey.TryParse(word, out var key) || key == ServiceParameterKey.Mandatory || !keys.Add(key))
            {
                return null;
            }
        }

        return [.. keys.SelectMany(key => new[] { (byte)(key >> 8), (byte)key })];
    }

    private static byte[]? Groups(List<byte> bytes)
    {
        var groups = new List<ushort>();
        foreach (var word in Latin(bytes).Split(','))
        {
            if (!ushort.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var group) || groups.Contains(group))
            {
                return null;
            }

            groups.Add(group);
        }

        return [.. groups.SelectMany(group => new[] { (byte)(group >> 8), (byte)group })];
    }

    private static byte[]? Strings(List<byte> bytes)
    {
        var wire = new List<byte>();
        var item = new List<byte>();
        for (var i = 0; i <= bytes.Count; i++)
        {
            if (i < bytes.Count && bytes[i] != ',')
            {
                item.Add(bytes[i] == '\\' && i + 1 < bytes.Count ? bytes[++i] : bytes[i]);
                continue;
            }

            if (item.Count is 0 or > 255)
            {
                return null;
            }

            wire.Add((byte)item.Count);
            wire.AddRange(item);
            item.Clear();
        }

        return [.. wire];
    }

    private static byte[]? Port(List<byte> bytes) =>
        ushort.TryParse(Latin(bytes), NumberStyles.None, CultureInfo.InvariantCulture, out var port) ? [(byte)(port >> 8), (byte)port] : null;

    private static byte[]? Addresses(List<byte> bytes, bool v6)
    {
        var wire = new List<byte>();
        Span<byte> address = stackalloc byte[16];
        foreach (var word in Latin(bytes).Split(','))
        {
            if (!(v6 ? AddressText.TryParseV6(word, address) : AddressText.TryParseV4(word, address)))
            {
                return null;
            }

            wire.AddRange(address[..(v6 ? 16 : 4)]);
        }

        return [.. wire];
    }

    private static byte[]? Base64(List<byte> bytes)
    {
        var decoded = new byte[bytes.Count];
        return Convert.TryFromBase64String(Latin(bytes), decoded, out var length) && length > 0 ? decoded[..length] : null;
    }

    private static string? Example(ushort key) => key switch
    {
        ServiceParameterKey.Mandatory => "keys that are there, each once: mandatory=alpn,port",
        ServiceParameterKey.Alpn => "alpn=h2,h3",
        ServiceParameterKey.Port => "port=8443",
        ServiceParameterKey.Ipv4Hint => "ipv4hint=192.0.2.10",
        ServiceParameterKey.Ipv6Hint => "ipv6hint=2001:db8::10",
        ServiceParameterKey.Ech => "base64",
        ServiceParameterKey.DohPath => "dohpath=/dns-query{?dns}",
        ServiceParameterKey.TlsSupportedGroups => "numbers of groups, each once: tls-supported-groups=29,23",
        ServiceParameterKey.DocPath => "docpath=dns",
        _ => null,
    };
}
