namespace Edge.Dns.Filtering;

/// <summary>Puts the rules of many sources into one <see cref="RuleSet"/>. For one thread.</summary>
internal sealed class RuleSetBuilder : IDisposable
{
    /// <summary>Sources that a set may have: each is a bit of a number.</summary>
    public const int MaxSources = 128;

    private readonly PackedNamesBuilder _names = new();
    private readonly List<NameRules> _rules = [NameRules.None];
    private readonly Dictionary<(int Before, RuleKind Kind, int Source), int> _steps = [];
    private readonly List<ConditionalRule> _everywhere = [];

    /// <summary>The sink for the rules of one source; what is read into it goes into the set.</summary>
    /// <param name="source">The number of the source.</param>
    /// <param name="tally">Counts them.</param>
    public IRuleSink For(int source, ListTally tally)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)source, (uint)MaxSources);
        return new Sink(this, source, tally);
    }

    public RuleSet Build() => new(_names.Build(), [.. _rules], [.. _everywhere]);

    public void Dispose() => _names.Dispose();

    // Few combinations of sources and kinds occur, each in very many names: they share it.
    private void Add(ref readonly NameKeys name, RuleKind kind, int source)
    {
        var before = Math.Max(0, _names.Find(in name, 0));
        if (!_steps.TryGetValue((before, kind, source), out var after))
        {
            var rules = _rules[before].With(kind, source);
            after = rules.SaysTheSame(_rules[before]) && before > 0 ? before : Append(rules);
            _steps.Add((before, kind, source), after);
        }

        if (after != before)
        {
            _names.Set(in name, after);
        }
    }

    private void Add(ref readonly NameKeys name, ConditionalRule rule)
    {
        if (name.Labels == 0)
        {
            _everywhere.Add(rule);
            return;
        }

        _names.Set(in name, Append(_rules[Math.Max(0, _names.Find(in name, 0))].With(rule)));
    }

    private int Append(NameRules rules)
    {
        _rules.Add(rules);
        return _rules.Count - 1;
    }

    private sealed class Sink(RuleSetBuilder set, int source, ListTally tally) : IRuleSink
    {
        public void Add(int line, ref readonly NameKeys name, RuleKind kind)
        {
            tally.Add(line, in name, kind);
            set.Add(in name, kind, source);
        }

        public void Add(int line, ref readonly NameKeys name, ConditionalRule rule)
        {
            tally.Add(line, in name, rule);
            set.Add(in name, rule);
        }

        public void Skip(int line, string? why) => tally.Skip(line, why);
    }
}
