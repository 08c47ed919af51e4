namespace Edge.Dns.Wire;

/// <summary>What stands between a record's owner and its data (RFC 1035 §3.2.1), and where the data lies in the message.</summary>
/// <param name="Type">TYPE.</param>
/// <param name="Class">CLASS; the payload size in an OPT record.</param>
/// <param name="RawTtl">The four TTL bytes as they are; flags in an OPT record.</param>
/// <param name="DataOffset">Offset of the first data byte in the message.</param>
/// <param name="DataLength">RDLENGTH in bytes.</param>
public readonly record struct RecordHeader(RecordType Type, RecordClass Class, uint RawTtl, int DataOffset, int DataLength)
{
    /// <summary>Seconds; a value with the top bit set counts as zero (RFC 2181 §8).</summary>
    public uint Ttl => RawTtl > int.MaxValue ? 0 : RawTtl;
}
