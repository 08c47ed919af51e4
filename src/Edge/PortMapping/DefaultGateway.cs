using System.Buffers.Binary;
using System.Globalization;
using System.Net;

namespace Edge.PortMapping;

/// <summary>The router that this machine sends to by default, as the kernel's table of routes says.</summary>
internal static class DefaultGateway
{
    private const string Table = "/proc/net/route";

    // RTF_UP and RTF_GATEWAY (linux/route.h).
    private const int IsUp = 0x1;
    private const int HasGateway = 0x2;

    /// <summary>Null when there is none.</summary>
    public static IPAddress? Current()
    {
        try
        {
            return Read(File.ReadAllText(Table));
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The default route with the least metric: a line is Iface, Destination, Gateway, Flags, RefCnt, Use, Metric, Mask, …</summary>
    public static IPAddress? Read(string table) => table.Split('\n').Skip(1)
        .Select(line => line.Split('\t', StringSplitOptions.TrimEntries))
        .Where(words => words.Length > 7 && words[1] == "00000000" && words[7] == "00000000" && (Number(words[3]) & (IsUp | HasGateway)) == (IsUp | HasGateway))
        .OrderBy(words => int.TryParse(words[6], NumberStyles.None, CultureInfo.InvariantCulture, out var metric) ? metric : int.MaxValue)
        .Select(words => Address(words[2]))
        .FirstOrDefault();

    private static uint Number(string hex) => uint.TryParse(hex, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var number) ? number : 0;

    // In the order of bytes of the machine, as it lies in memory.
    private static IPAddress Address(string hex)
    {
        var bytes = new byte[4];
        if (BitConverter.IsLittleEndian)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes, Number(hex));
        }
        else
        {
            BinaryPrimitives.WriteUInt32BigEndian(bytes, Number(hex));
        }

        return new IPAddress(bytes);
    }
}
