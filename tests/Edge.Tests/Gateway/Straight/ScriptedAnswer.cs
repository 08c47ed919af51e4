using System.Text;

namespace Edge.Tests.Gateway.Straight;

/// <summary>What a destination sends.</summary>
/// <param name="Pieces">Each is written by itself.</param>
internal sealed record ScriptedAnswer(params byte[][] Pieces)
{
    /// <summary>The connection ends behind it.</summary>
    public bool Closes { get; init; }

    /// <summary>The connection is broken off behind it.</summary>
    public bool Resets { get; init; }

    /// <summary>Awaited behind each piece.</summary>
    public SemaphoreSlim? Next { get; init; }

    public static ScriptedAnswer Of(string text) => new(Encoding.Latin1.GetBytes(text));

    /// <summary>The same bytes, cut into pieces at these places.</summary>
    public static ScriptedAnswer Cut(byte[] bytes, IEnumerable<int> places)
    {
        int[] ends = [.. places.Where(place => place > 0 && place < bytes.Length).Distinct().Order(), bytes.Length];
        return new ScriptedAnswer([.. ends.Select((end, i) => bytes[(i == 0 ? 0 : ends[i - 1])..end])]);
    }
}
