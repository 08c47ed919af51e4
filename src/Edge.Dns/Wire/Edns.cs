using System.Buffers.Binary;
using System.Collections.Immutable;

namespace Edge.Dns.Wire;

/// <summary>The content of an OPT record (RFC 6891 §6.1); the upper response code bits are in <see cref="Message.Rcode"/>.</summary>
/// <param name="PayloadSize">Largest UDP message the sender takes, in bytes, as it was said.</param>
/// <param name="DnssecOk">The DO bit (RFC 3225 §3).</param>
/// <param name="Version">EDNS version; 0 is the only one there is.</param>
public sealed record Edns(ushort PayloadSize, bool DnssecOk = false, byte Version = 0)
{
    /// <summary>
    /// What Edge says and obeys as the largest UDP message: it passes every usual path unfragmented (RFC 9715 §3).
    /// </summary>
    public const int SafePayloadSize = 1232;

    /// <summary>Every client takes this much without EDNS (RFC 1035 §4.2.1), and a smaller size means this one (RFC 6891 §6.2.3).</summary>
    public const int MinPayloadSize = 512;

    /// <summary>Owner, type, class, TTL and length of an OPT record without options, in bytes.</summary>
    public const int FixedLength = 11;

    private const uint DnssecOkBit = 0x8000;

    // RFC 9824 §5.1: the bit after DO.
    private const uint CompactOkBit = 0x4000;

    /// <summary>The options in their order.</summary>
    public ImmutableArray<EdnsOption> Options { get; init; } = [];

    /// <summary>Reads the options; false when a length leads outside the data (RFC 6891 §6.1.2).</summary>
    public static bool TryRead(RecordHeader record, ReadOnlySpan<byte> data, out Edns? edns)
    {
        edns = null;
        if (!OptionsAreWhole(data))
        {
            return false;
        }

        var options = ImmutableArray.CreateBuilder<EdnsOption>();
        for (var rest = data; rest.Length > 0;)
        {
            var length = BinaryPrimitives.ReadUInt16BigEndian(rest[2..]);
            options.Add(new EdnsOption(BinaryPrimitives.ReadUInt16BigEndian(rest), rest.Slice(4, length).ToArray()));
            rest = rest[(4 + length)..];
        }

        edns = new Edns((ushort)record.Class, HasDnssecOk(record), VersionOf(record)) { Options = options.ToImmutable() };
        return true;
    }

    /// <summary>Whether every option ends inside the data.</summary>
    public static bool OptionsAreWhole(ReadOnlySpan<byte> data)
    {
        while (data.Length > 0)
        {
            if (data.Length < 4)
            {
                return false;
            }

            var length = BinaryPrimitives.ReadUInt16BigEndian(data[2..]);
            if (data.Length < 4 + length)
            {
                return false;
            }

            data = data[(4 + length)..];
        }

        return true;
    }

    /// <summary>The version an OPT record's TTL field holds (RFC 6891 §6.1.3).</summary>
    public static byte VersionOf(RecordHeader opt) => (byte)(opt.RawTtl >> 16);

    /// <summary>The DO bit an OPT record's TTL field holds.</summary>
    public static bool HasDnssecOk(RecordHeader opt) => (opt.RawTtl & DnssecOkBit) != 0;

    /// <summary>Whether the sender takes a compact answer with the code NXDOMAIN (RFC 9824 §5.1), which means nothing without DO.</summary>
    public static bool HasCompactOk(RecordHeader opt) => (opt.RawTtl & (DnssecOkBit | CompactOkBit)) == (DnssecOkBit | CompactOkBit);

    /// <summary>The upper eight of the twelve response code bits, shifted to their place (RFC 6891 §6.1.3).</summary>
    public static int UpperRcode(RecordHeader opt) => (int)(opt.RawTtl >> 24) << 4;

    /// <summary>
    /// Writes an OPT record without allocating; false when there is no room, and nothing is written then.
    /// </summary>
    /// <param name="writer">The message.</param>
    /// <param name="payloadSize">What we take ourselves.</param>
    /// <param name="dnssecOk">The DO bit, copied from the query (RFC 3225 §3).</param>
    /// <param name="rcode">The whole response code; the upper eight bits go into the OPT record.</param>
    /// <param name="options">Options in wire form, each with its code and length.</param>
    /// <param name="compactOk">The CO bit: that this answer obeys the query's (RFC 9824 §5.1).</param>
    public static bool TryWrite(ref MessageWriter writer, ushort payloadSize, bool dnssecOk, Rcode rcode, scoped ReadOnlySpan<byte> options = default, bool compactOk = false)
    {
        if (writer.Remaining < FixedLength + options.Length)
        {
            return false;
        }

        return writer.TryWriteByte(0)
            && writer.TryWriteUInt16((ushort)RecordType.OPT)
            && writer.TryWriteUInt16(payloadSize)
            && writer.TryWriteUInt32(((uint)rcode >> 4 << 24) | (dnssecOk ? DnssecOkBit : 0) | (compactOk ? CompactOkBit : 0))
            && writer.TryWriteUInt16((ushort)options.Length)
            && writer.TryWriteBytes(options);
    }

    internal byte[] OptionsWire()
    {
        var wire = new List<byte>();
        foreach (var option in Options)
        {
            wire.Add((byte)(option.Code >> 8));
            wire.Add((byte)option.Code);
            wire.Add((byte)(option.Data.Length >> 8));
            wire.Add((byte)option.Data.Length);
            wire.AddRange(option.Data.Span);
        }

        return [.. wire];
    }
}
