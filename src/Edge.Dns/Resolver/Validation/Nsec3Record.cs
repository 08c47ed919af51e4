using System.Buffers.Binary;
using Edge.Dns.Dnssec;
using Edge.Dns.Wire;

namespace Edge.Dns.Resolver.Validation;

/// <summary>An NSEC3 record (RFC 5155 §3.2).</summary>
internal sealed class Nsec3Record
{
    private const int SaltOffset = 5;
    private const byte OptOutFlag = 1;

    private readonly byte[] _types;

    private Nsec3Record(byte[] hash, byte[] next, ReadOnlySpan<byte> data, byte[] types)
    {
        (Hash, Next, _types) = (hash, next, types);
        IsOptOut = (data[1] & OptOutFlag) != 0;
        Iterations = BinaryPrimitives.ReadUInt16BigEndian(data[2..]);
        Salt = data.Slice(SaltOffset, data[4]).ToArray();
    }

    /// <summary>The hash of its name.</summary>
    public byte[] Hash { get; }

    public byte[] Next { get; }

    public bool IsOptOut { get; }

    public int Iterations { get; }

    public byte[] Salt { get; }

    /// <summary>Owned by the parent's side of a delegation.</summary>
    public bool IsDelegation => Has(RecordType.NS) && !Has(RecordType.SOA);

    /// <summary>Reads one; null when it is none that can be used: another hash algorithm, unknown flags, another owner (RFC 5155 §8.1, §8.2).</summary>
    public static Nsec3Record? Read(ResourceRecord record, Name zone)
    {
        var data = record.Data.Wire;
        if (data.Length < SaltOffset || data[0] != 1 || (data[1] & ~OptOutFlag) != 0 || data.Length < SaltOffset + data[4] + 1 + HashedOwner.Length)
        {
            return null;
        }

        var rest = data[(SaltOffset + data[4])..];
        var types = rest[(1 + HashedOwner.Length)..];
        return rest[0] == HashedOwner.Length && TypeBitmap.IsWhole(types) && record.Owner.Parent == zone && HashedOwner.TryRead(record.Owner.FirstLabel, out var hash)
            ? new Nsec3Record(hash, rest.Slice(1, HashedOwner.Length).ToArray(), data, types.ToArray())
            : null;
    }

    public bool Has(RecordType type) => TypeBitmap.Contains(_types, type);

    /// <summary>Whether both come from one chain (RFC 5155 §8.2).</summary>
    public bool IsOfSameChain(Nsec3Record other) => Iterations == other.Iterations && Salt.AsSpan().SequenceEqual(other.Salt);

    /// <summary>Whether a hash lies in the gap; the last one's goes round the end (RFC 5155 §8.3).</summary>
    public bool Covers(ReadOnlySpan<byte> hash)
    {
        var (behind, before) = (hash.SequenceCompareTo(Hash) > 0, hash.SequenceCompareTo(Next) < 0);
        return Hash.AsSpan().SequenceCompareTo(Next) < 0 ? behind && before : behind || before;
    }
}
