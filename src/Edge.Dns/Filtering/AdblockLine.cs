using System.Text;
using System.Text.RegularExpressions;
using Edge.Dns.Wire;

namespace Edge.Dns.Filtering;

/// <summary>
/// Reads a line of the adblock syntax, as far as it can be about names: <c>||</c>, <c>|</c>, <c>^</c>, <c>*</c>,
/// <c>@@</c>, <c>/regular expression/</c> and the modifiers of <see cref="RuleModifiers"/>.
/// </summary>
internal sealed class AdblockLine(ListSyntax syntax, IRuleSink sink, int source)
{
    // Shorter ones match nearly everything.
    private const int ShortestPattern = 3;

    private const string MatchesAll = "matches nearly every name";

    // Each of them is tried for each question.
    private const int MostUnbound = 1000;

    // Rules that say more than a name are objects; names are not.
    private const int MostConditional = 100_000;

    private static readonly NameKeys Root = RootKeys();
    private int _unbound;
    private int _conditional;

    /// <summary>Whether the line is in this syntax.</summary>
    public static bool IsFor(ReadOnlySpan<byte> text) =>
        text[0] is (byte)'|' or (byte)'/' or (byte)'@' or (byte)'-' || text.ContainsAny("^$|/"u8) || (text.Contains((byte)'*') && !IsWildcardDomain(text));

    /// <summary>Whether it hides parts of pages, which is nothing for DNS.</summary>
    public static bool IsCosmetic(ReadOnlySpan<byte> text)
    {
        var mark = text.IndexOf((byte)'#');
        return (mark >= 0 && mark + 1 < text.Length && text[mark + 1] is (byte)'#' or (byte)'@' or (byte)'?' or (byte)'$' or (byte)'%') || text.IndexOf("$$"u8) > 0;
    }

    /// <summary>Reads a line.</summary>
    /// <param name="line">Its number.</param>
    /// <param name="text">Its text without blanks around it.</param>
    public void Read(int line, ReadOnlySpan<byte> text)
    {
        var allows = text.StartsWith("@@"u8);
        text = allows ? text[2..] : text;
        var kind = allows || syntax.Allows ? RuleKind.Allow : RuleKind.Block;
        var isExpression = text.StartsWith("/"u8) && text[1..].LastIndexOf((byte)'/') > 0;
        var patternEnd = isExpression ? text.LastIndexOf((byte)'/') + 1 : text.IndexOf((byte)'$');
        patternEnd = patternEnd < 0 ? text.Length : patternEnd;
        var rest = text[patternEnd..];
        if (!rest.IsEmpty && rest[0] != (byte)'$')
        {
            sink.Skip(line, null);
            return;
        }

        if (!RuleModifiers.TryRead(rest.IsEmpty ? "" : Encoding.UTF8.GetString(rest[1..]), out var modifiers, out var error))
        {
            sink.Skip(line, error);
            return;
        }

        kind |= modifiers.Important ? RuleKind.Important : 0;
        if (isExpression)
        {
            ReadExpression(line, Encoding.UTF8.GetString(text[1..(patternEnd - 1)]), kind, modifiers);
        }
        else
        {
            ReadPattern(line, text[..patternEnd], kind, modifiers);
        }
    }

    private void ReadExpression(int line, string expression, RuleKind kind, RuleModifiers modifiers)
    {
        try
        {
            // Without backtracking no expression takes longer than the name is long.
            var compiled = new Regex(expression, RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);
            if (OrdinaryNames.AllMatch(compiled.IsMatch))
            {
                sink.Skip(line, MatchesAll);
                return;
            }

            AddUnbound(line, modifiers.Condition(source, kind | RuleKind.Below, null, compiled));
        }
        catch (RegexParseException wrong)
        {
            sink.Skip(line, $"has a regular expression that cannot be read, at character {wrong.Offset}: {ShownText.Of(expression)}");
        }
        catch (NotSupportedException)
        {
            sink.Skip(line, $"has a regular expression that cannot be used: look-around and back-references are not supported, nor is a very large one: {ShownText.Of(expression)}");
        }
    }

    private void ReadPattern(int line, ReadOnlySpan<byte> pattern, RuleKind kind, RuleModifiers modifiers)
    {
        var start = TakeStart(ref pattern);
        var toEnd = TakeEnd(ref pattern, out var open);
        if (pattern.ContainsAny("/:?&=|^"u8))
        {
            // About addresses of pages; a name alone does not tell.
            sink.Skip(line, null);
            return;
        }

        // "||example.com" and "example.com^" are taken for "||example.com^": nobody means example.com.evil.example, or notexample.com.
        if (!open && IsPlain(pattern) && DomainText.TryRead(pattern, out var name) && (toEnd || name.Labels > 1))
        {
            Add(line, in name, kind | (start == GlobStart.Name ? 0 : RuleKind.Below), modifiers, null);
            return;
        }

        ReadGlob(line, start, pattern, toEnd, kind, modifiers);
    }

    private void ReadGlob(int line, GlobStart start, ReadOnlySpan<byte> pattern, bool toEnd, RuleKind kind, RuleModifiers modifiers)
    {
        var lower = new byte[pattern.Length];
        var literals = 0;
        for (var i = 0; i < pattern.Length; i++)
        {
            lower[i] = NameComparison.Lower(pattern[i]);
            if (!char.IsAsciiLetterOrDigit((char)lower[i]) && lower[i] is not ((byte)'-' or (byte)'_' or (byte)'.' or (byte)'*'))
            {
                sink.Skip(line, "is not a pattern for names");
                return;
            }

            literals += lower[i] == (byte)'*' ? 0 : 1;
        }

        if (literals < ShortestPattern)
        {
            sink.Skip(line, MatchesAll);
            return;
        }

        var pieces = new List<byte[]>();
        var isOpen = lower[^1] == (byte)'*';
        foreach (var piece in new ReadOnlySpan<byte>(lower).Split((byte)'*'))
        {
            pieces.Add(lower[piece]);
        }

        if (isOpen)
        {
            pieces.RemoveAt(pieces.Count - 1);
        }

        var glob = new GlobPattern(start, [.. pieces], toEnd && !isOpen);
        if (OrdinaryNames.AllMatch(name => glob.Matches(Encoding.ASCII.GetBytes(name))))
        {
            sink.Skip(line, MatchesAll);
            return;
        }

        var last = pieces[^1].AsSpan();
        // The domain that such a name must lie in finds the rule at no cost; only the others have to be tried one by one.
        if (toEnd && !isOpen && last.IndexOf((byte)'.') is >= 0 and var dot && DomainText.TryRead(last[(dot + 1)..], out var domain))
        {
            Add(line, in domain, kind | RuleKind.Below, modifiers, glob);
        }
        else
        {
            AddUnbound(line, modifiers.Condition(source, kind | RuleKind.Below, glob, null));
        }
    }

    private void Add(int line, ref readonly NameKeys name, RuleKind kind, RuleModifiers modifiers, GlobPattern? pattern)
    {
        if ((modifiers.HasConditions || pattern is not null) && ++_conditional > MostConditional)
        {
            sink.Skip(line, $"is one rule with conditions more than the {MostConditional} that a list may have");
        }
        else if (modifiers.HasConditions || pattern is not null)
        {
            sink.Add(line, in name, modifiers.Condition(source, kind, pattern, null));
        }
        else
        {
            sink.Add(line, in name, kind);
        }
    }

    private void AddUnbound(int line, ConditionalRule rule)
    {
        if (++_unbound > MostUnbound)
        {
            sink.Skip(line, $"is one rule that is bound to no domain more than the {MostUnbound} that a list may have");
        }
        else
        {
            sink.Add(line, in Root, rule);
        }
    }

    private static GlobStart TakeStart(ref ReadOnlySpan<byte> pattern)
    {
        var start = pattern.StartsWith("||"u8) ? GlobStart.Label : pattern.StartsWith("|"u8) || pattern.StartsWith("://"u8) ? GlobStart.Name : GlobStart.Anywhere;
        pattern = pattern.TrimStart((byte)'|');
        foreach (var scheme in (ReadOnlySpan<string>)["https", "http"])
        {
            if (pattern.StartsWith(Encoding.ASCII.GetBytes(scheme + "://")))
            {
                pattern = pattern[scheme.Length..];
                start = start == GlobStart.Anywhere ? GlobStart.Name : start;
            }
        }

        pattern = pattern.StartsWith("://"u8) ? pattern[3..] : pattern;
        return start;
    }

    // "^" stands for what ends a host in an address: its end, for a name. Open: "*" stands behind it.
    private static bool TakeEnd(ref ReadOnlySpan<byte> pattern, out bool open)
    {
        open = pattern.EndsWith("*"u8) && !pattern.EndsWith("^*"u8);
        var whole = pattern.Length;
        pattern = pattern.EndsWith("^*"u8) ? pattern[..^2] : pattern;
        pattern = pattern.EndsWith("|"u8) ? pattern[..^1] : pattern;
        pattern = pattern.EndsWith("^"u8) ? pattern[..^1] : pattern;
        return pattern.Length < whole;
    }

    private static bool IsPlain(ReadOnlySpan<byte> pattern) => pattern.Length > 0 && pattern[0] != (byte)'-' && pattern[^1] != (byte)'.';

    private static bool IsWildcardDomain(ReadOnlySpan<byte> text) => text.StartsWith("*."u8) && !text[2..].Contains((byte)'*');

    private static NameKeys RootKeys()
    {
        NameKeys.Read([0], out var root);
        return root;
    }
}
