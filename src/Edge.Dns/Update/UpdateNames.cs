using System.Diagnostics.CodeAnalysis;
using Edge.Dns.Wire;

namespace Edge.Dns.Update;

/// <summary>
/// Names that a rule is about. "www.example.com" is that name; a label "*" stands for one label or more, so that
/// "*.example.com" is every name below example.com and "_acme-challenge.*.example.com" the challenges of all of them; a
/// "*" within a label stands for any letters; "*" alone is every name. "self" is the name of the key.
/// </summary>
public sealed record UpdateNames
{
    private const string Self = "self";

    private readonly Name _pattern;

    private UpdateNames(Name pattern) => _pattern = pattern;

    /// <summary>Reads a pattern.</summary>
    /// <param name="text">The pattern, with or without a dot at its end.</param>
    /// <param name="key">The key's own name, for "self".</param>
    /// <param name="names">The names.</param>
    /// <param name="error">What is wrong with it.</param>
    public static bool TryParse(string text, Name key, [NotNullWhen(true)] out UpdateNames? names, [NotNullWhen(false)] out string? error)
    {
        names = null;
        var isSelf = text == Self || text.EndsWith("." + Self, StringComparison.Ordinal);
        if (isSelf && key.LabelCount < 2)
        {
            error = $"\"{text}\" means the name of the key, and \"{key.ToHostString()}\" is the name of no host: name the key like the host, laptop.dyn.example.com";
            return false;
        }

        var origin = isSelf ? key : Name.Root;
        var own = !isSelf ? text : text.Length == Self.Length ? "@" : text[..^(Self.Length + 1)];
        if (!Name.TryParse(own, origin, out var pattern, out var wrong))
        {
            error = $"\"{text}\" is not a name: {wrong}";
            return false;
        }

        (names, error) = (new UpdateNames(pattern), null);
        return true;
    }

    /// <summary>Whether the name is one of them.</summary>
    public bool Matches(Name name) => Matches(_pattern.Wire, name.Wire);

    /// <inheritdoc/>
    public override string ToString() => _pattern.ToHostString();

    private static bool Matches(ReadOnlySpan<byte> pattern, ReadOnlySpan<byte> name)
    {
        if (pattern[0] == 0 || name[0] == 0)
        {
            // The root has no label that a "*" could stand for.
            return pattern[0] == name[0];
        }

        var label = pattern.Slice(1, pattern[0]);
        var rest = name[(name[0] + 1)..];
        var below = pattern[(pattern[0] + 1)..];
        if (label is not [(byte)'*'])
        {
            return MatchesLabel(label, name.Slice(1, name[0])) && Matches(below, rest);
        }

        for (; ; rest = rest[(rest[0] + 1)..])
        {
            if (Matches(below, rest))
            {
                return true;
            }

            if (rest[0] == 0)
            {
                return false;
            }
        }
    }

    private static bool MatchesLabel(ReadOnlySpan<byte> pattern, ReadOnlySpan<byte> label)
    {
        var star = pattern.IndexOf((byte)'*');
        if (star < 0)
        {
            return NameComparison.Equal(pattern, label);
        }

        if (label.Length < star || !NameComparison.Equal(pattern[..star], label[..star]))
        {
            return false;
        }

        for (var from = star; from <= label.Length; from++)
        {
            if (MatchesLabel(pattern[(star + 1)..], label[from..]))
            {
                return true;
            }
        }

        return false;
    }
}
