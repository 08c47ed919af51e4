using System.Buffers;
using System.Text.RegularExpressions;

namespace Edge.Services.Routing;

/// <summary>What people write into routes that is more than a word: names of headers, regular expressions.</summary>
internal static class PatternText
{
    public const int LongestExpression = 256;

    /// <summary>
    /// How every expression runs: in time linear to the text, whatever stands in it (no backtracking), and without code
    /// made at run time, of which a program compiled ahead of time has none.
    /// </summary>
    public const RegexOptions Options = RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant;

    private static readonly SearchValues<char> TokenLetters = SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <summary>Whether the text is a token (RFC 9110 section 5.6.2): a method, the name of a header.</summary>
    public static bool IsToken(string text) => text.Length is > 0 and <= 64 && !text.AsSpan().ContainsAnyExcept(TokenLetters);

    /// <summary>What is wrong with a regular expression; null when nothing is.</summary>
    public static string? WrongExpression(string text)
    {
        if (text.Length is 0 or > LongestExpression)
        {
            return $"is {text.Length} characters long; a regular expression of 1 to {LongestExpression} is needed";
        }

        try
        {
            _ = new Regex(text, Options);
            return null;
        }
        catch (NotSupportedException)
        {
            return $"\"{text}\" needs what costs more than linear time (a look around, a back reference, an atomic group, or very many repetitions)";
        }
        catch (RegexParseException wrong)
        {
            return $"\"{text}\" is not a regular expression: {wrong.Message}";
        }
    }
}
