using System.Diagnostics.CodeAnalysis;
using Edge.Dns.Wire;

namespace Edge.Dns.Zones.MasterFile;

/// <summary>Hands the words of one record's data to the fields that read them, and keeps what they find wrong.</summary>
internal sealed class FieldReader(IReadOnlyList<ZoneFileToken> tokens, int next, Name origin, int line)
{
    private int _next = next;
    private int _line = line;

    /// <summary>What relative names are relative to.</summary>
    public Name Origin => origin;

    /// <summary>What made reading stop; null while all is well.</summary>
    public ZoneFileError? Error { get; private set; }

    /// <summary>What is allowed but probably a slip.</summary>
    public List<ZoneFileError> Warnings { get; } = [];

    public bool AtEnd => _next >= tokens.Count;

    /// <summary>The next word without taking it; an empty one at the end.</summary>
    public ZoneFileToken Peek => AtEnd ? new ZoneFileToken("", false, _line) : tokens[_next];

    /// <summary>How many words are left.</summary>
    public int Left => tokens.Count - _next;

    /// <summary>Takes the next word, or fails saying what is missing.</summary>
    public bool TryTake(string label, out ZoneFileToken token)
    {
        token = Peek;
        if (AtEnd)
        {
            return Fail($"the {label} is missing");
        }

        _next++;
        _line = token.Line;
        return true;
    }

    /// <summary>Notes what is wrong with the word taken last; always false, so that a field can return it.</summary>
    public bool Fail(string message, string? hint = null)
    {
        Error ??= new ZoneFileError(_line, message, hint);
        return false;
    }

    /// <summary>Takes a domain name in its master-file form.</summary>
    public bool TryTakeName(string label, [NotNullWhen(true)] out Name? name)
    {
        name = null;
        return TryTake(label, out var token) && TryReadName(token, label, out name);
    }

    /// <summary>Reads a word as a name relative to the origin, and warns where the trailing dot seems forgotten.</summary>
    public bool TryReadName(ZoneFileToken token, string label, [NotNullWhen(true)] out Name? name)
    {
        if (token.Text.AsSpan().ContainsAnyExceptInRange('\0', '\u007F'))
        {
            name = null;
            return Fail($"the {label} \"{ZoneFileReader.Display(token.Text)}\" is not ASCII", "write international names in their xn-- form");
        }

        if (!Name.TryParse(token.Text, origin, out name, out var error))
        {
            return Fail($"the {label} \"{ZoneFileReader.Display(token.Text)}\" is no domain name: {error}");
        }

        // The classic slip: "www.example.com" without its dot in the zone example.com is www.example.com.example.com.
        if (!origin.IsRoot && name.LabelCount >= 2 * origin.LabelCount
            && token.Text is not "@" && !token.Text.EndsWith('.')
            && Name.TryParse(token.Text, Name.Root, out var absolute, out _) && absolute.IsAtOrBelow(origin))
        {
            Warnings.Add(new ZoneFileError(token.Line, $"the {label} \"{token.Text}\" stands for {name}", $"did you mean \"{token.Text}.\" with a dot at its end?"));
        }

        return true;
    }
}
