using Edge.Dns.Files;

namespace Edge.Settings;

/// <summary>Collects every problem of one document, so that all of them are told at once.</summary>
internal sealed class ProblemList
{
    private readonly List<Problem> _problems = [];
    private readonly List<Remark> _remarks = [];
    private readonly SortedDictionary<string, string> _files = new(StringComparer.Ordinal);

    public IReadOnlyList<Problem> All => _problems;

    /// <summary>What is no problem at a start, but good to know; see <see cref="Remark"/>.</summary>
    public IReadOnlyList<Remark> Remarks => _remarks;

    /// <summary>The files that were read for the document, itself among them, or could not be: their full paths, and their state just before.</summary>
    public IReadOnlyDictionary<string, string> Files => _files;

    public bool Any => _problems.Count > 0;

    /// <summary>Takes note of a file that is read for the document.</summary>
    public void Reads(string path) => _files.TryAdd(path, FileFingerprint.Of(path));

    public void Add(Problem problem) => _problems.Add(problem);

    public void Add(Node at, string message, string? hint = null) =>
        _problems.Add(new Problem(at.File, at.Line, at.Path, message, hint));

    /// <summary>Notes what only <c>edge check</c> says.</summary>
    public void Note(Node at, string message, string? hint = null, bool isMistake = false) =>
        _remarks.Add(new Remark(new Problem(at.File, at.Line, at.Path, message, hint), isMistake));
}
