using System.Buffers.Binary;

namespace Edge.Gateway.Front.Http2;

/// <summary>What each frame begins with (RFC 9113 section 4.1).</summary>
/// <param name="Length">Bytes that follow.</param>
/// <param name="Type">What it is.</param>
/// <param name="Flags">What else is said of it.</param>
/// <param name="Stream">Its stream; 0 for the connection.</param>
internal readonly record struct FrameHead(int Length, FrameType Type, byte Flags, int Stream)
{
    public const int Size = 9;

    /// <summary>The most that follows where nobody has said more (section 6.5.2).</summary>
    public const int MostLength = 16 * 1024;

    /// <summary>Head and payload.</summary>
    public int Whole => Size + Length;

    public bool Has(byte flag) => (Flags & flag) != 0;

    public static FrameHead Read(ReadOnlySpan<byte> bytes) => new(
        (bytes[0] << 16) | BinaryPrimitives.ReadUInt16BigEndian(bytes[1..]),
        (FrameType)bytes[3],
        bytes[4],
        BinaryPrimitives.ReadInt32BigEndian(bytes[5..]) & int.MaxValue);

    public void Write(Span<byte> into)
    {
        BinaryPrimitives.WriteInt32BigEndian(into, (Length << 8) | (byte)Type);
        into[4] = Flags;
        BinaryPrimitives.WriteInt32BigEndian(into[5..], Stream);
    }
}
