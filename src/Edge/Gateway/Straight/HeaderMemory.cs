using System.Text;

namespace Edge.Gateway.Straight;

/// <summary>
/// The headers of a destination's last answer, which the next one mostly repeats: the strings made for them are used
/// again. For one reader at a time.
/// </summary>
internal sealed class HeaderMemory
{
    // What is longer, or comes later, is seldom the same twice.
    private const int Most = 16;
    private const int Longest = 64;

    private readonly string?[] _names = new string?[Most];
    private readonly string?[] _values = new string?[Most];

    /// <param name="index">The how many-th header it is.</param>
    /// <param name="name">ASCII.</param>
    public string Name(int index, ReadOnlySpan<byte> name) => Text(_names, index, name, HeaderTexts.Find(name));

    /// <param name="index">The how many-th header it is.</param>
    /// <param name="value">Any bytes, each of which is a character.</param>
    public string Value(int index, ReadOnlySpan<byte> value) => Text(_values, index, value, null);

    private static string Text(string?[] known, int index, ReadOnlySpan<byte> text, string? common)
    {
        if (index < Most && known[index] is { } last && Ascii.Equals(text, last))
        {
            return last;
        }

        var made = common ?? Encoding.Latin1.GetString(text);
        if (index < Most && text.Length <= Longest)
        {
            known[index] = made;
        }

        return made;
    }
}
