using System.Collections.Immutable;

namespace Edge.Dns.Filtering;

/// <summary>Counts the lines of a list, and keeps nothing of them but the first mistakes.</summary>
/// <param name="where">What stands before a line's number: "filters/mine.txt".</param>
internal sealed class ListTally(string where) : IRuleSink
{
    private const int MostProblems = 10;
    private readonly List<string> _problems = [];
    private int _rules;
    private int _notForNames;
    private int _unusable;

    public ListSummary Summary => new(_rules, _notForNames, _unusable, [.. _problems]);

    public void Add(int line, ref readonly NameKeys name, RuleKind kind) => _rules++;

    public void Add(int line, ref readonly NameKeys name, ConditionalRule rule) => _rules++;

    public void Skip(int line, string? why)
    {
        if (why is null)
        {
            _notForNames++;
            return;
        }

        _unusable++;
        if (_problems.Count < MostProblems)
        {
            _problems.Add($"{where}:{line}: {why}");
        }
    }
}
