using System.Buffers.Binary;

namespace Edge.Gateway.Front.Http2;

/// <summary>What the front says of itself: the same as the web server, which has part of the streams. A test compares them.</summary>
internal static class ServerSettings
{
    /// <summary>Streams that may be open at a time.</summary>
    public const int MostStreams = 100;

    private const int StreamWindow = 768 * 1024;
    private const int ConnectionWindow = 1024 * 1024;
    private const int MostHeaders = 32 * 1024;
    private const int SettingSize = 6;

    /// <summary>Says it.</summary>
    public static void Say(FrameOutput output)
    {
        Span<byte> settings = stackalloc byte[4 * SettingSize];
        Put(settings, Setting.MaxConcurrentStreams, MostStreams);
        Put(settings[SettingSize..], Setting.InitialWindowSize, StreamWindow);
        Put(settings[(2 * SettingSize)..], Setting.MaxHeaderListSize, MostHeaders);
        Put(settings[(3 * SettingSize)..], Setting.EnableConnectProtocol, 1);
        output.Frame(FrameType.Settings, FrameFlags.None, 0, settings);
        output.WindowUpdate(0, ConnectionWindow - SendWindow.Initial);
    }

    private static void Put(Span<byte> into, Setting setting, uint value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(into, (ushort)setting);
        BinaryPrimitives.WriteUInt32BigEndian(into[2..], value);
    }
}
