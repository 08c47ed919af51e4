namespace Edge.Dns.Filtering;

/// <summary>All rules about one name. Names with the same rules of the same sources share one.</summary>
internal sealed class NameRules
{
    public static readonly NameRules None = new();

    /// <summary>Those for the name itself, whether they reach below it or not.</summary>
    public RuleHits Here;

    /// <summary>Those that reach below it.</summary>
    public RuleHits Below;

    /// <summary>Those that say more than a name.</summary>
    public ConditionalRule[] Conditional { get; init; } = [];

    public NameRules With(RuleKind kind, int source)
    {
        var rules = new NameRules { Here = Here, Below = Below, Conditional = Conditional };
        rules.Here.Add(kind, source);
        if ((kind & RuleKind.Below) != 0)
        {
            rules.Below.Add(kind, source);
        }

        return rules;
    }

    /// <summary>Whether a rule that was added was there already.</summary>
    public bool SaysTheSame(NameRules before) => Here.Equals(before.Here) && Below.Equals(before.Below);

    public NameRules With(ConditionalRule rule) => new() { Here = Here, Below = Below, Conditional = [.. Conditional, rule] };
}
