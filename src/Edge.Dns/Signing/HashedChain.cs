using System.Buffers.Binary;
using Edge.Dns.Dnssec;
using Edge.Dns.Wire;
using Edge.Dns.Zones;

namespace Edge.Dns.Signing;

/// <summary>The NSEC3 records of a zone in the order of their hashes (RFC 5155).</summary>
internal sealed class HashedChain
{
    private const int SaltOffset = 5;

    // Validators take no more than 100 (RFC 9276 §3.2): with more of them a zone is as good as unsigned, and dear.
    private const int MostIterations = 2500;

    private readonly byte[][] _hashes;
    private readonly RRset[] _links;
    private readonly byte[] _salt;
    private readonly int _iterations;

    private HashedChain(byte[][] hashes, RRset[] links, byte[] salt, int iterations) =>
        (_hashes, _links, _salt, _iterations) = (hashes, links, salt, iterations);

    /// <summary>Puts them in order; null when the zone has none with the parameters that its NSEC3PARAM says (RFC 5155 §4).</summary>
    public static HashedChain? Of(Zone zone, List<RRset> records)
    {
        var parameters = zone.Find(zone.Origin, RecordType.NSEC3PARAM)?.Data.FirstOrDefault(IsParameters) ?? default;
        if (!IsParameters(parameters))
        {
            return null;
        }

        var wire = parameters.Wire;
        var (iterations, salt) = (BinaryPrimitives.ReadUInt16BigEndian(wire[2..]), wire[SaltOffset..].ToArray());
        var found = new SortedList<byte[], RRset>(Comparer<byte[]>.Create(static (a, b) => a.AsSpan().SequenceCompareTo(b)));
        foreach (var set in records.Where(set => set.Data[0].Wire.Length > parameters.Wire.Length && set.Data[0].Wire[2..].StartsWith(parameters.Wire[2..])))
        {
            if (HashedOwner.TryRead(set.Owner.FirstLabel, out var hash))
            {
                found[hash] = set;
            }
        }

        return found.Count == 0 || iterations > MostIterations ? null : new HashedChain([.. found.Keys], [.. found.Values], salt, iterations);
    }

    // SHA-1, no flags, and a salt as long as it says (RFC 5155 §4.2): a transfer brings any bytes.
    private static bool IsParameters(RData one) => one.Wire is [1, 0, _, _, var salt, ..] && one.Wire.Length == SaltOffset + salt;

    /// <summary>The record of a name; null when the chain has none.</summary>
    public RRset? Match(scoped ReadOnlySpan<byte> name)
    {
        Span<byte> hash = stackalloc byte[HashedOwner.Length];
        HashedOwner.Compute(name, _salt, _iterations, hash);
        var place = Before(hash);
        return hash.SequenceEqual(_hashes[place]) ? _links[place] : null;
    }

    /// <summary>The record whose gap a name lies in.</summary>
    public RRset Cover(scoped ReadOnlySpan<byte> name)
    {
        Span<byte> hash = stackalloc byte[HashedOwner.Length];
        HashedOwner.Compute(name, _salt, _iterations, hash);
        return _links[Before(hash)];
    }

    // The last one that is not behind; before the first comes the last, whose gap goes round the end.
    private int Before(scoped ReadOnlySpan<byte> hash)
    {
        var (low, high) = (-1, _hashes.Length - 1);
        while (low < high)
        {
            var middle = (low + high + 1) >> 1;
            if (_hashes[middle].AsSpan().SequenceCompareTo(hash) <= 0)
            {
                low = middle;
            }
            else
            {
                high = middle - 1;
            }
        }

        return low < 0 ? _hashes.Length - 1 : low;
    }
}
