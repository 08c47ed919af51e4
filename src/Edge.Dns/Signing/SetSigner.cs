using System.Buffers.Binary;
using System.Collections.Immutable;
using Edge.Dns.Dnssec;
using Edge.Dns.Signing.Keys;
using Edge.Dns.Wire;
using Edge.Dns.Zones;

namespace Edge.Dns.Signing;

/// <summary>Makes RRSIG records.</summary>
internal static class SetSigner
{
    private const int FixedLength = 18;
    private const int HeaderLength = 12;

    /// <summary>Signs a set with each of the keys.</summary>
    /// <param name="owner">The owner as it is in the zone: a wildcard stays one.</param>
    /// <param name="type">Its type.</param>
    /// <param name="ttl">Its TTL in the zone, which is what is signed (RFC 4034 §3.1.4).</param>
    /// <param name="servedTtl">Its TTL in the answer, and that of its signatures; not above the one in the zone.</param>
    /// <param name="data">The data of its records.</param>
    /// <param name="keys">Who signs.</param>
    /// <param name="mark">What the result is marked with.</param>
    /// <param name="times">When it is valid.</param>
    public static SignedRecords Sign(
        ReadOnlySpan<byte> owner, RecordType type, uint ttl, uint servedTtl, IEnumerable<byte[]> data, ImmutableArray<ZoneKey> keys, object mark, SignatureTimes times)
    {
        var set = new List<byte>();
        CanonicalForm.AppendSet(set, owner, type, ttl, data.Select(one => CanonicalForm.DataOf(type, one)));
        var signatures = new List<byte[]>(keys.Length);
        foreach (var key in keys)
        {
            var head = Head(owner, type, ttl, key, times);
            signatures.Add([.. head, .. key.Secret.Sign([.. head, .. set])]);
        }

        return new SignedRecords(Behind(servedTtl, signatures), signatures.Count, times.RefreshAt, mark);
    }

    /// <summary>RRSIG data of each of the records.</summary>
    public static IEnumerable<RData> DataOf(SignedRecords records)
    {
        for (var rest = records.Records.AsMemory(); !rest.IsEmpty;)
        {
            var length = BinaryPrimitives.ReadUInt16BigEndian(rest.Span[(HeaderLength - 2)..]);
            yield return new RData(rest.Slice(HeaderLength, length).ToArray());
            rest = rest[(HeaderLength + length)..];
        }
    }

    // RFC 4034 §3.1: all fields of the RRSIG before the signature, which they are a part of (§3.1.8.1).
    private static byte[] Head(ReadOnlySpan<byte> owner, RecordType type, uint ttl, ZoneKey key, SignatureTimes times)
    {
        var signer = CanonicalForm.Lowered(key.Origin.Wire);
        var head = new byte[FixedLength + signer.Length];
        BinaryPrimitives.WriteUInt16BigEndian(head, (ushort)type);
        head[2] = (byte)key.Algorithm;
        head[3] = CanonicalForm.LabelCount(owner);
        BinaryPrimitives.WriteUInt32BigEndian(head.AsSpan(4), ttl);
        BinaryPrimitives.WriteUInt32BigEndian(head.AsSpan(8), (uint)times.Expiration);
        BinaryPrimitives.WriteUInt32BigEndian(head.AsSpan(12), (uint)times.Inception);
        BinaryPrimitives.WriteUInt16BigEndian(head.AsSpan(16), key.Tag);
        signer.CopyTo(head, FixedLength);
        return head;
    }

    /// <summary>RRSIG records as they stand behind a question. Their TTL is that of the set they cover (RFC 4034 §3).</summary>
    public static byte[] Behind(uint ttl, List<byte[]> signatures)
    {
        var wire = new byte[signatures.Sum(one => HeaderLength + one.Length)];
        var writer = new MessageWriter(wire, position: 0);
        foreach (var one in signatures)
        {
            writer.TryWriteRecord(MessageHeader.Length, RecordType.RRSIG, RecordClass.IN, ttl, one);
        }

        return wire;
    }
}
