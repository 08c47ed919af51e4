namespace Edge.Settings;

/// <summary>Collects every problem of one document, so that all of them are told at once.</summary>
internal sealed class ProblemList
{
    private readonly List<Problem> _problems = [];

    public IReadOnlyList<Problem> All => _problems;

    public bool Any => _problems.Count > 0;

    public void Add(Problem problem) => _problems.Add(problem);

    public void Add(Node at, string message, string? hint = null) =>
        _problems.Add(new Problem(at.File, at.Line, at.Path, message, hint));
}
