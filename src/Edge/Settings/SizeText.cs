using System.Globalization;

namespace Edge.Settings;

/// <summary>Amounts of bytes as people write them: 512KB, 8MB, 1GB, in steps of 1024; a bare number is bytes.</summary>
internal static class SizeText
{
    private static readonly (string Unit, int Shift)[] Units = [("KB", 10), ("MB", 20), ("GB", 30), ("K", 10), ("M", 20), ("G", 30), ("B", 0), ("", 0)];

    public static long? Parse(string text)
    {
        var unit = Units.First(unit => text.EndsWith(unit.Unit, StringComparison.OrdinalIgnoreCase));
        var number = text.AsSpan(0, text.Length - unit.Unit.Length).TrimEnd();
        return int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? (long)count << unit.Shift : null;
    }
}
