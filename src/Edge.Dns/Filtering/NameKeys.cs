using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Edge.Dns.Wire;

namespace Edge.Dns.Filtering;

/// <summary>
/// One name made ready for look-ups: in lower case, with the hash of the name and of every name above it. The hashes
/// come from one walk from the right, and from a secret of this process, so that no list can be written to collide.
/// </summary>
internal unsafe struct NameKeys
{
    /// <summary>Labels of the longest name: each takes two bytes or more.</summary>
    public const int MaxLabels = 127;

    // Eight bytes are read at once, also at the end.
    private const int Padding = 8;
    private const ulong Multiplier = 0x9E37_79B9_7F4A_7C15;
    private static readonly ulong Seed = BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(8));

    private fixed byte _lower[Name.MaxWireLength + 1 + Padding];
    private fixed byte _starts[MaxLabels + 1];
    private fixed uint _hashes[MaxLabels + 1];

    /// <summary>Bytes of the name in wire form.</summary>
    public int Length { get; private set; }

    /// <summary>Its labels without the root; suffix 0 is the name itself, suffix <see cref="Labels"/> the root.</summary>
    public int Labels { get; private set; }

    /// <summary>Takes a name in; it must be whole and uncompressed.</summary>
    /// <param name="wire">The name in wire form, in any case.</param>
    /// <param name="keys">Receives it: what was there before is overwritten, so it need not be cleared.</param>
    public static void Read(ReadOnlySpan<byte> wire, out NameKeys keys)
    {
        Unsafe.SkipInit(out keys);
        keys.Length = wire.Length;
        fixed (byte* lower = keys._lower)
        {
            Lower(wire, lower);
            var labels = 0;
            for (var i = 0; lower[i] != 0; i += lower[i] + 1)
            {
                keys._starts[labels++] = (byte)i;
            }

            keys._starts[labels] = (byte)(wire.Length - 1);
            keys.Labels = labels;
            var hash = Seed;
            keys._hashes[labels] = Finish(hash);
            for (var label = labels - 1; label >= 0; label--)
            {
                var at = lower + keys._starts[label];
                hash = Extend(hash, at + 1, *at);
                keys._hashes[label] = Finish(hash);
            }
        }
    }

    /// <summary>The hash of a suffix.</summary>
    public readonly uint Hash(int suffix) => _hashes[suffix];

    /// <summary>A suffix in lower case; 0 is the whole name.</summary>
    [UnscopedRef]
    public readonly ReadOnlySpan<byte> Suffix(int suffix)
    {
        return MemoryMarshal.CreateReadOnlySpan(in _lower[_starts[suffix]], Length - _starts[suffix]);
    }

    /// <summary>Writes the name as text without a last dot, as patterns see it; returns its length.</summary>
    /// <param name="text">Room for 255 bytes.</param>
    public readonly int WriteText(Span<byte> text)
    {
        var length = Math.Max(Length - 2, 0);
        for (var i = 0; i < length; i++)
        {
            text[i] = _lower[i + 1];
        }

        for (var label = 1; label < Labels; label++)
        {
            text[_starts[label] - 1] = (byte)'.';
        }

        return length;
    }

    private static void Lower(ReadOnlySpan<byte> wire, byte* to)
    {
        var i = 0;
        for (; i + sizeof(ulong) <= wire.Length; i += sizeof(ulong))
        {
            Unsafe.WriteUnaligned(to + i, Lower(BinaryPrimitives.ReadUInt64LittleEndian(wire[i..])));
        }

        for (; i < wire.Length; i++)
        {
            to[i] = NameComparison.Lower(wire[i]);
        }
    }

    // Eight letters at once: bit 7 of each sum says whether the byte reaches 'A', and whether it passes 'Z' (RFC 4343 §3).
    private static ulong Lower(ulong bytes)
    {
        const ulong Ones = 0x0101_0101_0101_0101;
        var low = bytes & (0x7F * Ones);
        var reachesA = low + ((0x80 - 'A') * Ones);
        var passesZ = low + ((0x7F - 'Z') * Ones);
        var isUpper = ~bytes & (reachesA ^ passesZ) & (0x80 * Ones);
        return bytes | (isUpper >> 2);
    }

    private static ulong Extend(ulong hash, byte* label, int length)
    {
        hash ^= (ulong)length << 56;
        for (var i = 0; i < length; i += sizeof(ulong))
        {
            var word = Unsafe.ReadUnaligned<ulong>(label + i);
            var rest = length - i;
            word = rest >= sizeof(ulong) ? word : word & ((1UL << (8 * rest)) - 1);
            var high = Math.BigMul(hash ^ word, Multiplier ^ Seed, out var folded);
            hash = high ^ folded;
        }

        return hash;
    }

    private static uint Finish(ulong hash)
    {
        var high = Math.BigMul(hash, Multiplier, out var folded);
        return (uint)((high ^ folded) >> 16);
    }
}
