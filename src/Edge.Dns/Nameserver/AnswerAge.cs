using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Edge.Dns.Wire;

namespace Edge.Dns.Nameserver;

/// <summary>How long an answer is good, and where in it the times to live stand that get shorter meanwhile.</summary>
internal struct AnswerAge
{
    /// <summary>Records that may have a time to live of their own.</summary>
    public const int MostRecords = 4;

    // Signatures are renewed long before they end, but by the clock and not by a change of the zone.
    private const int SecondsOfOurs = 60;

    // The resolver's cache has to see now and then what is asked, to know what is in use and to ask anew in time.
    private const int SecondsOfOthers = 10;
    private const int ShareOfTtl = 10;

    private TtlOffsets _offsets;

    /// <summary>For how many seconds.</summary>
    public int Seconds { get; private set; }

    /// <summary>How many times to live there are; 0 where they stay as they are.</summary>
    public int Count { get; private set; }

    /// <summary>Where they stand, counted from the answer's beginning.</summary>
    [UnscopedRef]
    public readonly ReadOnlySpan<ushort> Offsets => ((ReadOnlySpan<ushort>)_offsets)[..Count];

    /// <summary>Of an answer from our zones, which a change of the zones ends.</summary>
    public static AnswerAge OfOurs { get; } = new() { Seconds = SecondsOfOurs };

    /// <summary>Of an answer from the resolver's cache; false for what ends soon, has none or has too many records.</summary>
    public static bool TryMeasure(ReadOnlySpan<byte> answer, out AnswerAge age)
    {
        age = default;
        if (!MessageHeader.TryRead(answer, out var header) || !TrySkipQuestion(answer, out var reader))
        {
            return false;
        }

        var shortest = uint.MaxValue;
        for (var i = header.AnswerCount + header.AuthorityCount; i > 0; i--)
        {
            if (age.Count == MostRecords || !reader.TrySkipName() || !reader.TryReadRecordHeader(out var record))
            {
                return false;
            }

            shortest = Math.Min(shortest, record.Ttl);
            // TTL and RDLENGTH stand before the data (RFC 1035 §3.2.1).
            age._offsets[age.Count++] = (ushort)(record.DataOffset - 6);
        }

        age.Seconds = age.Count == 0 ? 0 : (int)Math.Min(SecondsOfOthers, shortest / ShareOfTtl);
        return age.Seconds > 0;
    }

    /// <summary>Makes the times to live in an answer shorter.</summary>
    /// <param name="answer">The answer, from where offsets count.</param>
    /// <param name="offset">Where the time to live stands.</param>
    /// <param name="seconds">By how much: less than it is.</param>
    public static void Shorten(Span<byte> answer, int offset, uint seconds)
    {
        var ttl = answer[offset..];
        BinaryPrimitives.WriteUInt32BigEndian(ttl, BinaryPrimitives.ReadUInt32BigEndian(ttl) - seconds);
    }

    private static bool TrySkipQuestion(ReadOnlySpan<byte> answer, out MessageReader reader)
    {
        reader = new MessageReader(answer);
        return reader.TrySkipName() && reader.TryReadUInt32(out _);
    }

    [InlineArray(MostRecords)]
    private struct TtlOffsets
    {
        private ushort _first;
    }
}
