using System.Runtime.CompilerServices;
using Edge.Dns.Wire;

namespace Edge.Dns.Filtering;

/// <summary>The rules of all sources in one immutable set: one walk over a name's labels finds every rule about it.</summary>
internal sealed class RuleSet(PackedNames names, NameRules[] rules, ConditionalRule[] everywhere)
{
    public static readonly RuleSet Empty = new RuleSetBuilder().Build();

    /// <summary>Names that have rules.</summary>
    public int NameCount => names.Count;

    /// <summary>Bytes that the names take.</summary>
    public long Bytes => names.Bytes;

    /// <summary>Whether some rules hold for some clients only.</summary>
    public bool DependsOnClient { get; } = rules.SelectMany(rule => rule.Conditional).Concat(everywhere).Any(rule => !rule.Clients.IsEmpty || !rule.OtherClients.IsEmpty);

    public bool IsEmpty => names.Count == 0 && everywhere.Length == 0;

    /// <summary>Which sources have which rules about a question. Allocates nothing.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="type">Its type.</param>
    /// <param name="client">Who asks.</param>
    /// <param name="active">The sources that count.</param>
    [SkipLocalsInit]
    public RuleHits Find(ref readonly NameKeys name, RecordType type, UInt128 client, UInt128 active)
    {
        var hits = default(RuleHits);
        Span<byte> text = stackalloc byte[Name.MaxWireLength];
        var length = -1;
        // A top-level domain is seldom in a list; and of most domains nothing is, which one bit tells.
        var suffix = name.Labels - (names.HasTopLevel ? 1 : 2);
        for (; suffix >= 0 && (suffix != name.Labels - 2 || names.MayHaveDomain(in name)); suffix--)
        {
            var found = names.Find(in name, suffix);
            if (found < 0)
            {
                continue;
            }

            var about = rules[found];
            hits.Add(suffix == 0 ? about.Here : about.Below);
            foreach (var rule in about.Conditional)
            {
                if (suffix == 0 || (rule.Kind & RuleKind.Below) != 0)
                {
                    Try(rule, in name, text, ref length, type, client, active, ref hits);
                }
            }
        }

        foreach (var rule in everywhere)
        {
            Try(rule, in name, text, ref length, type, client, active, ref hits);
        }

        return hits;
    }

    private static void Try(ConditionalRule rule, ref readonly NameKeys name, Span<byte> text, ref int length, RecordType type, UInt128 client, UInt128 active, ref RuleHits hits)
    {
        if ((active >> rule.Source & UInt128.One) == 0)
        {
            return;
        }

        length = length < 0 ? name.WriteText(text) : length;
        if (rule.Matches(in name, text[..length], type, client))
        {
            hits.Add(rule.Kind, rule.Source);
        }
    }
}
