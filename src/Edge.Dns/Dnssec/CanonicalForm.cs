using System.Buffers.Binary;
using Edge.Dns.Wire;

namespace Edge.Dns.Dnssec;

/// <summary>The one form of a set that signer and validator both make of it (RFC 4034 §6).</summary>
internal static class CanonicalForm
{
    /// <summary>A name, or any bytes, in ASCII lower case (RFC 4034 §6.2 items 2 and 3).</summary>
    public static byte[] Lowered(ReadOnlySpan<byte> wire)
    {
        var lowered = wire.ToArray();
        Lower(lowered);
        return lowered;
    }

    /// <summary>Data with the names in it in lower case: those types that RFC 4034 §6.2 lists as RFC 6840 §5.1 corrects it.</summary>
    public static byte[] DataOf(RecordType type, ReadOnlySpan<byte> data)
    {
        var canonical = data.ToArray();
        var rest = canonical.AsSpan();
        foreach (var step in RDataNames.Layout(type))
        {
            var length = step switch
            {
                RDataNames.Compressed or RDataNames.Plain => RDataNames.NameLength(rest),
                RDataNames.CharacterString => rest.IsEmpty ? -1 : rest[0] + 1,
                _ => step,
            };
            if (length < 0 || length > rest.Length)
            {
                break;
            }

            if (step is RDataNames.Compressed or RDataNames.Plain)
            {
                Lower(rest[..length]);
            }

            rest = rest[length..];
        }

        return canonical;
    }

    /// <summary>Appends a whole set as it is signed: each record with the original TTL, in the order of their data, none twice (RFC 4034 §6.3).</summary>
    public static void AppendSet(List<byte> to, ReadOnlySpan<byte> owner, RecordType type, uint ttl, IEnumerable<byte[]> canonicalData)
    {
        var name = Lowered(owner);
        Span<byte> numbers = stackalloc byte[10];
        BinaryPrimitives.WriteUInt16BigEndian(numbers, (ushort)type);
        BinaryPrimitives.WriteUInt16BigEndian(numbers[2..], (ushort)RecordClass.IN);
        BinaryPrimitives.WriteUInt32BigEndian(numbers[4..], ttl);
        byte[]? last = null;
        foreach (var data in canonicalData.Order(Comparer<byte[]>.Create(static (a, b) => a.AsSpan().SequenceCompareTo(b))))
        {
            if (last is not null && last.AsSpan().SequenceEqual(data))
            {
                continue;
            }

            BinaryPrimitives.WriteUInt16BigEndian(numbers[8..], (ushort)data.Length);
            to.AddRange(name);
            to.AddRange(numbers);
            to.AddRange(data);
            last = data;
        }
    }

    /// <summary>Labels as RRSIG counts them: without the root, and without a leading "*" (RFC 4034 §3.1.3).</summary>
    public static byte LabelCount(ReadOnlySpan<byte> owner)
    {
        byte count = 0;
        for (var i = 0; owner[i] != 0; i += owner[i] + 1)
        {
            if (i > 0 || owner[0] != 1 || owner[1] != (byte)'*')
            {
                count++;
            }
        }

        return count;
    }

    private static void Lower(Span<byte> bytes)
    {
        // Length bytes are below 64 and thus no letters.
        foreach (ref var one in bytes)
        {
            one = NameComparison.Lower(one);
        }
    }
}
