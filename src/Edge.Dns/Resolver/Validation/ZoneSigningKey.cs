using System.Buffers.Binary;
using Edge.Dns.Dnssec;
using Edge.Dns.Wire;

namespace Edge.Dns.Resolver.Validation;

/// <summary>A DNSKEY record (RFC 4034 §2.1).</summary>
internal sealed class ZoneSigningKey
{
    private const int HeadLength = 4;
    private const ushort ZoneKeyFlag = 0x0100;
    private const ushort RevokeFlag = 0x0080;
    private const byte DnssecProtocol = 3;

    private PublicKey? _key;
    private bool _isRead;

    private ZoneSigningKey(RData data)
    {
        Data = data;
        Tag = KeyDigest.TagOf(data.Wire);
    }

    public RData Data { get; }

    public ushort Tag { get; }

    public ushort Flags => BinaryPrimitives.ReadUInt16BigEndian(Data.Wire);

    public byte Algorithm => Data.Wire[3];

    /// <summary>RFC 5011 §3: a key that takes itself back, and is good for nothing but saying so.</summary>
    public bool IsRevoked => (Flags & RevokeFlag) != 0;

    /// <summary>RFC 4034 §2.1.1, §2.1.2: a key of a zone, for DNSSEC.</summary>
    public bool IsZoneKey => (Flags & ZoneKeyFlag) != 0 && Data.Wire[2] == DnssecProtocol;

    /// <summary>Reads one; null when the data is none.</summary>
    public static ZoneSigningKey? Read(RData data) => data.Wire.Length > HeadLength ? new ZoneSigningKey(data) : null;

    /// <summary>The keys of a set that may sign data.</summary>
    public static List<ZoneSigningKey> OfZone(SignedSet set)
    {
        var keys = new List<ZoneSigningKey>();
        foreach (var record in set.Records)
        {
            if (Read(record.Data) is { IsZoneKey: true, IsRevoked: false } key && PublicKey.Knows(key.Algorithm))
            {
                keys.Add(key);
            }
        }

        return keys;
    }

    /// <summary>Whether a signature over the data is this key's; a key that cannot be read made none.</summary>
    public bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        if (!Volatile.Read(ref _isRead))
        {
            // Read twice by two threads at once it is the same key twice.
            _key = PublicKey.Read(Algorithm, Data.Wire[HeadLength..]);
            Volatile.Write(ref _isRead, true);
        }

        return _key is not null && _key.Verify(data, signature);
    }
}
