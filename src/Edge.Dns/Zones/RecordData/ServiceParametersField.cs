using System.Buffers.Binary;
using System.Text;
using Edge.Dns.Zones.MasterFile;

namespace Edge.Dns.Zones.RecordData;

/// <summary>The parameters of SVCB and HTTPS up to the end of the data: sorted by key and unique on the wire (RFC 9460 §2.1, §2.2).</summary>
internal sealed class ServiceParametersField() : DataField("parameters")
{
    public override bool Parse(FieldReader from, List<byte> to)
    {
        var parameters = new SortedDictionary<ushort, byte[]>();
        while (!from.AtEnd)
        {
            from.TryTake(Label, out var token);
            var equals = token.Text.IndexOf('=');
            var word = equals < 0 ? token.Text : token.Text[..equals];
            if (!ServiceParameterKey.TryParse(word, out var key))
            {
                return from.Fail($"\"{ZoneFileReader.Display(word)}\" is no service parameter", "known are mandatory, alpn, no-default-alpn, port, ipv4hint, ipv6hint, ech, dohpath, ohttp, tls-supported-groups, docpath and keyNNNNN");
            }

            if (!ServiceParameterValue.TryParse(from, key, equals < 0 ? null : Unquote(token.Text[(equals + 1)..]), out var value))
            {
                return false;
            }

            if (!parameters.TryAdd(key, value))
            {
                return from.Fail($"{ServiceParameterKey.Format(key)} is given twice");
            }
        }

        if (!AreConsistent(from, parameters, aliasMode: to[0] == 0 && to[1] == 0))
        {
            return false;
        }

        Span<byte> head = stackalloc byte[4];
        foreach (var (key, value) in parameters)
        {
            BinaryPrimitives.WriteUInt16BigEndian(head, key);
            BinaryPrimitives.WriteUInt16BigEndian(head[2..], (ushort)value.Length);
            to.AddRange(head);
            to.AddRange(value);
        }

        return true;
    }

    public override bool Format(ref ReadOnlySpan<byte> from, StringBuilder to)
    {
        var last = -1;
        while (!from.IsEmpty)
        {
            if (!TryTake(ref from, 4, out var head) || !TryTake(ref from, BinaryPrimitives.ReadUInt16BigEndian(head[2..]), out var value))
            {
                return false;
            }

            var key = BinaryPrimitives.ReadUInt16BigEndian(head);
            if (key <= last)
            {
                return false;
            }

            to.Append(last < 0 ? "" : " ").Append(ServiceParameterKey.Format(key));
            if (!ServiceParameterValue.Format(key, value, to))
            {
                return false;
            }

            last = key;
        }

        return true;
    }

    private static string Unquote(string text) => text.Length >= 2 && text[0] == '"' && text[^1] == '"' ? text[1..^1] : text;

    private static bool AreConsistent(FieldReader from, SortedDictionary<ushort, byte[]> parameters, bool aliasMode)
    {
        // RFC 9460 §2.4.2: priority 0 only points elsewhere.
        if (aliasMode && parameters.Count > 0)
        {
            return from.Fail("priority 0 (AliasMode) takes no parameters", "use priority 1 to describe a service, or leave the parameters out");
        }

        // RFC 9460 §7.1.1.
        if (parameters.ContainsKey(ServiceParameterKey.NoDefaultAlpn) && !parameters.ContainsKey(ServiceParameterKey.Alpn))
        {
            return from.Fail("no-default-alpn needs alpn beside it");
        }

        // RFC 9460 §8: what is mandatory has to be there.
        if (parameters.TryGetValue(ServiceParameterKey.Mandatory, out var mandatory))
        {
            for (var i = 0; i < mandatory.Length; i += 2)
            {
                var key = BinaryPrimitives.ReadUInt16BigEndian(mandatory.AsSpan(i));
                if (!parameters.ContainsKey(key))
                {
                    return from.Fail($"mandatory names {ServiceParameterKey.Format(key)}, which is not there");
                }
            }
        }

        return true;
    }
}
