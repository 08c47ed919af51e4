using System.Security.Cryptography;
using Edge.Dns.Wire;

namespace Edge.Dns.Dnssec;

/// <summary>Names as NSEC3 records have them: hashed with SHA-1, the only algorithm there is (RFC 5155 §11), and written in base32.</summary>
internal static class HashedOwner
{
    /// <summary>Bytes of a hash.</summary>
    public const int Length = SHA1.HashSizeInBytes;

    private const int TextLength = 32;

    /// <summary>The hash of a name (RFC 5155 §5).</summary>
    /// <param name="name">The name in wire form, in any case.</param>
    /// <param name="salt">The salt.</param>
    /// <param name="iterations">How often more than once it is hashed.</param>
    /// <param name="hash">Receives it: <see cref="Length"/> bytes.</param>
    public static void Compute(scoped ReadOnlySpan<byte> name, scoped ReadOnlySpan<byte> salt, int iterations, scoped Span<byte> hash)
    {
        Span<byte> room = stackalloc byte[Name.MaxWireLength + byte.MaxValue];
        for (var i = 0; i < name.Length; i++)
        {
            room[i] = NameComparison.Lower(name[i]);
        }

        var length = name.Length;
        for (var round = 0; round <= iterations; round++)
        {
            salt.CopyTo(room[length..]);
            SHA1.HashData(room[..(length + salt.Length)], hash);
            hash.CopyTo(room);
            length = Length;
        }
    }

    /// <summary>Reads the label of an NSEC3 record: base32 with the alphabet that keeps the order, without padding (RFC 4648 §7, RFC 5155 §3.3).</summary>
    public static bool TryRead(ReadOnlySpan<byte> label, out byte[] hash)
    {
        hash = new byte[Length];
        if (label.Length != TextLength)
        {
            return false;
        }

        for (var i = 0; i < TextLength; i++)
        {
            var digit = NameComparison.Lower(label[i]) switch
            {
                >= (byte)'0' and <= (byte)'9' and var one => one - '0',
                >= (byte)'a' and <= (byte)'v' and var one => one - 'a' + 10,
                _ => -1,
            };
            if (digit < 0)
            {
                return false;
            }

            for (var bit = 0; bit < 5; bit++)
            {
                var at = (i * 5) + bit;
                hash[at >> 3] |= (byte)(((digit >> (4 - bit)) & 1) << (7 - (at & 7)));
            }
        }

        return true;
    }
}
