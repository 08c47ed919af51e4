using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Edge.Dns.Zones.RecordData;

namespace Edge.Dns.Update;

/// <summary>Names and types that the owner of a key may change.</summary>
/// <param name="Names">The names.</param>
/// <param name="Types">
/// The types; <see cref="RecordType.ANY"/> is every type. Empty: every type but those that decide who answers for a zone
/// and whom to believe (SOA, NS, DNAME, DS, DNSKEY and their kin), which have to be named.
/// </param>
public sealed record UpdateRule(UpdateNames Names, ImmutableArray<RecordType> Types)
{
    /// <summary>Reads the short form: a name pattern, then types: "*.dyn.example.com A AAAA".</summary>
    /// <param name="text">The rule.</param>
    /// <param name="key">The key's own name, for "self".</param>
    /// <param name="rule">The rule.</param>
    /// <param name="error">What is wrong with it.</param>
    public static bool TryParse(string text, Name key, [NotNullWhen(true)] out UpdateRule? rule, [NotNullWhen(false)] out string? error)
    {
        rule = null;
        var words = text.Split([' ', '\t', ','], StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0)
        {
            error = "is empty; it holds a name and perhaps types, such as *.dyn.example.com A AAAA";
            return false;
        }

        if (!UpdateNames.TryParse(words[0], key, out var names, out error))
        {
            return false;
        }

        var types = ImmutableArray.CreateBuilder<RecordType>();
        foreach (var word in words.Skip(1))
        {
            if (!TryParseType(word, out var type))
            {
                error = $"\"{word}\" is not a record type; a rule is one name and then types, such as *.dyn.example.com A AAAA";
                return false;
            }

            types.Add(type);
        }

        rule = new UpdateRule(names, types.ToImmutable());
        error = null;
        return true;
    }

    /// <summary>Reads the name of a type that a rule may be about: any that zones hold, or ANY.</summary>
    public static bool TryParseType(string text, out RecordType type) =>
        RecordText.TryParseType(text, out type) && (type == RecordType.ANY || !RecordTypeText.IsMeta(type));

    /// <summary>Whether the rule is about this set.</summary>
    public bool Covers(Name owner, RecordType type) =>
        (Types.IsEmpty ? !UpdateTypes.IsDelicate(type) : Types.Contains(type) || Types.Contains(RecordType.ANY)) && Names.Matches(owner);

    /// <inheritdoc/>
    public bool Equals(UpdateRule? other) => other is not null && Names == other.Names && Types.SequenceEqual(other.Types);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Names, Types.Length);
}
