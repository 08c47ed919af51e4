using Edge.Dns.Wire;

namespace Edge.Dns.Multicast;

/// <summary>One resource record as mDNS has it: the top bit of its class says whether it is all there is of its name and type.</summary>
/// <param name="Owner">The name it belongs to.</param>
/// <param name="Type">Its type.</param>
/// <param name="Ttl">Seconds; 0 says goodbye (RFC 6762 §10.1).</param>
/// <param name="Data">Its data, uncompressed.</param>
/// <param name="CacheFlush">Whether it replaces what was heard before of this name and type (RFC 6762 §10.2): set for unique records, never for shared ones.</param>
public sealed record MulticastRecord(Name Owner, RecordType Type, uint Ttl, RData Data, bool CacheFlush)
{
    /// <summary>Whether both say the same, however long it holds.</summary>
    internal bool SaysTheSame(MulticastRecord other) => Type == other.Type && Owner == other.Owner && Data == other.Data;
}
