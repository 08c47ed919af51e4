using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Net;
using System.Text;
using Edge.Dns.Wire;

namespace Edge.Dns.Multicast;

/// <summary>What a querier knows, as others read it.</summary>
internal static class HeardText
{
    private const int MostStrings = 32;

    public static HeardHost Host(Querier querier, Name host)
    {
        var records = Addresses(querier, host);
        return new HeardHost(
            host,
            [.. records.Select(record => new IPAddress(record.Data.Wire)).Distinct().OrderBy(address => address.AddressFamily).ThenBy(address => address.ToString(), StringComparer.Ordinal)],
            [.. records.Select(record => record.Interface).Distinct().Order(StringComparer.Ordinal)],
            records.Count > 0 && records.TrueForAll(record => record.IsStale));
    }

    /// <summary>The instances of a type of which host and addresses are known.</summary>
    public static IEnumerable<FoundInstance> Instances(Querier querier, string type, Name typeName)
    {
        foreach (var pointer in querier.Known(typeName, RecordType.PTR).DistinctBy(record => record.Data))
        {
            var name = Name.FromWire(pointer.Data.Wire);
            if (Best(querier.Known(name, RecordType.SRV)) is { } srv && Host(querier, Target(srv)) is { Addresses.IsEmpty: false } host)
            {
                var port = BinaryPrimitives.ReadUInt16BigEndian(srv.Data.Wire[4..]);
                ImmutableArray<string> text = Best(querier.Known(name, RecordType.TXT)) is { } txt ? Strings(txt.Data.Wire) : [];
                yield return new FoundInstance(Encoding.UTF8.GetString(name.FirstLabel), type, host.Name, port, text, host.Addresses, srv.Interface);
            }
        }
    }

    /// <summary>The host that an SRV record leads to.</summary>
    public static Name Target(HeardRecord srv) => Name.FromWire(srv.Data.Wire[6..]);

    // Who speaks goes before who is silent.
    private static HeardRecord? Best(IReadOnlyList<HeardRecord> records) => records.FirstOrDefault(record => !record.IsStale) ?? records.FirstOrDefault();

    // RFC 6763 §6.4: of strings with the same key the first counts, whatever its case; one without a key counts for nothing.
    private static ImmutableArray<string> Strings(ReadOnlySpan<byte> data)
    {
        var strings = new List<string>();
        while (!data.IsEmpty && data[0] < data.Length && strings.Count < MostStrings)
        {
            if (data[0] > 0 && data[1] != (byte)'=')
            {
                strings.Add(Encoding.UTF8.GetString(data.Slice(1, data[0])));
            }

            data = data[(data[0] + 1)..];
        }

        return [.. strings.DistinctBy(text => text.Split('=')[0], StringComparer.OrdinalIgnoreCase)];
    }

    private static List<HeardRecord> Addresses(Querier querier, Name host) => [.. querier.Known(host, RecordType.A), .. querier.Known(host, RecordType.AAAA)];
}
