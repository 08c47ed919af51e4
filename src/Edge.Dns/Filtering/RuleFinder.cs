using System.Runtime.CompilerServices;
using Edge.Dns.Wire;

namespace Edge.Dns.Filtering;

/// <summary>Finds the first line of a list that says of a question what was decided.</summary>
internal sealed class RuleFinder : IRuleSink
{
    private readonly byte[] _name;
    private readonly RecordType _type;
    private readonly UInt128 _client;
    private readonly RuleKind _decided;

    public RuleFinder(NameKeys name, RecordType type, UInt128 client, RuleKind decided)
    {
        (_name, _type, _client, _decided) = (name.Suffix(0).ToArray(), type, client, decided & (RuleKind.Allow | RuleKind.Important));
    }

    /// <summary>The line; 0 while none was found.</summary>
    public int Line { get; private set; }

    public void Add(int line, ref readonly NameKeys name, RuleKind kind)
    {
        if (Line == 0 && Decides(in name, kind))
        {
            Line = line;
        }
    }

    [SkipLocalsInit]
    public void Add(int line, ref readonly NameKeys name, ConditionalRule rule)
    {
        if (Line != 0 || !Decides(in name, rule.Kind))
        {
            return;
        }

        NameKeys.Read(_name, out var asked);
        Span<byte> text = stackalloc byte[Name.MaxWireLength];
        if (rule.Matches(in asked, text[..asked.WriteText(text)], _type, _client))
        {
            Line = line;
        }
    }

    public void Skip(int line, string? why)
    {
    }

    private bool Decides(ref readonly NameKeys name, RuleKind kind) =>
        (kind & (RuleKind.Allow | RuleKind.Important)) == _decided
        && ((kind & RuleKind.Below) != 0 ? NameComparison.IsAtOrBelow(_name, name.Suffix(0)) : NameComparison.Equal(_name, name.Suffix(0)));
}
