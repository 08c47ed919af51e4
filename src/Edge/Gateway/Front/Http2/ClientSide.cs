using System.Buffers.Binary;
using Edge.Connections;

namespace Edge.Gateway.Front.Http2;

/// <summary>What a client has said of itself, and the way to it.</summary>
internal sealed class ClientSide(FrameOutput output, EventLoop loop)
{
    // What every client has at the beginning (RFC 7541 section 4.2).
    private const uint UsualTable = 4096;

    private const int SettingSize = 6;

    public FrameOutput Output => output;

    public EventLoop Loop => loop;

    /// <summary>What it takes over all streams.</summary>
    public SendWindow Window { get; } = new();

    /// <summary>What may be written of bodies now.</summary>
    public long Room => output.IsFull ? 0 : Window.Left;

    /// <summary>The streams that wait for <see cref="Room"/>.</summary>
    public RoomQueue Waiting { get; } = new();

    /// <summary>What it takes of a stream that begins.</summary>
    public int InitialWindow { get; private set; } = SendWindow.Initial;

    /// <summary>The next block of fields has to say first that no table is used: the client has made its table smaller (RFC 7541 section 4.2).</summary>
    public bool OwesNoTable { get; set; }

    /// <summary>Reads its settings (RFC 9113 section 6.5).</summary>
    /// <returns>By how much the windows of the streams that are there change.</returns>
    /// <exception cref="ConnectionFault">They may not be.</exception>
    public int Read(ReadOnlySpan<byte> payload)
    {
        if (payload.Length % SettingSize != 0)
        {
            throw new ConnectionFault(ErrorCode.FrameSize, "Settings of no whole number.");
        }

        var before = InitialWindow;
        for (; !payload.IsEmpty; payload = payload[SettingSize..])
        {
            Take((Setting)BinaryPrimitives.ReadUInt16BigEndian(payload), BinaryPrimitives.ReadUInt32BigEndian(payload[2..]));
        }

        return InitialWindow - before;
    }

    /// <summary>Writes fields in as many frames as they need (section 6.10).</summary>
    public void Headers(int stream, bool endsStream, ReadOnlySpan<byte> block)
    {
        if (OwesNoTable)
        {
            OwesNoTable = false;
            var whole = new byte[block.Length + 1];
            new FieldWriter(whole).NoTable();
            block.CopyTo(whole.AsSpan(1));
            block = whole;
        }

        var type = FrameType.Headers;
        var flags = endsStream ? FrameFlags.EndStream : FrameFlags.None;
        while (block.Length > FrameHead.MostLength)
        {
            output.Frame(type, flags, stream, block[..FrameHead.MostLength]);
            (type, flags) = (FrameType.Continuation, FrameFlags.None);
            block = block[FrameHead.MostLength..];
        }

        output.Frame(type, (byte)(flags | FrameFlags.EndHeaders), stream, block);
    }

    private void Take(Setting setting, uint value)
    {
        switch (setting)
        {
            case Setting.HeaderTableSize:
                OwesNoTable |= value < UsualTable;
                break;
            case Setting.EnablePush when value > 1:
                throw new ConnectionFault(ErrorCode.Protocol, "A setting that may not be.");
            case Setting.InitialWindowSize when value > int.MaxValue:
                throw new ConnectionFault(ErrorCode.FlowControl, "A window that is too large.");
            case Setting.InitialWindowSize:
                InitialWindow = (int)value;
                break;
            case Setting.MaxFrameSize when value is < FrameHead.MostLength or > 0xFFFFFF:
                throw new ConnectionFault(ErrorCode.Protocol, "A setting that may not be.");
        }
    }
}
