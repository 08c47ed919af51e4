using System.Collections.Immutable;

namespace Edge.Outward;

/// <summary>
/// The TXT record beside a name that says whose it is, in the manner of external-dns: without it, what is there is somebody
/// else's and is let alone. The id of the box decides; its name is there for who reads it, since many boxes have the same.
/// </summary>
/// <param name="box">The id of this box.</param>
/// <param name="owner">The name of this box, such as "nas.example.com".</param>
internal sealed class OwnershipMark(string box, string owner)
{
    /// <summary>Where the mark stands: below the name, so that the name may have texts of its own, and be an alias before.</summary>
    public const string Label = "_edge";

    private const string Heritage = "heritage=edge,";

    // One string of a TXT record has 255 bytes (RFC 1035 §3.3). The end of a very long name is what is left out.
    private const int MostText = 255;

    private readonly string _beginning = $"{Heritage}box={box},";

    /// <summary>What it says.</summary>
    public string Text { get; } = $"{Heritage}box={box},owner={owner}" is { Length: > MostText } tooLong ? tooLong[..MostText] : $"{Heritage}box={box},owner={owner}";

    /// <summary>What it said before boxes had ids.</summary>
    public string Former { get; } = $"{Heritage}owner={owner}";

    public static string NameOf(string host) => $"{Label}.{host}";

    /// <summary>Tells the marks of this box from those of others.</summary>
    /// <param name="texts">The texts at the mark's name, with quotes or without.</param>
    /// <param name="hasSent">Whether this box remembers that the name took what it sent: only then a mark of the former form is its own, for every box of that name had the same.</param>
    public FoundMarks Find(IEnumerable<string> texts, bool hasSent)
    {
        ImmutableArray<string> all = [.. texts.Select(text => text.Replace("\"", "", StringComparison.Ordinal))];
        var isFormerOurs = hasSent || all.Any(IsOfThisBox);
        bool IsOurs(string text) => IsOfThisBox(text) || (isFormerOurs && text == Former);
        return new FoundMarks(
            this,
            [.. all.Where(IsOurs)],
            [.. all.Where(text => text.StartsWith(Heritage, StringComparison.Ordinal) && !IsOurs(text))],
            [.. all.Where(text => !text.StartsWith(Heritage, StringComparison.Ordinal))]);
    }

    private bool IsOfThisBox(string text) => text.StartsWith(_beginning, StringComparison.Ordinal);
}
