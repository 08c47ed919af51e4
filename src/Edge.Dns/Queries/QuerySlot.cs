using System.Runtime.InteropServices;

namespace Edge.Dns.Queries;

/// <summary>One query as the threads that answer leave it behind: numbers and bytes, nothing read or made of them yet.</summary>
[StructLayout(LayoutKind.Sequential, Size = Length)]
internal unsafe struct QuerySlot
{
    /// <summary>Bytes of a slot: three cache lines, of which a usual query touches two.</summary>
    public const int Length = 192;

    /// <summary>Room for the name and for the beginning of the answer section.</summary>
    public const int TailLength = 136;

    /// <summary>A longer name loses labels at its front.</summary>
    public const int LongestName = 104;

    /// <summary>What is kept of the answer section: some addresses.</summary>
    public const int LongestAnswer = 64;

    /// <summary>Bytes before <see cref="Tail"/>.</summary>
    public const int HeadLength = 54;

    /// <summary>Said of a name that lost its front.</summary>
    public const byte NameIsCut = 1;

    /// <summary>Said of a client of which only the network is kept.</summary>
    public const byte ClientIsNetwork = 2;

    /// <summary>Which entry of the ring it holds, counted from 1; <see cref="QuerySlots.Writing"/> while that changes.</summary>
    public long Sequence;

    /// <summary>When it came, in ticks of UTC.</summary>
    public long Time;

    /// <summary>The client's address in sixteen bytes, network order as a number.</summary>
    public UInt128 Client;

    /// <summary>The answer's header behind its ID: flags, response code, counts. 0 when there is no answer.</summary>
    public ulong Header;

    /// <summary>From its arrival to its answer in microseconds.</summary>
    public uint Latency;

    public ushort Type;

    /// <summary>The number of the upstream or list in <see cref="QuerySources"/>.</summary>
    public ushort Source;

    public byte View;

    public byte Transport;

    public AnsweredBy By;

    public byte NameLength;

    public byte AnswerLength;

    public byte Flags;

    /// <summary>The name in wire form, and behind it what the answer has behind its question.</summary>
    public fixed byte Tail[TailLength];
}
