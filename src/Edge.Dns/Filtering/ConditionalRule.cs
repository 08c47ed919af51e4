using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Edge.Dns.Wire;

namespace Edge.Dns.Filtering;

/// <summary>A rule that says more than a name: a pattern, types, clients or exceptions. Lists have few of them.</summary>
internal sealed class ConditionalRule
{
    /// <summary>The source it is from.</summary>
    public required int Source { get; init; }

    public required RuleKind Kind { get; init; }

    /// <summary>What the text of the name must look like; null for no such condition.</summary>
    public GlobPattern? Pattern { get; init; }

    /// <summary>The same as a regular expression, of a kind that takes time in proportion to the name.</summary>
    public Regex? Expression { get; init; }

    /// <summary>The types it holds for, or all but those with <see cref="TypesExcluded"/>; empty for every type.</summary>
    public ImmutableArray<RecordType> Types { get; init; } = [];

    public bool TypesExcluded { get; init; }

    /// <summary>The clients it holds for; empty for all.</summary>
    public ImmutableArray<ClientNetwork> Clients { get; init; } = [];

    /// <summary>The clients it does not hold for.</summary>
    public ImmutableArray<ClientNetwork> OtherClients { get; init; } = [];

    /// <summary>Domains it does not hold for (<c>$denyallow</c>), each in wire form and lower case.</summary>
    public ImmutableArray<byte[]> Except { get; init; } = [];

    /// <summary>Whether it holds for a question, given that its name is the rule's or, where the rule reaches there, below it.</summary>
    /// <param name="keys">The name.</param>
    /// <param name="text">The name as text.</param>
    /// <param name="type">The type asked for.</param>
    /// <param name="client">Who asks.</param>
    public bool Matches(ref readonly NameKeys keys, ReadOnlySpan<byte> text, RecordType type, UInt128 client) =>
        (Types.IsEmpty || Types.Contains(type) != TypesExcluded)
        && (Clients.IsEmpty || Holds(Clients, client))
        && !Holds(OtherClients, client)
        && !IsExcepted(in keys)
        && Pattern?.Matches(text) != false
        && (Expression is null || MatchesExpression(text));

    private static bool Holds(ImmutableArray<ClientNetwork> networks, UInt128 client)
    {
        foreach (var network in networks)
        {
            if (network.Contains(client))
            {
                return true;
            }
        }

        return false;
    }

    private bool IsExcepted(ref readonly NameKeys keys)
    {
        foreach (var domain in Except)
        {
            for (var suffix = 0; suffix < keys.Labels; suffix++)
            {
                if (keys.Suffix(suffix).SequenceEqual(domain))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private bool MatchesExpression(ReadOnlySpan<byte> text)
    {
        Span<char> letters = stackalloc char[Name.MaxWireLength];
        for (var i = 0; i < text.Length; i++)
        {
            letters[i] = (char)text[i];
        }

        return Expression!.IsMatch(letters[..text.Length]);
    }
}
