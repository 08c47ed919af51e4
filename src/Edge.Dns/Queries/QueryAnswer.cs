using System.Collections.Immutable;
using System.Net;
using System.Runtime.InteropServices;
using Edge.Dns.Wire;

namespace Edge.Dns.Queries;

/// <summary>Reads the beginning of an answer that a slot holds.</summary>
internal static unsafe class QueryAnswer
{
    private const int MostAddresses = 4;
    private const int FirstExtendedBits = 5;

    /// <summary>The name in wire form.</summary>
    public static ReadOnlySpan<byte> Name(ref QuerySlot slot) => Tail(ref slot)[..slot.NameLength];

    /// <summary>The response code, with the upper bits of an answer that is nothing but an error (RFC 6891 §6.1.3).</summary>
    public static ushort Rcode(ref QuerySlot slot)
    {
        var low = (ushort)((slot.Header >> 48) & 0xF);
        var kept = Kept(ref slot);
        var isEmpty = (slot.Header & 0xFFFF_FFFF) == 0;
        return isEmpty && kept.Length > FirstExtendedBits && kept[0] == 0 && kept[1] == 0 && kept[2] == (byte)RecordType.OPT
            ? (ushort)((kept[FirstExtendedBits] << 4) | low)
            : low;
    }

    /// <summary>The addresses that are kept; "..." behind them when the answer has more records than could be read.</summary>
    public static ImmutableArray<string> Addresses(ref QuerySlot slot)
    {
        var count = (int)((slot.Header >> 16) & 0xFFFF);
        if (count == 0)
        {
            return [];
        }

        var found = ImmutableArray.CreateBuilder<string>();
        // Names are stepped over: what their pointers lead to is not kept.
        var reader = new MessageReader(Kept(ref slot), 0);
        var read = 0;
        while (read < count && found.Count < MostAddresses && reader.TrySkipName() && reader.TryReadRecordHeader(out var record))
        {
            read++;
            if (record.Type is RecordType.A or RecordType.AAAA && record.DataLength is 4 or 16)
            {
                found.Add(new IPAddress(reader.RawData(record)).ToString());
            }
        }

        if (read < count)
        {
            found.Add("...");
        }

        return found.ToImmutable();
    }

    private static ReadOnlySpan<byte> Kept(ref QuerySlot slot) => Tail(ref slot).Slice(slot.NameLength, slot.AnswerLength);

    private static ReadOnlySpan<byte> Tail(ref QuerySlot slot) => MemoryMarshal.CreateReadOnlySpan(ref slot.Tail[0], QuerySlot.TailLength);
}
