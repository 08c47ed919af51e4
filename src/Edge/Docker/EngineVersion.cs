using System.Globalization;

namespace Edge.Docker;

/// <summary>A version of the engine's API: 1.41.</summary>
internal sealed record EngineVersion(int Major, int Minor) : IComparable<EngineVersion>
{
    /// <summary>The oldest that has all that is asked for.</summary>
    public static readonly EngineVersion Least = new(1, 24);

    /// <summary>The newest that was looked at.</summary>
    public static readonly EngineVersion Most = new(1, 51);

    /// <summary>Reads "1.41"; null for anything else.</summary>
    public static EngineVersion? Parse(string text)
    {
        var parts = text.Split('.');
        return parts.Length == 2 && Number(parts[0]) is { } major && Number(parts[1]) is { } minor ? new EngineVersion(major, minor) : null;
    }

    /// <summary>What to speak with an engine that speaks this and less.</summary>
    /// <exception cref="EngineException">There is none.</exception>
    public EngineVersion Spoken => CompareTo(Least) < 0
        ? throw new EngineException($"speaks API version {this}; {Least} is the oldest that will do")
        : CompareTo(Most) > 0 ? Most : this;

    public int CompareTo(EngineVersion? other) => other is null ? 1 : Major != other.Major ? Major.CompareTo(other.Major) : Minor.CompareTo(other.Minor);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Major}.{Minor}");

    private static int? Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number < 1000 ? number : null;
}
