using System.Text;
using Edge.Dns.Wire;
using Edge.Dns.Zones.RecordData;

namespace Edge.Dns.Update;

/// <summary>What updates have to know of types.</summary>
internal static class UpdateTypes
{
    /// <summary>Types that Edge makes itself for a signed zone; what somebody else puts there would be false.</summary>
    public static bool IsMadeHere(RecordType type) => type is RecordType.RRSIG or RecordType.NSEC or RecordType.NSEC3;

    /// <summary>
    /// Types that decide who answers for a zone and whom to believe: a rule without types is not about them, only one that
    /// names them is.
    /// </summary>
    public static bool IsDelicate(RecordType type) => IsMadeHere(type) || type is RecordType.SOA or RecordType.NS or RecordType.DNAME or RecordType.DS
        or RecordType.DNSKEY or RecordType.CDS or RecordType.CDNSKEY or RecordType.CSYNC or RecordType.NSEC3PARAM or RecordType.ZONEMD;

    /// <summary>Whether the bytes are data of the type; those of a type not known here always are (RFC 3597 §2).</summary>
    public static bool IsData(RecordType type, RData data) => DataShapes.Of(type) is not { } shape || shape.Format(data.Wire, new StringBuilder());
}
