using System.Globalization;
using Edge.Dns.Multicast;
using Edge.Names.Leases;

namespace Edge.Names.Multicast;

/// <summary>What a neighbour says of his service, made harmless.</summary>
internal static class FoundText
{
    private const int LongestPath = 200;

    /// <summary>One label made of the instance's name; of the host's where nothing is left of that.</summary>
    public static string Name(FoundInstance found) => Label(found.Instance) ?? Label(found.Host.ToHostString().Split('.')[0]) ?? "found";

    /// <summary>A terminal obeys control characters, a reader is fooled by marks of direction, and YAML takes two separators for the end of a line.</summary>
    public static string Shown(string text) => string.Concat(LeaseText.Shown(text).Select(c => char.GetUnicodeCategory(c) is
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator ? '?' : c));

    /// <summary>The page to begin with, from path= of its text (RFC 6763 §6; the key of _http._tcp); null for the root, and for what is no path.</summary>
    public static string? Path(FoundInstance found)
    {
        var said = found.Text.FirstOrDefault(text => text.StartsWith("path=", StringComparison.OrdinalIgnoreCase))?["path=".Length..].Split('?', '#')[0];
        return said is not { Length: > 1 and <= LongestPath } || said[0] != '/' || said[1] is '/' or '\\' || said.Any(c => c is <= ' ' or > '~' or '\\') ? null : Uri.UnescapeDataString(said);
    }

    private static string? Label(string text)
    {
        var letters = text.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-');
        var label = string.Join('-', string.Concat(letters).Split('-', StringSplitOptions.RemoveEmptyEntries));
        label = label[..Math.Min(label.Length, 63)].Trim('-');
        return label.Length > 0 ? label : null;
    }
}
