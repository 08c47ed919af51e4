using Edge.Dns.Wire;

namespace Edge.Dns.Update;

/// <summary>One record of an update's prerequisite or update section: its class says what is meant by it (RFC 2136 §2.4, §2.5).</summary>
/// <param name="Owner">NAME.</param>
/// <param name="Type">TYPE; ANY stands for all types.</param>
/// <param name="Class">IN: this record. ANY: an RRset. NONE: not this, or this no longer.</param>
/// <param name="RawTtl">The four TTL bytes as they came.</param>
/// <param name="Data">The data, its names uncompressed; empty where none came.</param>
internal sealed record UpdateRecord(Name Owner, RecordType Type, RecordClass Class, uint RawTtl, RData Data)
{
    /// <summary>Seconds; a value with the top bit set counts as zero (RFC 2181 §8).</summary>
    public uint Ttl => RawTtl > int.MaxValue ? 0 : RawTtl;

    /// <summary>Whether RDLENGTH is 0.</summary>
    public bool IsEmpty => Data.Wire.IsEmpty;

    /// <summary>"www.example.com. A", for refusals.</summary>
    public override string ToString() => $"{Owner} {Zones.RecordText.FormatType(Type)}";
}
