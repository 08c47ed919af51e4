using System.Text.RegularExpressions;
using Edge.Services.Routing;
using Microsoft.AspNetCore.Http;

namespace Edge.Gateway;

/// <summary>
/// Compares a request's path with the pattern of a service's route: decoded, without dot segments, and in any case of
/// letters, as YARP does.
/// </summary>
internal sealed class PathTest
{
    // More than any path has: each segment is a digit of the precedence.
    private const int MostDigits = 26;

    private readonly PathPattern _pattern;
    private readonly string _read;
    private readonly Regex? _expression;

    public PathTest(PathPattern pattern)
    {
        (_pattern, _read) = (pattern, pattern.Kind == PathKind.Regex ? "" : PathReading.OfPattern(pattern.Text));
        _expression = pattern.Kind == PathKind.Regex ? new Regex(pattern.Text, PatternText.Options) : null;
        Precedence = PrecedenceOf(pattern);
    }

    /// <summary>Where it stands among ASP.NET's precedences of templates: a whole path, then expressions, then the longest prefix.</summary>
    public decimal Precedence { get; }

    /// <summary>Every path passes.</summary>
    public bool TakesEverything => _pattern is { Kind: PathKind.Prefix, Text: "" };

    /// <summary>Paths that pass, to try it out; none for an expression.</summary>
    public IEnumerable<string> SamplePaths => _pattern.Kind switch
    {
        PathKind.Regex => [],
        PathKind.Prefix => [_pattern.Text.Length == 0 ? "/" : _pattern.Text, _pattern.Text + "/x"],
        _ => [_pattern.Text],
    };

    /// <param name="path">The request's path.</param>
    /// <param name="read">How it may be read, see <see cref="PathReading"/>; null to go by the path as it stands.</param>
    public bool Matches(PathString path, string? read)
    {
        var asked = read ?? (path.HasValue ? path.Value! : "/");
        return Matches(asked, _pattern.Text) || (read is not null && Matches(asked, _read));
    }

    private bool Matches(string asked, string pattern) => _pattern.Kind switch
    {
        PathKind.Regex => _expression!.IsMatch(asked),
        PathKind.Prefix => asked.StartsWith(pattern, StringComparison.OrdinalIgnoreCase) && (asked.Length == pattern.Length || asked[pattern.Length] == '/'),
        _ => asked.Equals(pattern, StringComparison.OrdinalIgnoreCase),
    };

    // ASP.NET gives each segment a digit, 1 for a literal one and 5 for a rest: "/a/b" is 1.1 and "/a/{**rest}" 1.5.
    private static decimal PrecedenceOf(PathPattern pattern)
    {
        var segments = pattern.Text.Split('/', StringSplitOptions.RemoveEmptyEntries).Length;
        var (ones, last) = pattern.Kind switch
        {
            PathKind.Regex => (MostDigits, 2),
            PathKind.Prefix => (Math.Min(segments, MostDigits), 5),
            _ => (Math.Min(segments, MostDigits), 0),
        };
        var (precedence, unit) = (0m, 1m);
        for (var i = 0; i < ones; i++, unit /= 10)
        {
            precedence += unit;
        }

        return precedence + (last * unit);
    }
}
