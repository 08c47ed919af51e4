using System.Buffers.Binary;
using System.Net;
using Edge.Dns.Wire;

namespace Edge.Dns.Resolver.Recursion;

/// <summary>What records are to a resolver that walks the tree.</summary>
internal static class RecordKinds
{
    /// <summary>Whether a record, or the signature of one, is what the question asks for.</summary>
    public static bool Answers(this ResourceRecord record, RecordType asked) => asked == RecordType.ANY || record.Type == asked || record.Signs(asked);

    /// <summary>The record's type, or for a signature the type that it signs.</summary>
    public static RecordType TypeOrSigned(this ResourceRecord record) =>
        // RFC 4034 §3.1.1: the type a signature covers stands first.
        record.Type != RecordType.RRSIG || record.Data.Wire.Length < 2 ? record.Type : (RecordType)BinaryPrimitives.ReadUInt16BigEndian(record.Data.Wire);

    public static bool Signs(this ResourceRecord record, RecordType type) => record.Type == RecordType.RRSIG && record.TypeOrSigned() == type;

    /// <summary>The name that is the record's whole data; null when the data is something else.</summary>
    public static Name? Target(this ResourceRecord record) =>
        RDataNames.NameLength(record.Data.Wire) == record.Data.Wire.Length ? Name.FromWire(record.Data.Wire) : null;

    /// <summary>The address in an A or AAAA record; null for other records and for data of another length.</summary>
    public static IPAddress? Address(this ResourceRecord record) => (record.Type, record.Data.Wire.Length) switch
    {
        (RecordType.A, 4) or (RecordType.AAAA, 16) => new IPAddress(record.Data.Wire),
        _ => null,
    };

    /// <summary>RFC 2308 §5: the smaller of the SOA's TTL and its MINIMUM field.</summary>
    public static uint NegativeTtl(this ResourceRecord soa) =>
        soa.Data.Wire.Length < 4 ? 0 : Math.Min(soa.Ttl, BinaryPrimitives.ReadUInt32BigEndian(soa.Data.Wire[^4..]));
}
