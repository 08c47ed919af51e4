using System.Globalization;
using System.Runtime.InteropServices;

namespace Edge.Dns.Files;

/// <summary>What tells that a file is another than before without reading it.</summary>
public static partial class FileFingerprint
{
    /// <summary>The fingerprint of what is no readable regular file.</summary>
    public const string None = "-";

    private const int WorkingFolder = -100;
    private const uint BasicStats = 0x7FF;

    /// <summary>
    /// Inode, length, time of change of the content and of the inode. An editor that writes a new file and renames it
    /// over the old one may keep length and content time, never the other two. Links are followed, because mounted
    /// configuration is a chain of links whose last target is swapped.
    /// </summary>
    public static string Of(string path)
    {
        try
        {
            return OperatingSystem.IsLinux() ? Linux(path) : Portable(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return None;
        }
        catch (Exception error) when (error is EntryPointNotFoundException or DllNotFoundException)
        {
            return Portable(path);
        }
    }

    // The platform's own FileInfo knows neither inode nor its time, and does not follow links.
    private static string Linux(string path)
    {
        Span<byte> stat = stackalloc byte[256];
        if (Statx(WorkingFolder, path, 0, BasicStats, ref MemoryMarshal.GetReference(stat)) != 0
            || (Read16(stat[28..]) & 0xF000) != 0x8000)
        {
            return None;
        }

        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Read64(stat[32..])}/{Read64(stat[40..])}/{Read64(stat[112..])}.{Read32(stat[120..])}/{Read64(stat[96..])}.{Read32(stat[104..])}");
    }

    private static string Portable(string path)
    {
        var file = new FileInfo(path);
        var target = file.LinkTarget is null ? file : file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo;
        return target is { Exists: true }
            ? string.Create(CultureInfo.InvariantCulture, $"{target.LastWriteTimeUtc.Ticks}/{target.Length}/{target.CreationTimeUtc.Ticks}")
            : None;
    }

    private static ushort Read16(ReadOnlySpan<byte> at) => BitConverter.ToUInt16(at);

    private static uint Read32(ReadOnlySpan<byte> at) => BitConverter.ToUInt32(at);

    private static ulong Read64(ReadOnlySpan<byte> at) => BitConverter.ToUInt64(at);

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int folder, string path, int flags, uint mask, ref byte result);
}
