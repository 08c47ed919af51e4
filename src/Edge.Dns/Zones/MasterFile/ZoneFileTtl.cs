using System.Buffers.Binary;
using Edge.Dns.Wire;

namespace Edge.Dns.Zones.MasterFile;

/// <summary>Decides the TTL of records that name none: $TTL (RFC 2308 §4), else the last one written (RFC 1035 §5.1), else for SOA its own.</summary>
internal sealed class ZoneFileTtl
{
    private uint? _last;
    private bool _reported;

    /// <summary>The value of the last $TTL.</summary>
    public uint? Default { get; set; }

    /// <summary>Reads a TTL word; false after noting what is wrong.</summary>
    public bool TryRead(string text, FieldReader from, out uint ttl)
    {
        ttl = 0;
        if (!TtlText.TryParse(text, out var seconds))
        {
            return from.Fail($"\"{ZoneFileReader.Display(text)}\" is no TTL", "seconds, or numbers with s m h d w: 1h30m");
        }

        if (seconds > TtlText.Max)
        {
            return from.Fail($"the TTL {ZoneFileReader.Display(text)} is too large: at most {TtlText.Max} seconds (RFC 2181 §8)", "1d is usual");
        }

        ttl = (uint)seconds;
        return true;
    }

    /// <summary>The TTL of a record that is no SOA; false where nothing gives one.</summary>
    public bool TryDecide(uint? written, out uint ttl)
    {
        _last = written ?? _last;
        var decided = written ?? Default ?? _last;
        ttl = decided ?? 0;
        return decided is not null;
    }

    /// <summary>
    /// The TTL of a record. That nothing gives one is an error, said once per zone; the record is read all the same, so
    /// that what else is wrong with it is found.
    /// </summary>
    public uint Decide(RecordHead head, RData data, FieldReader from)
    {
        if (head.Ttl is { } written)
        {
            _last = written;
        }

        // The last field of SOA data is the negative TTL; other servers take it for a SOA without a TTL as well.
        var ownTtl = head.Type == RecordType.SOA ? BinaryPrimitives.ReadUInt32BigEndian(data.Wire[^4..]) : (uint?)null;
        var decided = head.Ttl ?? Default ?? _last ?? ownTtl;
        if (decided is null && !_reported)
        {
            _reported = true;
            from.Fail("this record has no TTL, and nothing above gives one", "put $TTL 1h at the top of the file");
        }

        _last ??= ownTtl;
        return decided ?? 0;
    }
}
